"""Demand: forecasts a week of orders, and knows nothing of Watchspec.

    OTEL_EXPORTER_OTLP_ENDPOINT=… uvicorn service:app

Stands for a service in any language: it sends plain spans and events by the OpenTelemetry SDK alone.  The environment's
`collector.derive` says that its span `forecast` is a prediction; the Collector makes the counters and the histogram.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException
from opentelemetry import _logs, trace
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WEEK = 7


@asynccontextmanager
async def telemetry(_app: FastAPI) -> AsyncIterator[None]:
    """Set the SDK up from its environment variables, and send what is left at the end."""
    spans, events = TracerProvider(), LoggerProvider()
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    events.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    trace.set_tracer_provider(spans)
    _logs.set_logger_provider(events)
    yield
    spans.shutdown()
    events.shutdown()


app = FastAPI(title="Demand", lifespan=telemetry)


class History(BaseModel):
    """Orders a day, the newest last."""

    orders: list[float]


@app.post("/forecasts")
def forecast(history: History) -> dict[str, list[float]]:
    """Forecast the next week: the mean of each weekday."""
    if len(history.orders) < WEEK:
        _logs.get_logger("demand").emit(event_name="ml.prediction.rejected", attributes={"ml.reason": "schema"})
        raise HTTPException(422, "a week of orders is needed at least")
    with trace.get_tracer("demand").start_as_current_span("forecast"):
        days = [history.orders[-day::-WEEK] for day in range(WEEK, 0, -1)]
        return {"orders": [sum(each) / len(each) for each in days]}
