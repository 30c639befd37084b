"""Quantiles and fractions of classic histograms, whose buckets are series with the label ``le``.

Buckets are put in order, buckets with equal bounds are added, and counts that fall from one bucket to the next are
repaired as Prometheus does: differences within a relative 1e-12 are rounding, larger ones are lifted and reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame, empty_frame
from generators.promql.engine.go_text import format_open_metrics, parse_float, quote
from generators.promql.engine.results import Floats, Indices, Mask, Repair
from generators.promql.engine.series.labels import METRIC_NAME, Labels, get, with_labels, without
from generators.promql.syntax.ast import Expr

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


_LE = "le"
_COLUMNS = 50_000
"""Columns of counts that are worked on at once; more would take memory and save no time."""

_REPAIRED = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


@dataclass(slots=True)
class _Histogram:
    """One histogram: upper bounds and rows of its buckets."""

    drops_name: bool
    bounds: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Buckets:
    """Buckets of H histograms (by place) at the steps where they have the same ones: bounds [B], counts [B × H·steps].

    So all columns of counts, one for each histogram and step, are worked on at once.
    """

    places: list[int]
    steps: Indices
    bounds: Floats
    counts: Floats

    def columns(self, values: Floats) -> Floats:
        """What holds at every step, for every column."""
        return np.tile(values[self.steps], len(self.places))

    @property
    def cells(self) -> tuple[Indices, ...]:
        """Where the columns belong in a table of all histograms and steps."""
        return np.ix_(np.array(self.places), self.steps)


def _histograms(context: Context, frame: Frame, argument: Expr) -> dict[Labels, _Histogram]:
    found: dict[Labels, _Histogram] = {}
    dropped = (_LE,) if context.semantics.name_in_histograms else (_LE, METRIC_NAME)
    for row, labels in enumerate(frame.labels):
        bound = parse_float(get(labels, _LE))
        if bound is None:
            _warn_bad_bound(context, labels, argument)
            continue
        drops = bool(frame.drops_name[row])
        histogram = found.setdefault(without(labels, dropped), _Histogram(drops))
        histogram.bounds.append(bound)
        histogram.rows.append(row)
    return found


def _warn_bad_bound(context: Context, labels: Labels, argument: Expr) -> None:
    name = get(labels, METRIC_NAME) if context.delayed else ""
    text = f'bucket label "le" is missing or has a malformed value of {quote(get(labels, _LE))}'
    context.warn(_for_metric(text, name), argument.span)


def _for_metric(text: str, name: str) -> str:
    return f"{text} for metric name {quote(name)}" if name else text


def _buckets(frame: Frame, histograms: Iterable[_Histogram]) -> Iterator[_Buckets]:
    """The buckets of histograms in order, once for each set of buckets that occurs together."""
    most = max(1, _COLUMNS // max(1, frame.steps))
    for bounds, places, rows in _alike(frame, histograms):
        patterns = _patterns(frame.present[rows[0]])
        for start in range(0, len(places), most):
            counts = frame.values[np.array(rows[start : start + most]).T]
            for used, steps in patterns:
                chosen = counts if len(steps) == frame.steps and used.all() else counts[used][:, :, steps]
                yield _coalesced(places[start : start + most], steps, bounds[used], chosen)


def _alike(frame: Frame, histograms: Iterable[_Histogram]) -> Iterable[tuple[Floats, list[int], list[Indices]]]:
    """Histograms with the same bounds at the same steps: bounds [B] in order, places, and rows [B] of each."""
    found: dict[tuple[bytes, bytes], tuple[Floats, list[int], list[Indices]]] = {}
    for place, histogram in enumerate(histograms):
        order = np.argsort(histogram.bounds, kind="stable")
        rows, bounds = np.array(histogram.rows)[order], np.array(histogram.bounds)[order]
        key = bounds.tobytes(), np.packbits(frame.present[rows]).tobytes()
        _, places, members = found.setdefault(key, (bounds, [], []))
        places.append(place)
        members.append(rows)
    return found.values()


def _patterns(present: Mask) -> list[tuple[Mask, Indices]]:
    """The distinct columns of a mask with something in them, and where each is.

    Neighbours mostly agree, so runs of equal columns are compared.
    """
    if not present.size:
        return []
    heads = np.flatnonzero(np.append(True, (present[:, 1:] != present[:, :-1]).any(axis=0)))
    runs: dict[bytes, list[Indices]] = {}
    for start, stop in zip(heads.tolist(), [*heads[1:].tolist(), present.shape[1]], strict=True):
        if present[:, start].any():
            runs.setdefault(present[:, start].tobytes(), []).append(np.arange(start, stop))
    return [(present[:, parts[0][0]], np.concatenate(parts)) for parts in runs.values()]


def _coalesced(places: list[int], steps: Indices, bounds: Floats, counts: Floats) -> _Buckets:
    first = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))
    if first.size < bounds.size:
        bounds, counts = bounds[first], np.add.reduceat(counts, first, axis=0)
    return _Buckets(places, steps, bounds, counts.reshape(bounds.size, -1))


def _valid_quantile(value: Floats, quantile: Floats) -> Floats:
    outside = np.where(quantile < 0, -np.inf, np.where(quantile > 1, np.inf, value))
    return np.where(np.isnan(quantile), np.nan, outside)


def histogram_quantile(context: Context, frame: Frame, quantile: Floats, argument: Expr) -> Frame:
    """φ-quantile of every histogram in a vector of buckets; ``quantile`` is φ at every step."""
    histograms = _histograms(context, frame, argument)
    if not histograms:
        return empty_frame(context.grid.size)
    values = np.zeros((len(histograms), frame.steps))
    present = np.zeros(values.shape, dtype=bool)
    names = tuple(histograms)
    for buckets in _buckets(frame, histograms.values()):
        phi = buckets.columns(quantile)
        counts, repair = monotonic(buckets.counts, context.semantics.repair_tolerance)
        found = _valid_quantile(bucket_quantile(phi, buckets.bounds, counts), phi)
        values[buckets.cells], present[buckets.cells] = found.reshape(-1, buckets.steps.size), True
        repair.forced &= (phi >= 0) & (phi <= 1) & bool(np.isposinf(buckets.bounds[-1]))
        _report_repairs(context, names, buckets, repair, argument)
    drops = np.array([histogram.drops_name for histogram in histograms.values()])
    return Frame(tuple(histograms), values, present, drops)


def _report_repairs(
    context: Context, names: Sequence[Labels], buckets: _Buckets, repair: Lifted, argument: Expr
) -> None:
    if not repair.forced.any():
        return
    shape = (buckets.bounds.size, len(buckets.places), buckets.steps.size)
    all_forced, all_differences = repair.forced.reshape(shape), repair.differences.reshape(shape)
    for number in np.flatnonzero(all_forced.any(axis=(0, 2))):
        forced, differences = all_forced[:, number], all_differences[:, number]
        name = get(names[buckets.places[number]], METRIC_NAME) if context.delayed else ""
        bounds = buckets.bounds[forced.any(axis=1)]
        times = context.grid.times()[buckets.steps[forced.any(axis=0)]]
        difference = float(differences[forced].max())
        told = Repair(float(bounds[0]), float(bounds[-1]), difference, times.size, int(times[0]), int(times[-1]))
        context.inform(_for_metric(_REPAIRED, name), argument.span, told)


def histogram_quantiles(
    context: Context, frame: Frame, quantiles: list[Floats], label: str, argument: Expr
) -> Iterator[Frame]:
    """Several quantiles at once, told apart by a label that holds φ."""
    for quantile in quantiles:
        for value in np.unique(quantile):
            chosen = (quantile == value) | (np.isnan(quantile) & np.isnan(value))
            result = histogram_quantile(context, frame, quantile, argument)
            change = ((label, format_open_metrics(float(value))),)
            labels = tuple(with_labels(old, change) for old in result.labels)
            yield Frame(labels, result.values, result.present & chosen, result.drops_name).nonempty()


def histogram_fraction(context: Context, frame: Frame, lower: Floats, upper: Floats, argument: Expr) -> Frame:
    """Share of observations between two values, for every histogram in a vector of buckets."""
    histograms = _histograms(context, frame, argument)
    if not histograms:
        return empty_frame(context.grid.size)
    values = np.zeros((len(histograms), frame.steps))
    present = np.zeros(values.shape, dtype=bool)
    for buckets in _buckets(frame, histograms.values()):
        low, high = buckets.columns(lower), buckets.columns(upper)
        shares = bucket_fraction(low, high, buckets.bounds, buckets.counts)
        values[buckets.cells], present[buckets.cells] = shares.reshape(-1, buckets.steps.size), True
    drops = np.array([histogram.drops_name for histogram in histograms.values()])
    return Frame(tuple(histograms), values, present, drops)
