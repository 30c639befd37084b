"""rate, increase, delta, irate, idelta, resets and changes over windows, with Prometheus' extrapolation.

Every function takes `Windows` and gives values [n × S] and presence ([S] or [n × S]).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from generators.promql.engine.results import Floats, Mask
from generators.promql.engine.windows import Windows, window_counts

Outcome: TypeAlias = tuple[Floats, Mask]


def decreases(values: Floats) -> Mask:
    """Which samples are less than their predecessor, the mark of a counter reset [n × T]."""
    flags = np.zeros(values.shape, dtype=bool)
    np.less(values[:, 1:], values[:, :-1], out=flags[:, 1:])
    return flags


def _reset_corrections(windows: Windows) -> Floats | None:
    """What counter resets inside each window add to its increase [n × S]; None when there is no reset."""
    flags = decreases(windows.values)
    rows = np.flatnonzero(flags.any(axis=1))
    if not rows.size:
        return None
    row, column = np.nonzero(flags[rows])
    lost = np.append(windows.values[rows[row], column - 1], 0.0)
    upto = np.cumsum(flags[rows]).reshape(rows.size, -1)
    begin, end = upto.take(windows.oldest, axis=1).ravel(), upto.take(windows.newest, axis=1).ravel()
    touched = np.flatnonzero(end > begin)
    sums = np.zeros(begin.size)
    if touched.size:
        bounds = np.stack((begin[touched], end[touched]), axis=1).ravel()
        sums[touched] = np.add.reduceat(lost, bounds)[::2]
    corrections = np.zeros(windows.shape)
    corrections[rows] = sums.reshape(rows.size, -1)
    return corrections


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
    to_start = (windows.times[oldest] - windows.starts) / 1000
    to_end = (windows.ends - windows.times[newest]) / 1000
    average = sampled / np.maximum(windows.counts - 1, 1)
    threshold = average * 1.1
    to_end = np.where(to_end >= threshold, average / 2, to_end)
    if not zero_first:
        to_start = np.where(to_start >= threshold, average / 2, to_start)
    covered = sampled + to_end
    if counter:
        with np.errstate(divide="ignore", invalid="ignore"):
            to_zero = sampled * (first / result)
        limits = (result > 0) & (first >= 0) & (to_zero < to_start)
        start = np.where(limits, to_zero, to_start)
        if zero_first:
            start = np.where(start >= threshold, average / 2, start)
        factor = (covered + start) / sampled
    else:
        if zero_first:
            to_start = np.where(to_start >= threshold, average / 2, to_start)
        factor = (covered + to_start) / sampled
    if per_second:
        factor = factor / (windows.width / 1000)
    result *= factor
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
