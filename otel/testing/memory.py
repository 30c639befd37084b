"""Telemetry that stays in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import Gauge, Histogram, InMemoryMetricReader, Metric
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel.export.configure import use
from otel.export.telemetry import Telemetry

Labels: TypeAlias = frozenset[tuple[str, object]]
"""The attributes of one series."""


@dataclass(frozen=True)
class InMemoryTelemetry(Telemetry):
    """Providers whose telemetry stays in memory; see `telemetry`."""

    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader, repr=False)
    span_exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter, repr=False)
    log_exporter: InMemoryLogRecordExporter = field(default_factory=InMemoryLogRecordExporter, repr=False)
    before: dict[tuple[str, Labels], float] = field(default_factory=dict, repr=False)
    """What counters stood at when `clear` was called."""

    def spans(self, name: str | None = None) -> Sequence[ReadableSpan]:
        """The spans that have ended, in the order of their ends; only those of that name, if one is given."""
        return [span for span in self.span_exporter.get_finished_spans() if name in (None, span.name)]

    def logs(self, event: str | None = None) -> Sequence[ReadableLogRecord]:
        """The log records, or only the events of that name."""
        records = self.log_exporter.get_finished_logs()
        return [record for record in records if event in (None, record.log_record.event_name)]

    def points(self) -> Sequence[Metric]:
        """All metrics as the SDK holds them, since the start."""
        data = self.reader.get_metrics_data()
        resources = data.resource_metrics if data is not None else ()
        return [metric for of in resources for scope in of.scope_metrics for metric in scope.metrics]

    def metrics(self) -> Mapping[str, Mapping[Labels, float]]:
        """The series of each metric and their values; of a histogram, how many values it holds."""
        found: dict[str, dict[Labels, float]] = {}
        for (name, labels), value in self._values().items():
            found.setdefault(name, {})[labels] = value - self.before.get((name, labels), 0)
        return found

    def total(self, name: str, **labels: object) -> float:
        """The sum of a metric's series that have these attributes; keys may have ``_`` for ``.``, and lack the prefix.

        It is 0 where there is no such series.

        ``recorded.total("ml.feature.bin", feature="age", bin="missing")``
        """
        wanted, prefix = set(labels.items()), f"{name.partition('.')[0]}."
        return sum(
            value
            for series, value in self.metrics().get(name, {}).items()
            if wanted <= {(each, value) for key, value in series for each in _spellings(key, prefix)}
        )

    def clear(self) -> None:
        """Forget spans and log records, and let counters and histograms count from here."""
        self.span_exporter.clear()
        self.log_exporter.clear()
        gauges = {metric.name for metric in self.points() if isinstance(metric.data, Gauge)}
        self.before.update({key: value for key, value in self._values().items() if key[0] not in gauges})

    def _values(self) -> dict[tuple[str, Labels], float]:
        return {
            (metric.name, frozenset((point.attributes or {}).items())): _value(metric, point)
            for metric in self.points()
            for point in metric.data.data_points
        }


def _value(metric: Metric, point: object) -> float:
    return float(getattr(point, "count" if isinstance(metric.data, Histogram) else "value"))


@contextmanager
def telemetry(resource: Mapping[str, str] | None = None) -> Iterator[InMemoryTelemetry]:
    """Record in memory: within the block, and for monitors made in it also afterwards.

    It takes the place of what `otel.configure` would set up; what was set up before is back after the block.
    """
    of = Resource(dict(resource or {}))
    reader, spans = InMemoryMetricReader(), InMemorySpanExporter()
    logs: InMemoryLogRecordExporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    meters = MeterProvider([reader], of, exemplar_filter=AlwaysOffExemplarFilter(), shutdown_on_exit=False)
    tracers = TracerProvider(resource=of, shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    loggers = LoggerProvider(of, shutdown_on_exit=False)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    made = InMemoryTelemetry(meters, tracers, loggers, reader=reader, span_exporter=spans, log_exporter=logs)
    previous = use(made)
    try:
        yield made
    finally:
        use(previous)


def _spellings(key: str, prefix: str) -> tuple[str, ...]:
    """How a test may write the key of an attribute."""
    return key, key.replace(".", "_"), key.removeprefix(prefix).replace(".", "_")
