"""rate, increase, delta, irate, idelta, resets and changes over windows, with Prometheus' extrapolation.

Rates also know when counters were started, where Prometheus' feature ``use-start-timestamps`` is on.
Every function takes `Windows` and gives values [n × S] and presence ([S] or [n × S]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.go_text import quote
from generators.promql.engine.ranges.windows import Windows, window_counts
from generators.promql.engine.results import Floats, Indices, Mask, Times
from generators.promql.engine.series.labels import METRIC_NAME, get

Outcome: TypeAlias = tuple[Floats, Mask]

_FEW_RESETS = 16


def decreases(values: Floats) -> Mask:
    """Which samples are less than their predecessor, the mark of a counter reset [n × T]."""
    flags = np.zeros(values.shape, dtype=bool)
    np.less(values[:, 1:], values[:, :-1], out=flags[:, 1:])
    return flags


def _add_resets(windows: Windows, result: Floats) -> None:
    """Add to each window's difference [n × S] what counter resets inside it have hidden.

    Resets are added one after another in the order of time, so that rounding is as in Prometheus.
    """
    values = windows.values
    found = np.flatnonzero(values[:, 1:] < values[:, :-1])
    if not found.size:
        return
    rows, before = np.divmod(found, values.shape[1] - 1)
    if found.size > _FEW_RESETS * values.shape[0]:
        result += _dense_corrections(windows, rows, before)
        return
    first = np.searchsorted(windows.newest, before + 1, "left").tolist()
    stop = np.searchsorted(windows.oldest, before + 1, "left").tolist()
    for row, begin, end, lost in zip(rows.tolist(), first, stop, values[rows, before].tolist(), strict=True):
        result[row, begin:end] += lost


def _dense_corrections(windows: Windows, rows: Indices, before: Indices) -> Floats:
    """What many resets have hidden: those of each window are added up from a list of all of them [n × S]."""
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
    if counter:
        _add_resets(windows, result)
    sampled = np.where(present, windows.times[newest] - windows.times[oldest], 1) / 1000
    average = sampled / np.maximum(windows.counts - 1, 1)
    to_start = (windows.times[oldest] - windows.starts) / 1000
    to_end = (windows.ends - windows.times[newest]) / 1000
    end = np.where(to_end >= average * 1.1, average / 2, to_end)
    start = np.where(to_start >= average * 1.1, average / 2, to_start)
    unit = windows.width / 1000 if per_second else 1.0
    limit = to_start if zero_first else start
    factor = (sampled + start + end) / sampled / unit
    near = _near_zero(first, result, sampled, limit, present) if counter else np.empty(0, dtype=np.intp)
    if near.size:
        rises = result[near]
        at_zero = sampled * (first[near] / rises)
        limited = (rises > 0) & (first[near] >= 0) & (at_zero < limit)
        if zero_first:
            at_zero = np.where(at_zero >= average * 1.1, average / 2, at_zero)
        rises *= np.where(limited, (sampled + at_zero + end) / sampled / unit, factor)
    result *= factor
    if near.size:
        result[near] = rises
    return result, present


def _near_zero(first: Floats, rise: Floats, sampled: Floats, limit: Floats, present: Mask) -> Indices:
    """The rows that may come from so near to zero that the limit applies; a coarse and quick test."""
    lowest, steepest = first.min(axis=1), rise.max(axis=1)
    safe = lowest * sampled[present].min() > steepest * limit[present].max()
    return np.flatnonzero(~safe)


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


STARTING_FUNCTIONS = frozenset(("increase", "irate", "rate", "resets"))


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The samples of one window, with their start times (0 unknown) and the range's edges, all in ms."""

    times: Times
    values: Floats
    starts: Times
    start: int
    end: int

    def resets(self) -> Mask:
        """Which samples begin anew, from the second on."""
        return (self.values[1:] < self.values[:-1]) | _restarts(self.times, self.starts)

    def overlaps(self) -> bool:
        """Whether a sample claims to have started before the sample before it was taken."""
        begun, earlier = self.starts[1:], self.starts[:-1]
        return bool(((begun != 0) & (begun < self.times[:-1]) & (begun != earlier)).any())


def _restarts(times: Times, starts: Times) -> Mask:
    """Which samples have a start time that tells of a reset since the sample before."""
    begun, earlier, before, now = starts[1:], starts[:-1], times[:-1], times[1:]
    known = (begun != earlier) & (begun != 0) & (begun < now)
    touching = (begun == before) & (earlier < before) & (earlier != 0)
    restarts: Mask = known & ((begun > before) | touching)
    return restarts


def start_aware(context: Context, function: str, windows: Windows, starts: Times, span: Span) -> tuple[Floats, Mask]:
    """rate, increase, irate or resets of one series with start times [S]."""
    values, present = np.zeros(windows.low.size), np.zeros(windows.low.size, dtype=bool)
    overlaps = 0
    for step, (low, high) in enumerate(zip(windows.low.tolist(), windows.high.tolist(), strict=True)):
        part = slice(low, high)
        window = _Window(
            windows.times[part],
            windows.values[0, part],
            starts[part],
            int(windows.starts[step]),
            int(windows.ends[step]),
        )
        value = _value(function, window, windows.width)
        if value is not None:
            values[step], present[step] = value, True
        overlaps += function in ("rate", "increase") and window.overlaps()
    if overlaps:
        name = quote(get(windows.labels[0], METRIC_NAME))
        text = f"sample has start time that overlaps with previous sample timestamp for metric {name}"
        context.warn_often(text, span, overlaps)
    return values, present


def _value(function: str, window: _Window, width: int) -> float | None:
    count = window.times.size
    if count == 0:
        return None
    if function == "resets":
        return float(window.resets().sum())
    if function == "irate":
        return _instant_rate(window) if count > 1 else None
    increase = _increase(window)
    return increase if increase is None or function == "increase" else increase / (width / 1000)


def _instant_rate(window: _Window) -> float:
    fresh = bool(window.resets()[-1])
    rise = window.values[-1] if fresh else window.values[-1] - window.values[-2]
    return float(rise / ((window.times[-1] - window.times[-2]) / 1000))


def _increase(window: _Window) -> float | None:
    """Increase as in `rates.extrapolated`, but from the start time where it lies inside the range."""
    times, values = window.times, window.values
    result = float(values[-1] - values[0] + values[:-1][window.resets()].sum())
    sampled = float(times[-1] - times[0]) / 1000
    average = sampled / max(times.size - 1, 1)
    to_start, to_end = float(times[0] - window.start) / 1000, float(window.end - times[-1]) / 1000
    begun = int(window.starts[0])
    if begun != 0 and window.start < begun < times[0]:
        to_start, sampled = 0.0, float(times[-1] - begun) / 1000
        result += float(values[0])
    elif times.size == 1:
        return None
    else:
        to_start = average / 2 if to_start >= average * 1.1 else to_start
        if result > 0 and values[0] >= 0:
            to_start = min(to_start, sampled * (float(values[0]) / result))
    to_end = average / 2 if to_end >= average * 1.1 else to_end
    return result * ((sampled + to_start + to_end) / sampled if sampled else 1.0)
