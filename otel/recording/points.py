"""Cells as data points of the SDK: what a reader of ours exports besides what the SDK collected itself.

The OpenTelemetry specification calls what does this a metric producer; the SDK for Python has none.  It spares the
SDK's own copy of every cell, and lets histograms exist before their first value.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import add
from typing import Any, Final

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from otel import manifest
from otel.recording.cells import Buckets, Observed
from otel.recording.recorder import Recorder

CUMULATIVE: Final = AggregationTemporality.CUMULATIVE


MILLISECOND: Final = 1_000_000
"""In nanoseconds: what backends tell two samples apart by."""


class Producer:
    """Everything that one recorder counts, whenever it is called; totals since it was made."""

    def __init__(self, recorder: Recorder, scope: str) -> None:
        self.recorder = recorder
        self._scope = InstrumentationScope(scope)
        self._start = time.time_ns() - MILLISECOND

    def __call__(self) -> ScopeMetrics:
        """Return all metrics as they are now."""
        recorder, now = self.recorder, time.time_ns()
        with recorder.folded() as (observers, buckets):
            metrics = [
                _histogram(metric, buckets[metric.id], self._start, now)
                if metric.kind == "histogram"
                else _numbers(metric, observers[metric.id](), self._start, now)
                for metric in recorder.metrics
            ]
        # A metric without points has no type in OTLP, and Prometheus refuses all that arrives with it, of any service.
        return ScopeMetrics(self._scope, [metric for metric in metrics if metric.data.data_points], "")

    def beginning(self) -> ScopeMetrics:
        """Return all counters and histograms as they were when it was made: at zero."""
        metrics = [_at_zero(each, self._start) for each in self().metrics if not isinstance(each.data, Gauge)]
        return ScopeMetrics(self._scope, metrics, "")


def merged(scopes: Iterable[ScopeMetrics]) -> list[ScopeMetrics]:
    """Return one of each scope with one of each metric in it: of several, encoders and receivers keep one.

    Points of the same attributes are added up, of gauges the last one stays.
    """
    named: dict[tuple[InstrumentationScope, str], dict[tuple[str, str], list[Metric]]] = {}
    for scope in scopes:
        metrics = named.setdefault((scope.scope, scope.schema_url), {})
        for metric in scope.metrics:
            metrics.setdefault((metric.name, type(metric.data).__name__), []).append(metric)
    return [
        ScopeMetrics(scope, [_together(alike) for alike in metrics.values()], schema_url)
        for (scope, schema_url), metrics in named.items()
    ]


def _together(metrics: Sequence[Metric]) -> Metric:
    """Return one metric with the points of several that have its name and kind."""
    first = metrics[0]
    if len(metrics) == 1:
        return first
    points: dict[frozenset[Any], Any] = {}
    for metric in metrics:
        for point in metric.data.data_points:
            key = frozenset((point.attributes or {}).items())
            points[key] = _sum(points[key], point) if key in points else point
    return replace(first, data=replace(first.data, data_points=list(points.values())))  # type: ignore[arg-type]


def _sum(one: Any, other: Any) -> Any:
    """Return two points of one series as one, where they add up; else the second."""
    start = min(one.start_time_unix_nano or 0, other.start_time_unix_nano or 0)
    if isinstance(one, HistogramDataPoint) and one.explicit_bounds == other.explicit_bounds:
        counts = list(map(add, one.bucket_counts, other.bucket_counts))
        total, count = one.sum + other.sum, one.count + other.count
        return replace(other, start_time_unix_nano=start, count=count, sum=total, bucket_counts=counts)
    if isinstance(one, NumberDataPoint) and one.start_time_unix_nano is not None:
        return replace(other, start_time_unix_nano=start, value=one.value + other.value)
    return other


def _at_zero(metric: Metric, start: int) -> Metric:
    points: list[Any] = []
    for point in metric.data.data_points:
        if isinstance(point, HistogramDataPoint):
            empty = [0] * len(point.bucket_counts)
            points.append(replace(point, time_unix_nano=start, count=0, sum=0, bucket_counts=empty))
        elif isinstance(point, NumberDataPoint):
            points.append(replace(point, time_unix_nano=start, value=0))
    return replace(metric, data=replace(metric.data, data_points=points))  # type: ignore[arg-type]


def _numbers(metric: manifest.Metric, observed: Iterable[Observed], start: int, now: int) -> Metric:
    since = None if metric.kind == "gauge" else start
    points = [NumberDataPoint(attributes, since, now, value) for value, attributes in observed]  # type: ignore[arg-type]
    data = Gauge(points) if metric.kind == "gauge" else Sum(points, CUMULATIVE, metric.kind == "counter")
    return Metric(metric.name, metric.description, metric.unit, data)


def _histogram(metric: manifest.Metric, buckets: Buckets, start: int, now: int) -> Metric:
    series = zip(buckets.places.attributes(), buckets.counts, buckets.sums, strict=True)
    points = [
        # Least and greatest value are left out: since the start of a process they say nothing.
        HistogramDataPoint(attributes, start, now, sum(counts), total, list(counts), metric.buckets, None, None)  # type: ignore[arg-type]
        for attributes, counts, total in series
    ]
    return Metric(metric.name, metric.description, metric.unit, Histogram(points, CUMULATIVE))
