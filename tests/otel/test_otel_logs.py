from __future__ import annotations

import io
import json
import logging
import logging.handlers
import queue
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry._logs import NoOpLoggerProvider, SeverityNumber
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracerProvider

import otel
import otel.testing
from otel import logs
from otel.export.delivery import Delivery
from otel.export.settings import Signal
from otel.export.telemetry import Telemetry
from otel.web.requestid import bound

INSTRUMENTS = Path(__file__).parents[2] / "rendered" / "instruments"
TRACER = TracerProvider(shutdown_on_exit=False).get_tracer("test")
NAME = "test.otel.logs"


class Captured:
    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.exporter = InMemoryLogRecordExporter()
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(SimpleLogRecordProcessor(self.exporter))
        self.telemetry = Telemetry(None, None, provider)  # type: ignore[arg-type]
        self.logger = logging.getLogger(NAME)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    @property
    def records(self) -> list[Any]:
        return [record.log_record for record in self.exporter.get_finished_logs()]


@pytest.fixture
def captured() -> Iterator[Captured]:
    captured = Captured()
    logs.configure("DEBUG", telemetry=captured.telemetry, stream=captured.stream, logger=NAME)
    captured.logger.propagate = False
    yield captured
    captured.logger.handlers.clear()


def test_a_line_joins_with_the_trace_the_request_the_model_and_the_metrics(captured: Captured) -> None:
    with TRACER.start_as_current_span("server") as span, bound("r-1"):
        token = logs.bind_model("screening", "3.2.0")
        captured.logger.warning("range of %s", "mean_radius", extra={"metric_set": "feature_quality", "patient": "Eva"})
        logs.unbind_model(token)
    here = span.get_span_context()
    (line,), (record,) = captured.lines, captured.records
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
    assert abs((datetime.fromisoformat(line.pop("time")) - datetime.now(UTC)).total_seconds()) < 5
    joined = {
        "request.id": "r-1",
        "model.name": "screening",
        "model.version": "3.2.0",
        "metric_set": "feature_quality",
    }
    assert line == {
        "level": "WARNING",
        "logger": NAME,
        "message": "range of mean_radius",
        "trace_id": trace.format_trace_id(here.trace_id),
        "span_id": trace.format_span_id(here.span_id),
        **joined,
    }
    assert (record.body, record.severity_number, record.severity_text) == (
        "range of mean_radius",
        SeverityNumber.WARN,
        "WARN",
    )
    assert (record.trace_id, record.span_id, dict(record.attributes)) == (here.trace_id, here.span_id, joined)


def test_within_a_prediction_its_request_and_model_are_on_the_line(captured: Captured) -> None:
    with otel.testing.telemetry():
        monitor = otel.monitor("screening", manifest=INSTRUMENTS)
    with monitor.prediction("r-3"):
        captured.logger.info("unsure")
    (line,) = captured.lines
    assert (line["request.id"], line["model.name"]) == ("r-3", "screening")
    assert line["model.version"] == monitor.manifest.version


def test_a_disabled_sdk_only_writes_lines(captured: Captured) -> None:
    captured.logger.handlers.clear()
    disabled = Telemetry(NoOpMeterProvider(), NoOpTracerProvider(), NoOpLoggerProvider())
    logs.configure(telemetry=disabled, stream=captured.stream, logger=NAME)
    captured.logger.info("here")
    assert [line["message"] for line in captured.lines] == ["here"]


def test_outside_of_a_request_nothing_is_made_up(captured: Captured) -> None:
    captured.logger.info("started")
    assert set(captured.lines[0]) == {"time", "level", "logger", "message"}
    assert dict(captured.records[0].attributes) == {}
    assert not captured.records[0].trace_id


def test_an_exception_is_three_attributes_and_still_one_line(captured: Captured) -> None:
    try:
        raise KeyError("age")
    except KeyError:
        captured.logger.exception("failed")
    (line,) = captured.lines
    assert (line["exception.type"], line["exception.message"]) == ("KeyError", "'age'")
    assert "Traceback" in line["exception.stacktrace"]
    assert captured.records[0].attributes["exception.type"] == "KeyError"


@settings(derandomize=True, deadline=None)
@given(st.text(), st.one_of(st.text(), st.floats(), st.integers(), st.binary(), st.none()))
def test_whatever_is_logged_a_line_is_one_ascii_json_object(message: str, value: object) -> None:
    record = logging.LogRecord("a", logging.INFO, "f", 1, message, None, None)
    setattr(record, "metric_set", value)  # noqa: B010
    line = logs.JsonFormatter().format(record)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert json.loads(line, parse_constant=pytest.fail)["message"] == message


def test_extras_are_kept_only_if_their_keys_are_declared(captured: Captured) -> None:
    captured.logger.handlers.clear()
    logs.configure(telemetry=captured.telemetry, stream=captured.stream, logger=NAME, keys={"shop"})
    captured.logger.info("a", extra={"shop": "hamburg", "metric_set": "x", "email": "a@b.de"})
    assert "a@b.de" not in captured.stream.getvalue()
    assert captured.lines[0]["shop"] == "hamburg"
    assert dict(captured.records[0].attributes) == {"shop": "hamburg"}


def test_what_exporters_log_while_they_send_is_written_but_not_sent(
    captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Exporter:
        def export(self, batch: object) -> None:
            captured.logger.error("cannot send")

    delivery = Delivery(Signal("logs", ("otlp",), "grpc", "nowhere"), "otlp")
    monkeypatch.setattr(delivery, "_build", Exporter)
    delivery.send([])
    assert [line["message"] for line in captured.lines] == ["cannot send"]
    assert captured.records == []


def test_behind_a_queue_another_thread_writes_what_the_first_one_stamped(captured: Captured) -> None:
    waiting: queue.Queue[logging.LogRecord] = queue.Queue()
    handler = logging.handlers.QueueHandler(waiting)
    handler.addFilter(logs.Stamp())
    behind = list(captured.logger.handlers)
    captured.logger.handlers[:] = [handler]
    with TRACER.start_as_current_span("server") as span, bound("r-2"):
        captured.logger.info("later")
    record = waiting.get_nowait()
    thread = threading.Thread(target=lambda: [each.handle(record) for each in behind])
    thread.start()
    thread.join()
    assert captured.lines[0]["request.id"] == "r-2"
    assert captured.records[0].span_id == span.get_span_context().span_id


def test_configuring_again_does_not_write_lines_twice(captured: Captured) -> None:
    logs.configure(telemetry=captured.telemetry, stream=captured.stream, logger=NAME)
    captured.logger.info("once")
    assert len(captured.lines) == len(captured.records) == 1
