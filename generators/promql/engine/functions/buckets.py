"""Arithmetic of the buckets of one classic histogram: repair, quantiles, fractions, at all steps at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generators.promql.engine.results import Floats, Indices, Mask

_SMALLEST_NORMAL = 2.0**-1022
_LARGEST = 1.7976931348623157e308


@dataclass(slots=True)
class Lifted:
    """Where monotonicity had to be forced [B × steps], and by how much."""

    forced: Mask
    differences: Floats


def monotonic(counts: Floats, tolerance: float) -> tuple[Floats, Lifted]:
    """Counts [B × steps] that never fall, and what was lifted; smaller relative differences are rounding."""
    repaired = counts.copy()
    forced, differences = np.zeros(counts.shape, dtype=bool), np.zeros(counts.shape)
    previous = counts[0]
    for index in range(1, len(counts)):
        current = counts[index]
        close = _almost_equal(previous, current, tolerance) if tolerance else np.zeros(current.shape, dtype=bool)
        lower = (current < previous) & ~close
        forced[index], differences[index] = lower, np.where(lower, previous - current, 0.0)
        repaired[index] = np.where(close | lower, previous, current)
        previous = repaired[index]
    return repaired, Lifted(forced, differences)


def _almost_equal(left: Floats, right: Floats, tolerance: float) -> Mask:
    size = np.abs(left) + np.abs(right)
    difference = np.abs(left - right)
    tiny = (left == 0) | (right == 0) | (size < _SMALLEST_NORMAL)
    near = np.where(
        tiny, difference < tolerance * _SMALLEST_NORMAL, difference / np.minimum(size, _LARGEST) < tolerance
    )
    equal: Mask = (left == right) | near | (np.isnan(left) & np.isnan(right))
    return equal


def _first_reaching(counts: Floats, rank: Floats) -> Indices:
    """First bucket whose count reaches the rank, by bisection over all buckets but the last [steps]."""
    low = np.zeros(rank.shape, dtype=np.intp)
    high = np.full(rank.shape, len(counts) - 1, dtype=np.intp)
    steps = np.arange(rank.size)
    while (low < high).any():
        middle = (low + high) // 2
        reached = counts[np.minimum(middle, len(counts) - 1), steps] >= rank
        open_ = low < high
        high = np.where(open_ & reached, middle, high)
        low = np.where(open_ & ~reached, middle + 1, low)
    return low


def bucket_quantile(quantile: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Quantile of monotonic buckets at every step, interpolated within its bucket [steps].

    The lowest bucket starts at 0 unless its bound is not positive; the highest one gives the bound below it.
    """
    if len(bounds) < 2 or not np.isposinf(bounds[-1]):
        return np.full(quantile.shape, np.nan)
    steps = np.arange(quantile.size)
    rank = quantile * counts[-1]
    place = _first_reaching(counts, rank)
    below = np.maximum(place - 1, 0)
    start = np.where(place > 0, bounds[below], 0.0)
    passed = np.where(place > 0, counts[below, steps], 0.0)
    inside = counts[place, steps] - passed
    value = start + (bounds[place] - start) * ((rank - passed) / inside)
    if bounds[0] <= 0:
        value = np.where(place == 0, bounds[0], value)
    value = np.where(place == len(bounds) - 1, bounds[-2], value)
    result: Floats = np.where(counts[-1] == 0, np.nan, value)
    return result


def bucket_fraction(lower: Floats, upper: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Share of the observations between two values at every step, interpolated within buckets [steps]."""
    if not np.isposinf(bounds[-1]):
        return np.full(lower.shape, np.nan)
    total = counts[-1]
    share = (_rank_of(upper, bounds, counts) - _rank_of(lower, bounds, counts)) / total
    share = np.where(lower >= upper, 0.0, share)
    undefined = (total == 0) | np.isnan(lower) | np.isnan(upper)
    result: Floats = np.where(undefined, np.nan, share)
    return result


def _rank_of(value: Floats, bounds: Floats, counts: Floats) -> Floats:
    """How many observations are below a value, at most all [steps]."""
    total = counts[-1]
    rank = np.zeros(value.shape)
    result, settled = total.copy(), np.zeros(value.shape, dtype=bool)
    floor = 0.0 if bounds[0] > 0 else -np.inf
    for index, bound in enumerate(bounds.tolist()):
        below = floor if index == 0 else float(bounds[index - 1])
        at_edge = ~settled & (below >= value)
        inside = ~settled & (below < value) & (bound > value)
        if np.isneginf(below):
            interpolated = counts[index]
        else:
            interpolated = rank + (counts[index] - rank) * (value - below) / (bound - below)
        result = np.where(at_edge, rank, np.where(inside, interpolated, result))
        settled |= at_edge | inside
        rank = counts[index]
    capped: Floats = np.where(result > total, total, result)
    return capped
