"""Cells as data points of the SDK: what a reader of ours exports besides what the SDK collected itself.

The OpenTelemetry specification calls what does this a metric producer; the SDK for Python has none.  It spares the
SDK's own copy of every cell, and lets histograms exist before their first value.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
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
        self._recorder = recorder
        self._scope = InstrumentationScope(scope)
        self._start = time.time_ns() - MILLISECOND

    def __call__(self) -> ScopeMetrics:
        """Return all metrics as they are now."""
        recorder, now = self._recorder, time.time_ns()
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
    points = [NumberDataPoint(attributes, start, now, value) for value, attributes in observed]
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
