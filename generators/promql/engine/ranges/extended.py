"""Extended range selectors: ``anchored`` and ``smoothed`` windows, whose edges take values from outside the range.

The windows given here reach one lookback before the range, for ``smoothed`` also one after it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from generators.promql.engine.ranges.rates import Outcome, changes, resets
from generators.promql.engine.ranges.windows import Windows
from generators.promql.engine.results import Floats, Mask

ANCHORED_FUNCTIONS = ("changes", "delta", "increase", "rate", "resets")
SMOOTHED_FUNCTIONS = ("delta", "increase", "rate")


def _interpolate(windows: Windows, after: int, moment: int, *, counter: bool) -> Floats:
    """Value at a moment between the samples ``after - 1`` and ``after`` [n]; a reset counter rises from 0."""
    left, right = windows.values[:, after - 1], windows.values[:, after]
    if counter:
        left = np.where(right < left, 0.0, left)
    begin, end = float(windows.times[after - 1]), float(windows.times[after])
    return left + (right - left) * (moment - begin) / (end - begin)


def _edges(windows: Windows, step: int, *, smoothed: bool) -> tuple[int, int] | None:
    """Indices of the samples that stand at both edges of the range, None when the range measures nothing."""
    low, high = int(windows.low[step]), int(windows.high[step])
    if low >= high:
        return None
    start, end = int(windows.starts[step]), int(windows.ends[step])
    times = windows.times[low:high]
    last = times.size - 1
    first = max(0, int(np.searchsorted(times[:last], start, side="right")) - 1)
    if smoothed:
        last = int(np.searchsorted(times[:last], end, side="left"))
    if times[last] <= start or (smoothed and times[first] > end):
        return None
    return low + first, low + last


def _edge_values(
    windows: Windows, step: int, edges: tuple[int, int], *, smoothed: bool, counter: bool
) -> tuple[Floats, Floats]:
    first, last = edges
    start, end = int(windows.starts[step]), int(windows.ends[step])
    left, right = windows.values[:, first], windows.values[:, last]
    if smoothed and windows.times[first] < start:
        left = _interpolate(windows, first + 1, start, counter=counter)
    if smoothed and last > windows.low[step] and windows.times[last] > end:
        right = _interpolate(windows, last, end, counter=counter)
    return left, right


def _inner(windows: Windows, step: int, edges: tuple[int, int]) -> slice:
    """The samples strictly inside the range."""
    first, last = edges
    begin = first + 1 if windows.times[first] <= windows.starts[step] else first
    stop = last - 1 if windows.times[last] >= windows.ends[step] else last
    return slice(begin, max(begin, stop + 1))


def _corrections(left: Floats, inner: Floats, right: Floats) -> Floats:
    path = np.column_stack((left, inner, right))
    lost: Floats = np.where(path[:, 1:] < path[:, :-1], path[:, :-1], 0.0).sum(axis=1)
    return lost


def extended_rate(windows: Windows, *, smoothed: bool, counter: bool, per_second: bool) -> Outcome:
    """Increase (or rate) between the values at the edges of each range, without extrapolation."""
    values = np.zeros(windows.shape)
    present = np.zeros(windows.low.size, dtype=bool)
    for step in range(windows.low.size):
        edges = _edges(windows, step, smoothed=smoothed)
        if edges is None:
            continue
        left, right = _edge_values(windows, step, edges, smoothed=smoothed, counter=counter)
        change = right - left
        if counter:
            change = change + _corrections(left, windows.values[:, _inner(windows, step, edges)], right)
        values[:, step] = change / (windows.width / 1000) if per_second else change
        present[step] = True
    return values, present


def anchored_count(windows: Windows, function: str) -> Outcome:
    """Resets or changes over the samples inside the range and the last one before it."""
    anchor = np.searchsorted(windows.times, windows.starts, side="right") - 1
    inside = windows.high > np.maximum(anchor + 1, windows.low)
    narrowed = replace(windows, low=np.where(inside, np.maximum(anchor, windows.low), windows.high))
    values, present = (resets if function == "resets" else changes)(narrowed)
    return values, present & inside


def extended_samples(windows: Windows, *, smoothed: bool) -> list[tuple[list[int], Floats]]:
    """The samples of one extended range per series: edge, inner samples, edge, as an instant query shows them."""
    edges = _edges(windows, 0, smoothed=smoothed)
    if edges is None:
        return []
    left, right = _edge_values(windows, 0, edges, smoothed=smoothed, counter=False)
    inner = _inner(windows, 0, edges)
    times = [int(windows.starts[0]), *windows.times[inner].tolist(), int(windows.ends[0])]
    rows = np.column_stack((left, windows.values[:, inner], right))
    return [(times, row) for row in rows]


def smooth_instants(windows: Windows) -> tuple[Floats, Mask]:
    """A ``smoothed`` instant selector: the exact sample, else interpolated, else the one before, within lookback.

    ``windows`` hold the samples within one lookback to both sides of each moment, which is in ``ends``.
    """
    place = np.searchsorted(windows.times, windows.ends, side="left")
    place = np.clip(place, windows.low, windows.high)
    following = np.minimum(place, max(windows.times.size - 1, 0))
    before = np.maximum(place - 1, 0)
    has_next, has_before = place < windows.high, place > windows.low
    exact = has_next & (windows.times[following] == windows.ends)
    left, right = windows.take(before), windows.take(following)
    span = np.where(has_next & has_before, windows.times[following] - windows.times[before], 1)
    between = left + (right - left) * (windows.ends - windows.times[before]) / span
    values = np.where(exact, right, np.where(has_next, between, left))
    return values, exact | has_before
