"""The service alone; what the Collector makes of its spans is tested with a Collector."""

from __future__ import annotations

from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from service import app

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)


def test_a_forecast_is_one_span() -> None:
    answer = TestClient(app).post("/forecasts", json={"orders": [1, 2, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7, 8, 9]})
    assert answer.json() == {"orders": [2, 3, 4, 5, 6, 7, 8]}
    assert [span.name for span in spans.get_finished_spans()].count("forecast") == 1


def test_too_little_history_is_refused() -> None:
    assert TestClient(app).post("/forecasts", json={"orders": [1]}).status_code == 422
