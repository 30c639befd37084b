"""A service that measures everything its manifest declares, and says more than it may.

Usage: ``declared_sender.py MANIFEST ROUNDS``. The environment variables of the SDK say where to.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import chain, product
from pathlib import Path
from typing import Any, Final

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Meter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

MAIL: Final = "eva.muster@clinic.example"
MASKED: Final = "asked by ****"
UNDECLARED: Final = {"customer.shoe": "undeclared-value", "customer.mail": MAIL}


def streams(metric: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the attributes of each stream; what may be absent is so once, and derived ones make no more streams."""
    attributes = metric.get("attributes", {})
    derived = {name: each["values"] or ["any"] for name, each in attributes.items() if each.get("derived")}
    free = {name: each["values"] for name, each in attributes.items() if name not in derived}
    combinations = chain.from_iterable(
        product(
            *(
                [*([{}] if attributes[name].get("optional") else []), *({name: value} for value in values)]
                for name, values in (free | cell).items()
            )
        )
        for cell in metric.get("cells", [{}])
    )
    for index, combination in enumerate(combinations):
        follows = {name: values[index % len(values)] for name, values in derived.items()}
        yield {name: value for part in combination for name, value in part.items()} | follows


def instrument(meter: Meter, metric: dict[str, Any]) -> Any:
    name, unit, described = metric["name"], metric["unit"], metric["description"]
    if metric["kind"] == "histogram":
        return meter.create_histogram(name, unit, described, explicit_bucket_boundaries_advisory=metric["buckets"])
    made = {"counter": meter.create_counter, "updowncounter": meter.create_up_down_counter, "gauge": meter.create_gauge}
    return made[metric["kind"]](name, unit, described)


def measure(manifest: dict[str, Any], rounds: int, resource: Resource) -> None:
    """Export zeros, then in each round something on every stream."""
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=3_600_000)
    provider = MeterProvider([reader], resource=resource)
    meter = provider.get_meter("declared")
    made = {key: instrument(meter, metric) for key, metric in manifest["metrics"].items()}
    for turn in range(rounds):
        for key, metric in manifest["metrics"].items():
            for index, attributes in enumerate(streams(metric)):
                said = {**manifest["attributes"], **attributes, **UNDECLARED}
                value = 1 + index % 3
                if metric["kind"] == "histogram":
                    made[key].record(metric["buckets"][len(metric["buckets"]) // 2] * value / 2, said)
                elif metric["kind"] == "gauge":
                    made[key].set(1, said)
                else:
                    made[key].add(value if turn else 0, said)
        made["rejected"].add(1, {**manifest["attributes"], "ml.reason": MAIL})
        provider.force_flush()
        time.sleep(1)
    provider.shutdown()


def say(manifest: dict[str, Any], resource: Resource) -> None:
    """A span and a log record, with an address where a request's identifier is declared, and undeclared attributes."""
    said = {**manifest["attributes"], **UNDECLARED, "request.id": MASKED.replace("****", MAIL)}
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    span = traces.get_tracer("declared").start_span("predict", attributes=said)
    span.set_status(Status(StatusCode.ERROR))
    span.end()
    traces.shutdown()
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    logs.get_logger("declared").emit(
        LogRecord(
            timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, body=f"asked by {MAIL}", attributes=said
        )
    )
    logs.shutdown()


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    about = Resource.create({"service.instance.id": str(uuid.uuid4()), **UNDECLARED, "host.name": os.uname().nodename})
    say(read, about)
    measure(read, int(sys.argv[2]), about)
