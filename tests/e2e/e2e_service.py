"""A service that measures as its manifest says, with nothing but the SDK, and does what it is told line by line.

Usage: ``e2e_service.py MANIFEST``. The environment variables of the SDK say where to. Each line on standard input is
a command in JSON; each is answered by a line with everything that was counted so far.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
import uuid
from collections import Counter
from pathlib import Path
from typing import Any, Final

from declared_sender import instrument
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

STAGES: Final = ("feature_vectorize", "model_infer", "post_process")
MILLISECOND: Final = 1_000_000
SLOW_MS, USUAL_MS = 1200, 20
SURE, UNSURE = 0.95, 0.45


class Service:
    """Instruments of one model, and what they should have counted."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.identity = manifest["attributes"]
        self.instance = str(uuid.uuid4())
        about = Resource.create({"service.instance.id": self.instance})
        self.spans = TracerProvider(resource=about)
        self.spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=500))
        self.logs = LoggerProvider(resource=about)
        self.logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(), schedule_delay_millis=500))
        self.metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=about)
        meter = self.metrics.get_meter("e2e")
        self.made = {key: instrument(meter, metric) for key, metric in manifest["metrics"].items()}
        self.tracer = self.spans.get_tracer("e2e")
        self.counted: Counter[str] = Counter()
        self.failed: list[str] = []
        self.streaming = threading.Event()
        self.thread: threading.Thread | None = None
        self._zero()

    def _zero(self) -> None:
        """What exists from the start: the model, and no requests of either kind."""
        told = {name: str(self.manifest["model"].get(name, "none")) for name in ("sha256", "framework")}
        attributes = {"model.artifact.sha256": told["sha256"], "model.framework": told["framework"]}
        self.made["info"].set(1, {**self.identity, **attributes})
        for name in self.manifest.get("prediction", {}).get("classes", ()):
            self.made["predictions"].add(0, {**self.identity, "ml.class": name})

    def predict(self, kind: str = "usual", **more: str) -> None:
        """Answer one request: spans nested as the conventions say, and the metrics of its outcome."""
        failed, lasted = kind == "error", SLOW_MS if kind == "slow" else USUAL_MS
        ended = time.time_ns()
        started = ended - lasted * MILLISECOND
        request = more.pop("request.id", uuid.uuid4().hex)
        root = self.tracer.start_span(
            "receive_request", kind=SpanKind.SERVER, start_time=started, attributes={**self.identity, **more}
        )
        root.set_attributes({"request.id": request, "prediction.confidence": UNSURE if kind == "unsure" else SURE})
        step = lasted * MILLISECOND // (len(STAGES) + 1)
        inside = trace.set_span_in_context(root)
        for number, stage in enumerate(STAGES):
            span = self.tracer.start_span(stage, inside, attributes=self.identity, start_time=started + number * step)
            span.end(started + (number + 1) * step)
        error = {"error.type": "unavailable"} if failed else {}
        root.set_attributes(error)
        if failed:
            root.set_status(Status(StatusCode.ERROR))
            self.failed.append(request)
        root.end(ended)
        self.made["duration"].record(lasted / 1000, {**self.identity, **error})
        self.counted["duration"] += 1
        self.counted[kind] += 1
        if not failed:
            self.made["predictions"].add(1, {**self.identity, "ml.class": self.manifest["prediction"]["classes"][0]})
            self.counted["predictions"] += 1

    def stream(self, rate: float, kinds: list[str]) -> None:
        """Answer requests of several kinds in turn until told otherwise."""
        self.halt()
        self.streaming.set()

        def run() -> None:
            number = 0
            while self.streaming.is_set():
                self.predict(kinds[number % len(kinds)])
                number += 1
                time.sleep(1 / rate)

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def halt(self) -> None:
        """End a stream."""
        self.streaming.clear()
        if self.thread is not None:
            self.thread.join()

    def active(self, number: int) -> None:
        """Count requests as begun."""
        self.made["active"].add(number, self.identity)

    def log(self, body: Any, attributes: dict[str, str]) -> None:
        """Write a log record."""
        record = LogRecord(
            timestamp=time.time_ns(),
            severity_number=SeverityNumber.INFO,
            body=body,
            attributes={**self.identity, **attributes},
        )
        self.logs.get_logger("e2e").emit(record)

    def fail(self, message: str) -> None:
        """Record an exception, in a span as well as in a log."""
        with self.tracer.start_as_current_span("receive_request", attributes=self.identity) as span:
            try:
                raise ValueError(message)
            except ValueError as error:
                span.record_exception(error)
                span.set_status(Status(StatusCode.ERROR, str(error)))
                said = {"exception.message": str(error), "exception.stacktrace": traceback.format_exc()}
                self.log("a request failed", {"exception.type": "ValueError", **said})

    def measure(self, key: str, value: float, attributes: dict[str, str]) -> None:
        """Add to one counter."""
        self.made[key].add(value, {**self.identity, **attributes})

    def flush(self) -> None:
        """Export everything."""
        for provider in (self.spans, self.logs, self.metrics):
            provider.force_flush()

    def answer(self, said: dict[str, Any]) -> dict[str, Any]:
        """Do what a command says, and report."""
        do = said.pop("do")
        for _ in range(said.pop("times", 1)):
            getattr(self, do)(**dict(said))
        return {"instance": self.instance, "counted": dict(self.counted), "failed": list(self.failed)}


def main() -> None:
    """Obey until standard input ends, then export what is left."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    service = Service(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    for line in sys.stdin:
        print(json.dumps(service.answer(json.loads(line))), flush=True)  # noqa: T201 - its way to answer
    service.halt()
    for provider in (service.spans, service.logs, service.metrics):
        provider.shutdown()


if __name__ == "__main__":
    main()
