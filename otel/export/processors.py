"""What the SDK calls when a span ends, a log record is emitted or metrics are to be read: our queues and threads.

The SDK's own batch processors and periodic reader are not used: they build their exporter at once, start threads in
a preloading master, keep cumulative state over a fork, log each lost item and cannot be bounded at exit.
"""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk._logs import LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk.metrics import (
    Counter,
    Histogram,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricReader, MetricsData, ResourceMetrics, Sum
from opentelemetry.sdk.metrics.export import Histogram as HistogramData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from otel.export.delivery import Delivery, Outcome, is_sending
from otel.export.pipeline import Outage, Pipeline, Pump
from otel.recording.points import Producer, merged

FIRST: Final = 1.0
"""Seconds from the start of a process to its first export; further ones follow at growing intervals."""

CARDINALITY: Final = 100_000
"""Attribute sets of one metric; the SDK's 2000 are fewer than the cells of 200 features with 18 bins each, and ours
are bounded by the manifest."""

_KINDS: Final = (Counter, UpDownCounter, Histogram, ObservableCounter, ObservableUpDownCounter, ObservableGauge)


class SpanQueue(SpanProcessor):
    """Queues sampled spans when they end."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queue the span, or count it as dropped."""
        if span.context is not None and span.context.trace_flags.sampled:
            self._pipeline.put(span)

    def shutdown(self) -> None:
        """Send no more."""
        self._pipeline.close()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what waits; whether all of it was sent in time."""
        return self._pipeline.flush(timeout_millis / 1e3)


class RecordQueue(LogRecordProcessor):
    """Queues log records when they are emitted, except what an exporter of ours logs while it sends."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        """Queue the record, or count it as dropped."""
        if is_sending():
            return
        record = copy.copy(log_record.log_record)
        record.context = Context()  # what the request carried must not live as long as the queue
        self._pipeline.put(
            ReadableLogRecord(
                log_record=record,
                resource=log_record.resource or Resource.get_empty(),
                instrumentation_scope=log_record.instrumentation_scope,
                limits=log_record.limits,
            )
        )

    def shutdown(self) -> None:
        """Send no more."""
        self._pipeline.close()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what waits; whether all of it was sent in time."""
        return self._pipeline.flush(timeout_millis / 1e3)


class Reader(MetricReader):
    """Reads all metrics every ``interval`` seconds and sends them, from a thread of its own.

    A process that has forked and has counted nothing (a preloading master) *rests*: it reads, and sends nothing
    before a counter or histogram has a value.
    """

    def __init__(
        self, delivery: Delivery, interval: float, resource: Resource, producers: Sequence[Producer] = ()
    ) -> None:
        options: dict[str, Any] = {"preferred_temporality": temporality(os.environ)}
        if "cardinality_limits" in inspect.signature(MetricReader.__init__).parameters:
            options["cardinality_limits"] = dict.fromkeys(_KINDS, CARDINALITY)
        super().__init__(**options)
        self._resource = resource
        self._producers = producers
        self._begun: set[int] = set()
        self.delivery = delivery
        self.pump = Pump("otel-metrics", self._export, interval, FIRST)
        self._outage = Outage(
            "metrics", delivery, "Counts are kept and sent later. Is the Collector running?", "exports failed"
        )
        self._resting = False
        self._retired = False
        self._sent = True
        self._read = False

    @property
    def holds(self) -> str:
        """What is lost if nothing is sent any more, in words; empty if that is nothing."""
        return "" if self._retired or self._resting else "the last counts"

    def rest(self) -> None:
        """Send nothing before something was counted."""
        self._resting = True

    def retire(self) -> None:
        """Send nothing any more: the state was inherited through a fork and is the parent's to send."""
        self._retired = True
        self.delivery.abandon()

    def flush(self, timeout: float) -> bool:
        """Read and send now; whether that was done within ``timeout`` seconds."""
        return self.force_flush(timeout * 1e3)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Read and send now; whether that was done in time."""
        return self._retired or (self.pump.flush(timeout_millis / 1e3) and self._sent)

    def shutdown(self, timeout_millis: float = 30_000, **_options: object) -> None:  # noqa: ARG002
        """Send no more."""
        self.pump.close()
        self.delivery.close()

    def _export(self) -> None:
        self._read = False
        self.collect()
        if not self._read:  # without instruments of its own the SDK hands over nothing, not even a resource
            self._receive_metrics(MetricsData([]))

    def _receive_metrics(
        self,
        metrics_data: MetricsData,
        timeout_millis: float = 10_000,  # noqa: ARG002
        **_options: object,
    ) -> None:
        self._read = True
        if self._retired:
            return
        whole = with_produced(metrics_data, self._producers, self._resource)
        if not whole.resource_metrics or (self._resting and not _counted(whole)):
            return
        self._resting = False
        self._sent = self._begin(whole) and self.delivery.send(whole) is Outcome.SENT
        if self._sent:
            self._begun.update(map(id, self._producers))
        self._outage.note(0 if self._sent else 1, sent=self._sent)

    def _begin(self, whole: MetricsData) -> bool:
        """Send zeros ahead where something was counted before the first export; whether there is no need any more.

        A series whose first sample is not zero has lost what that sample holds: no `increase` can see it.
        """
        new = [each for each in self._producers if id(each) not in self._begun]
        if not new or not _counted(whole):
            return True
        scopes = merged(each.beginning() for each in new)
        zeros = MetricsData([ResourceMetrics(self._resource, scopes, self._resource.schema_url)])
        return self.delivery.send(zeros) is not Outcome.LATER


def with_produced(data: MetricsData, producers: Sequence[Producer], resource: Resource) -> MetricsData:
    """Return what the SDK collected together with what producers counted, under the same resource."""
    if not producers:
        return data
    first, *others = data.resource_metrics or [ResourceMetrics(resource, [], resource.schema_url)]
    scopes = merged([*first.scope_metrics, *(produce() for produce in producers)])
    return MetricsData([replace(first, scope_metrics=scopes), *others])


def _counted(data: MetricsData) -> bool:
    """Whether any counter or histogram has counted something."""
    metrics = (metric for of in data.resource_metrics for scope in of.scope_metrics for metric in scope.metrics)
    return any(_has_counted(metric.data) for metric in metrics)


def _has_counted(data: object) -> bool:
    if isinstance(data, Sum):
        return data.is_monotonic and any(point.value for point in data.data_points)
    return isinstance(data, HistogramData) and any(point.count for point in data.data_points)


def temporality(environ: os._Environ[str]) -> dict[type, AggregationTemporality]:
    """Cumulative, as Prometheus needs it, unless ``OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`` says else."""
    preference = environ.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "").strip().lower()
    delta: dict[str, tuple[type, ...]] = {
        "delta": (Counter, Histogram, ObservableCounter),
        "lowmemory": (Counter, Histogram),
    }
    return dict.fromkeys(delta.get(preference, ()), AggregationTemporality.DELTA)
