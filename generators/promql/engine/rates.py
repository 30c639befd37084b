"""rate, increase, delta, irate, idelta, resets and changes over windows, with Prometheus' extrapolation.

Every function takes `Windows` and gives values [n × S] and presence ([S] or [n × S]).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from generators.promql.engine.results import Floats, Indices, Mask
from generators.promql.engine.windows import Windows, window_counts

Outcome: TypeAlias = tuple[Floats, Mask]

_FEW_RESETS = 16


def decreases(values: Floats) -> Mask:
    """Which samples are less than their predecessor, the mark of a counter reset [n × T]."""
    flags = np.zeros(values.shape, dtype=bool)
    np.less(values[:, 1:], values[:, :-1], out=flags[:, 1:])
    return flags


def _reset_corrections(windows: Windows) -> Floats | None:
    """What counter resets inside each window add to its increase [n × S]; None when there is no reset."""
    values = windows.values
    width = values.shape[1] - 1
    found = np.flatnonzero(values[:, 1:] < values[:, :-1])
    if not found.size:
        return None
    rows, before = np.divmod(found, width)
    if found.size > _FEW_RESETS * values.shape[0]:
        return _dense_corrections(windows, rows, before)
    first = np.searchsorted(windows.newest, before + 1, "left").tolist()
    stop = np.searchsorted(windows.oldest, before + 1, "left").tolist()
    corrections = np.zeros(windows.shape)
    for row, begin, end, lost in zip(rows.tolist(), first, stop, values[rows, before].tolist(), strict=True):
        corrections[row, begin:end] += lost
    return corrections


def _dense_corrections(windows: Windows, rows: Indices, before: Indices) -> Floats:
    """As above for many resets: those of each window are added from a list of all of them."""
    flags = np.zeros(windows.values.shape, dtype=np.int64)
    flags[rows, before + 1] = 1
    upto = np.cumsum(flags).reshape(flags.shape)
    begin, end = upto.take(windows.oldest, axis=1).ravel(), upto.take(windows.newest, axis=1).ravel()
    touched = np.flatnonzero(end > begin)
    sums = np.zeros(begin.size)
    if touched.size:
        lost = np.append(windows.values[rows, before], 0.0)
        bounds = np.stack((begin[touched], end[touched]), axis=1).ravel()
        sums[touched] = np.add.reduceat(lost, bounds)[::2]
    return sums.reshape(windows.shape)


def extrapolated(windows: Windows, *, counter: bool, per_second: bool, zero_first: bool) -> Outcome:
    """Increase (or rate) over each window, extrapolated to the window's edges.

    The edge is reached when it is within 1.1 average sample distances of the outermost sample; otherwise half a
    distance is added. A counter is not extrapolated below zero; ``zero_first`` applies that limit before the choice,
    as Prometheus did up to 2.x.
    """
    present = windows.counts >= 2
    if not present.any():
        return np.zeros(windows.shape), present
    oldest, newest = windows.oldest, windows.newest
    first, result = windows.take(oldest), windows.take(newest)
    result -= first
    corrections = _reset_corrections(windows) if counter else None
    if corrections is not None:
        result += corrections
    sampled = np.where(present, windows.times[newest] - windows.times[oldest], 1) / 1000
    average = sampled / np.maximum(windows.counts - 1, 1)
    to_start = (windows.times[oldest] - windows.starts) / 1000
    to_end = (windows.ends - windows.times[newest]) / 1000
    end = np.where(to_end >= average * 1.1, average / 2, to_end)
    start = np.where(to_start >= average * 1.1, average / 2, to_start)
    unit = windows.width / 1000 if per_second else 1.0
    limit = to_start if zero_first else start
    limited = (first * sampled < result * limit) & (first >= 0) if counter else None
    if limited is None or not limited.any():
        result *= (sampled + start + end) / sampled / unit
        return result, present
    at_zero = sampled * (first / result)
    if zero_first:
        at_zero = np.where(at_zero >= average * 1.1, average / 2, at_zero)
    result *= (sampled + np.where(limited, at_zero, start) + end) / sampled / unit
    return result, present


def instant_difference(windows: Windows, *, per_second: bool) -> Outcome:
    """Irate or idelta: from the last two samples of each window."""
    present = windows.counts >= 2
    newest = windows.newest
    before = np.maximum(newest - 1, 0)
    last, previous = windows.take(newest), windows.take(before)
    result = last - previous
    if not per_second:
        return result, present
    result = np.where(last < previous, last, result)
    interval = np.where(present, windows.times[newest] - windows.times[before], 1)
    return result / (interval / 1000), present


def resets(windows: Windows) -> Outcome:
    """Number of counter resets in each window."""
    return window_counts(decreases(windows.values), windows), windows.counts > 0


def changes(windows: Windows) -> Outcome:
    """Number of times that the value changes in each window; NaN after NaN is no change."""
    values = windows.values
    flags = np.zeros(values.shape, dtype=bool)
    previous, current = values[:, :-1], values[:, 1:]
    flags[:, 1:] = (current != previous) & ~(np.isnan(current) & np.isnan(previous))
    return window_counts(flags, windows), windows.counts > 0
