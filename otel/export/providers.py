"""Providers of the SDK, wired to bounded queues, and made anew in every forked child.

After a fork a child has a meter provider, readers and a resource (``service.instance.id``) of its own, for the
cumulative state that it inherited is its parent's to send; the queues of spans and log records are emptied and go on
serving the tracers and loggers that existed before, whoever holds them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final, cast
from urllib.parse import unquote

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, MetricsData
from opentelemetry.sdk.resources import Resource, ServiceInstanceIdResourceDetector
from opentelemetry.sdk.trace import TracerProvider

from otel.export.delivery import Delivery
from otel.export.pipeline import Pipeline, Pump
from otel.export.processors import FIRST, Reader, RecordQueue, SpanQueue, temporality, with_produced
from otel.export.settings import EXPORT_INTERVAL, ConfigurationError, Settings
from otel.export.telemetry import Telemetry
from otel.recording.points import Producer
from otel.recording.recorder import Recorder
from otel.semconv import SERVICE_INSTANCE_ID

PAUSE: Final = 1.0
"""Seconds that a fork waits at most for exports under way."""

_logger: Final = logging.getLogger("otel")


class Providers:
    """What `otel.configure()` made: see the module."""

    def __init__(
        self, settings: Settings, resource: Mapping[str, str], interval: float | None, exit_timeout: float
    ) -> None:
        self._settings = settings
        self._exit_timeout = exit_timeout
        self._interval = settings.export_interval or interval
        self._base = Resource.create(dict(resource))
        signals = settings.signals
        self._spans = [Pipeline(Delivery(signals["traces"], kind), settings.spans, "OTEL_BSP_MAX_QUEUE_SIZE")
                       for kind in signals["traces"].exporters]  # fmt: skip
        self._records = [Pipeline(Delivery(signals["logs"], kind), settings.records, "OTEL_BLRP_MAX_QUEUE_SIZE")
                         for kind in signals["logs"].exporters]  # fmt: skip
        self._monitors: dict[str, Any] = {}
        self._paused: dict[int, list[Pump]] = {}  # by thread, for several may fork at once
        self._scraped = "prometheus" in signals["metrics"].exporters
        self._reported = False
        self._build()

    @property
    def telemetry(self) -> Telemetry:
        """The providers of this process."""
        return self._telemetry

    def adopt(self, resource: Mapping[str, str], interval: float | None) -> None:
        """Export at least every ``interval`` seconds, unless the environment says how often; the resource is fixed."""
        if interval is not None and self._settings.export_interval is None:
            self._interval = min(interval, self._interval or interval)
            for reader in self._readers:
                reader.pump.interval = self._interval
                reader.pump.wake(self._interval)
        for key, value in resource.items():
            if (present := self._base.attributes.get(key)) != value:
                _logger.warning(
                    "telemetry is set up already: the resource attribute %s stays %r, although %r is asked for. A "
                    "process has one resource; pass it to otel.configure() before the first monitor.",
                    key, present, value,
                )  # fmt: skip

    def flush(self, timeout: float) -> bool:
        """Send what waits, metrics first; whether all of it was sent within ``timeout`` seconds."""
        return not self._flush(timeout, (*self._readers, *self._spans, *self._records))

    def _flush(self, timeout: float, senders: Sequence[Reader | Pipeline]) -> list[Reader | Pipeline]:
        """Let those send what waits; return those that could not within ``timeout`` seconds."""
        end = time.monotonic() + timeout
        for sender in senders:  # all at once: a signal that hangs must not use up the time of the others
            if isinstance(sender, Pipeline) and sender.backlog:
                sender.pump.wake()
        return [sender for sender in senders if not sender.flush(max(end - time.monotonic(), 0.0))]

    def flush_soon(self, within: float) -> None:
        """Send metrics within so many seconds, from their own thread."""
        for reader in self._readers:
            reader.pump.wake(within)

    def dropped(self) -> Mapping[str, int]:
        """Spans (``span``) and log records (``log``) that were lost since this process began."""
        return {
            "span": sum(pipeline.dropped for pipeline in self._spans),
            "log": sum(pipeline.dropped for pipeline in self._records),
        }

    def produce(self, recorder: Recorder, scope: str) -> bool:
        """Export what a recorder counts; not where increments are wanted, for it knows totals only."""
        if temporality(os.environ):
            return False
        self._producers.append(Producer(recorder, scope))
        return True

    def leave_out(self, recorder: Recorder) -> None:
        """Export no more what a recorder counts."""
        self._producers[:] = [each for each in self._producers if each.recorder is not recorder]

    def before_fork(self) -> None:
        """Let no export be under way: a child would inherit its locks, and those of imports, and wait for ever."""
        end = time.monotonic() + PAUSE
        pumps = [*(reader.pump for reader in self._readers), *(each.pump for each in (*self._spans, *self._records))]
        self._paused[threading.get_ident()] = [pump for pump in pumps if pump.pause(max(end - time.monotonic(), 0.0))]

    def forked(self) -> None:
        """In a child: providers, readers and identity of its own, empty queues, no exporter."""
        for reader in self._readers:
            reader.retire()
        for pipeline in (*self._spans, *self._records):
            pipeline.forked()
        self._paused.clear()
        self._reported = False
        self._build()

    def has_forked(self, *, helper: bool) -> None:
        """In the parent: go on; if its children serve, send nothing before something was counted here."""
        for pump in self._paused.pop(threading.get_ident(), ()):
            pump.resume()
        if not helper:
            for reader in self._readers:
                reader.rest()

    def drain(self) -> None:
        """At exit: send what waits, in bounded time, and say in one line what could not be sent.

        Where nobody ever answered and nobody listens now, waiting is of no use.
        """
        senders: list[Reader | Pipeline] = [
            *self._readers,
            *(each for each in (*self._spans, *self._records) if each.backlog),
        ]
        deaf = [each for each in senders if not each.delivery.answers()]
        unsent = deaf + self._flush(self._exit_timeout, [each for each in senders if each not in deaf])
        lost = [each for each in unsent if each.holds]
        if lost and not self._reported:
            self._reported = True
            what = "; ".join(
                f"{each.holds} to {each.delivery.target} ({each.delivery.reason or 'no answer in time'})"
                for each in lost
            )
            _logger.warning("telemetry of process %d could not be sent at its end: %s", os.getpid(), what)

    def close(self) -> None:
        """Send no more."""
        for reader in self._readers:
            reader.shutdown()
        for pipeline in (*self._spans, *self._records):
            pipeline.close()

    def _build(self) -> None:
        resource = self._base.merge(Resource({SERVICE_INSTANCE_ID: _instance()}))
        metrics = self._settings.signals["metrics"]
        interval = self._interval or EXPORT_INTERVAL
        pushed = [kind for kind in metrics.exporters if kind != "prometheus"]
        self._producers: list[Producer] = []
        self._readers = [Reader(Delivery(metrics, kind), interval, resource, self._producers) for kind in pushed]
        scrape = [_scrape_endpoint(*self._settings.scrape, resource, self._producers)] if self._scraped else []
        meters = MeterProvider(
            metric_readers=[*self._readers, *scrape],
            resource=resource,
            # An exemplar carries the attributes that a view dropped past every filter of the Collector.
            exemplar_filter=None if os.environ.get("OTEL_METRICS_EXEMPLAR_FILTER") else AlwaysOffExemplarFilter(),
            shutdown_on_exit=False,
        )
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
        for pipeline in self._spans:
            tracers.add_span_processor(SpanQueue(pipeline))
        for pipeline in self._records:
            loggers.add_log_record_processor(RecordQueue(pipeline))
        self._telemetry = Telemetry(meters, tracers, loggers, source=self, monitors=self._monitors)
        for reader in self._readers:
            reader.pump.wake(min(FIRST, interval))


def _instance() -> str:
    """An identity for this process alone: two processes that share one silently lose each other's counts.

    It is the SDK's own, which tracers that existed before a fork take up too.  What the environment says stays in
    front, for the person who looks for the pod.
    """
    unique = str(ServiceInstanceIdResourceDetector().detect().attributes[SERVICE_INSTANCE_ID])
    pairs = (pair.split("=", 1) for pair in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    given = {pair[0].strip(): unquote(pair[1].strip()) for pair in pairs if len(pair) == 2}
    name = given.get(SERVICE_INSTANCE_ID)
    return f"{name}.{unique[:8]}" if name else unique


def _scrape_endpoint(host: str, port: int, resource: Resource, producers: Sequence[Producer]) -> MetricReader:
    try:
        base: Any = import_module("opentelemetry.exporter.prometheus").PrometheusMetricReader
        start_http_server = import_module("prometheus_client").start_http_server
    except ImportError:
        raise ConfigurationError(
            "OTEL_METRICS_EXPORTER=prometheus needs a package that is not installed: "
            "pip install opentelemetry-exporter-prometheus (or let Prometheus 3 take OTLP)"
        ) from None

    class Scraped(base):  # type: ignore[misc]  # known at run time only
        """Shows what producers counted too."""

        read = False

        def collect(self, timeout_millis: float = 10_000) -> None:
            self.read = False
            super().collect(timeout_millis)
            if not self.read:
                self._receive_metrics(MetricsData([]))

        def _receive_metrics(self, metrics_data: MetricsData, *arguments: object, **options: object) -> None:
            self.read = True
            super()._receive_metrics(with_produced(metrics_data, producers, resource), *arguments, **options)

    try:
        start_http_server(port=port, addr=host)
    except OSError as error:
        _logger.error("metrics of process %d cannot be scraped at %s:%d: %s. Several workers need OTLP instead of a "
                      "scrape endpoint.", os.getpid(), host, port, error)  # fmt: skip
    return cast("MetricReader", Scraped())
