"""Quantiles and fractions of classic histograms, whose buckets are series with the label ``le``.

Buckets are put in order, buckets with equal bounds are added, and counts that fall from one bucket to the next are
repaired as Prometheus does: differences within a relative 1e-12 are rounding, larger ones are lifted and reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from generators.promql.ast import Expr
from generators.promql.engine.buckets import Lifted, bucket_fraction, bucket_quantile, monotonic
from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame, empty_frame
from generators.promql.engine.go_text import format_open_metrics, parse_float, quote
from generators.promql.engine.labels import METRIC_NAME, Labels, get, with_labels, without
from generators.promql.engine.results import Floats, Indices, Mask, Repair

_LE = "le"


@dataclass(slots=True)
class _Histogram:
    """One histogram: upper bounds and rows of its buckets."""

    drops_name: bool
    bounds: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Buckets:
    """Buckets of one histogram at the steps where the same buckets are there: bounds [B], counts [B × steps]."""

    steps: Indices
    bounds: Floats
    counts: Floats


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


def _buckets(frame: Frame, histogram: _Histogram) -> Iterator[_Buckets]:
    """The buckets of a histogram in order, once for each set of buckets that occurs together."""
    order = np.argsort(histogram.bounds, kind="stable")
    rows = np.array(histogram.rows)[order]
    bounds = np.array(histogram.bounds)[order]
    present, counts = frame.present[rows], frame.values[rows]
    if present.all():
        yield _coalesced(np.arange(frame.steps), bounds, counts)
        return
    patterns, which = _patterns(present)
    for index in range(patterns.shape[1]):
        used = patterns[:, index]
        if used.any():
            steps = np.flatnonzero(which == index)
            yield _coalesced(steps, bounds[used], counts[used][:, steps])


def _patterns(present: Mask) -> tuple[Mask, Indices]:
    """The distinct columns of a mask, and which each column is; neighbours mostly agree, so runs are compared."""
    changed = (present[:, 1:] != present[:, :-1]).any(axis=0)
    heads = np.flatnonzero(np.append(True, changed))
    patterns, which = np.unique(present[:, heads], axis=1, return_inverse=True)
    return patterns, np.repeat(which.reshape(-1), np.diff(heads, append=present.shape[1]))


def _coalesced(steps: Indices, bounds: Floats, counts: Floats) -> _Buckets:
    first = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))
    if first.size == bounds.size:
        return _Buckets(steps, bounds, counts)
    return _Buckets(steps, bounds[first], np.add.reduceat(counts, first, axis=0))


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
    for index, (labels, histogram) in enumerate(histograms.items()):
        for buckets in _buckets(frame, histogram):
            steps, phi = buckets.steps, quantile[buckets.steps]
            counts, repair = monotonic(buckets.counts, context.semantics.repair_tolerance)
            values[index, steps] = _valid_quantile(bucket_quantile(phi, buckets.bounds, counts), phi)
            present[index, steps] = True
            checked = (phi >= 0) & (phi <= 1) & bool(np.isposinf(buckets.bounds[-1]))
            _report_repair(context, labels, buckets, repair, checked, argument)
    drops = np.array([histogram.drops_name for histogram in histograms.values()])
    return Frame(tuple(histograms), values, present, drops)


def _report_repair(
    context: Context, labels: Labels, buckets: _Buckets, repair: Lifted, checked: Mask, argument: Expr
) -> None:
    forced = repair.forced & checked
    if not forced.any():
        return
    name = get(labels, METRIC_NAME) if context.delayed else ""
    text = (
        "input to histogram_quantile needed to be fixed for monotonicity "
        "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
    )
    bounds = buckets.bounds[forced.any(axis=1)]
    times = context.grid.times()[buckets.steps[forced.any(axis=0)]]
    difference = float(repair.differences[forced].max())
    told = Repair(float(bounds[0]), float(bounds[-1]), difference, times.size, int(times[0]), int(times[-1]))
    context.inform(_for_metric(text, name), argument.span, told)


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
    for index, histogram in enumerate(histograms.values()):
        for buckets in _buckets(frame, histogram):
            steps = buckets.steps
            values[index, steps] = bucket_fraction(lower[steps], upper[steps], buckets.bounds, buckets.counts)
            present[index, steps] = True
    drops = np.array([histogram.drops_name for histogram in histograms.values()])
    return Frame(tuple(histograms), values, present, drops)
