"""Two services with the OpenTelemetry SDK, told by rendered settings where to send; what they say holds secrets."""

from __future__ import annotations

import sys
import time
from typing import Final

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceState, set_span_in_context

MAIL: Final = "eva.muster@clinic.example"
CARD: Final = "4111 1111 1111 1111"
PHONE: Final = "+49 170 1234567"
SECRETS: Final = (MAIL, CARD, PHONE, "undeclared-value")
MILLISECOND: Final = 1_000_000


def screening() -> None:
    """Predictions that are kept for four reasons, thirty that are not, and personal data wherever there is room."""
    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = traces.get_tracer("screening", attributes={"undeclared": "undeclared-value"})
    now = time.time_ns()
    kinds: list[tuple[str, int, dict[str, str | float]]] = [
        ("error", 5, {}),
        ("slow", 400, {}),
        ("unsure", 5, {"prediction.confidence": 0.4012345678901234}),
        ("fallback", 5, {"prediction.fallback": "timeout"}),
        *[("ordinary", 5, {"prediction.confidence": 0.9})] * 30,
    ]
    for kind, milliseconds, more in kinds:
        state = TraceState([("vendor", "undeclared-value")])
        link = Link(SpanContext(1, 1, is_remote=True, trace_state=state), {"undeclared": MAIL})
        span = tracer.start_span(f"predict for {MAIL}", start_time=now, links=[link])
        span.set_attributes(
            {"model.name": "screening", "undeclared": "undeclared-value", "request.id": f"{kind} {MAIL}"}
        )
        span.set_attributes({"user.id": MAIL, "ml.class": CARD, "gen_ai.input.messages": f"write to {MAIL}", **more})
        span.add_event(f"called {PHONE}", {"exception.message": PHONE, "undeclared": "undeclared-value"})
        if kind == "error":
            span.set_status(Status(StatusCode.ERROR, f"no result for {MAIL}"))
        span.end(now + milliseconds * MILLISECOND)
    traces.shutdown()
    counters()
    logs = LoggerProvider()
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    logger = logs.get_logger("screening")
    text = {"model.name": "screening", "user.id": MAIL, "undeclared": "undeclared-value"}
    for body in (f"mail to {MAIL}, card {CARD}", {"message": f"call {PHONE}", "undeclared": "undeclared-value"}):
        logger.emit(LogRecord(timestamp=now, severity_number=SeverityNumber.INFO, body=body, attributes=text))
    logger.emit(logged("screening"))
    logs.shutdown()


def logged(model: str) -> LogRecord:
    """One prediction of a log, with more inputs than any spec names."""
    features = {"mean_radius": 14.012345678901234, "note": f"call {PHONE}", "patient": "undeclared-value"}
    attributes = {"model.name": model, "prediction.id": "1", "prediction.features": features}
    attributes |= {"prediction.score": 0.8012345678901234, "prediction.confidence": MAIL}
    return LogRecord(timestamp=time.time_ns(), event_name="ml.prediction.logged", attributes=attributes)


def counters() -> None:
    """A counter whose series only an undeclared attribute tells apart."""
    metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=60_000)])
    counter = metrics.get_meter("screening").create_counter("ml.prediction.count", "{prediction}")
    for value, secret in ((2, "a"), (20, "b"), (200, MAIL)):
        counter.add(
            value, {"model.name": "screening", "model.version": "3.2.0", "ml.class": "benign", "undeclared": secret}
        )
    metrics.shutdown()


def demand() -> None:
    """A service without our library: spans of one name, and events that are named like counters."""
    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = traces.get_tracer("demand")
    now = time.time_ns()
    for index in range(7):
        span = tracer.start_span("forecast", start_time=now)
        span.set_attribute("gen_ai.input.messages", "undeclared-value")
        if index == 0:
            span.set_attribute("error.type", "timeout")
            span.set_status(Status(StatusCode.ERROR))
        span.end(now + 20 * MILLISECOND)
    tracer.start_span("something else").end()
    traces.shutdown()
    logs = LoggerProvider()
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    for _ in range(3):
        record = LogRecord(timestamp=now, event_name="ml.prediction.rejected", attributes={"ml.reason": "schema"})
        logs.get_logger("demand").emit(record)
    logs.get_logger("demand").emit(logged("demand"))
    logs.shutdown()


def late() -> None:
    """A prediction at a bound of a second, whose early step was sent long before its own span is."""
    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = traces.get_tracer("screening")
    root = tracer.start_span("slow prediction", attributes={"model.name": "screening"})
    tracer.start_span("early step", context=set_span_in_context(root)).end()
    traces.force_flush()
    time.sleep(5.5)
    root.end()
    traces.shutdown()


def empty() -> None:
    """A metric without points and one of no kind, as some senders send them, before a counter with metadata."""
    request = ExportMetricsServiceRequest()
    scope = request.resource_metrics.add().scope_metrics.add()
    scope.metrics.add(name="no.points").gauge.SetInParent()
    scope.metrics.add(name="no.kind")
    point = scope.metrics.add(name="ml.prediction.count", unit="{prediction}")
    point.sum.is_monotonic, point.sum.aggregation_temporality = True, 2
    point.sum.data_points.add(as_int=4711, time_unix_nano=time.time_ns())
    point.metadata.add(key="owner").value.string_value = MAIL
    exporter = OTLPMetricExporter()
    exporter._client.Export(request, timeout=10)
    exporter.shutdown()


if __name__ == "__main__":
    every = {"screening": screening, "demand": demand, "counters": counters, "late": late, "empty": empty}
    every[sys.argv[1]]()
