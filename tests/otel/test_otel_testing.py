from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import otel
import otel.testing
from otel.export.configure import telemetry as current_telemetry
from otel.manifest import Manifest, load_manifest
from otel.testing import Downstream, InMemoryTelemetry, assert_observed, assert_request_id_propagates
from otel.web import asgi, outgoing, wsgi

INSTRUMENTS = Path(__file__).parents[2] / "rendered" / "instruments"


@pytest.fixture
def recorded() -> Iterator[InMemoryTelemetry]:
    with otel.testing.telemetry({"service.name": "screening-api"}) as recorded:
        yield recorded


@pytest.fixture
def manifest() -> Manifest:
    return load_manifest("health/screening", INSTRUMENTS, "production")


@pytest.fixture
def monitor(recorded: InMemoryTelemetry) -> otel.Monitor:
    return otel.monitor("screening", manifest=INSTRUMENTS, environment="production")


def predict(monitor: otel.Monitor, label: str = "malignant") -> None:
    with monitor.prediction() as p:
        with p.stage("feature_vectorize"):
            p.features({"mean_radius": 14.0})
        with p.stage("model_infer"):
            p.output(label, score=0.9, confidence=0.9)
        with p.stage("post_process"):
            p.segment(site="hamburg")


# --- telemetry in memory ----------------------------------------------------------------------------------------


def test_telemetry_in_memory_is_the_current_one_in_its_block_only() -> None:
    with otel.testing.telemetry() as outer:
        assert current_telemetry() is outer
        with otel.testing.telemetry() as inner:
            assert current_telemetry() is inner
        assert current_telemetry() is outer


def test_spans_metrics_and_logs_can_be_read_and_cleared(recorded: InMemoryTelemetry) -> None:
    counter = recorded.meter_provider.get_meter("m").create_counter("ml.feature.bin")
    level = recorded.meter_provider.get_meter("m").create_gauge("level")
    seconds = recorded.meter_provider.get_meter("m").create_histogram("seconds")
    counter.add(2, {"ml.feature": "age", "model.name": "a"})
    counter.add(1, {"ml.feature": "sex", "model.name": "a"})
    level.set(7)
    seconds.record(0.25)
    recorded.tracer_provider.get_tracer("t").start_span("s").end()
    recorded.logger_provider.get_logger("l").emit(body="b", event_name="e")
    assert recorded.metrics()["ml.feature.bin"][frozenset({("ml.feature", "age"), ("model.name", "a")})] == 2
    assert recorded.total("ml.feature.bin") == recorded.total("ml.feature.bin", model_name="a") == 3
    assert recorded.total("ml.feature.bin", feature="sex", **{"model.name": "a"}) == 1
    assert recorded.total("absent") == recorded.total("ml.feature.bin", feature="weight") == 0
    assert (recorded.total("seconds"), recorded.total("level")) == (1, 7)
    assert [span.name for span in recorded.spans("s")] == ["s"]
    assert len(recorded.logs("e")) == len(recorded.logs()) == 1
    recorded.clear()
    counter.add(5, {"ml.feature": "sex", "model.name": "a"})
    assert (recorded.spans(), recorded.logs()) == ([], [])
    assert recorded.total("ml.feature.bin") == 5
    assert (recorded.total("seconds"), recorded.total("level")) == (0, 7)


# --- what is declared -------------------------------------------------------------------------------------------


def test_a_service_that_does_as_declared_passes(monitor: otel.Monitor, recorded: InMemoryTelemetry) -> None:
    predict(monitor)
    predict(monitor, "benign")
    assert_observed(monitor, recorded, predictions=2)
    assert recorded.total("ml.prediction.count", **{"class": "benign"}) == 1


def complaint(subject: Any, recorded: InMemoryTelemetry, **options: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_observed(subject, recorded, **options)
    return str(caught.value)


def test_a_service_that_predicts_nothing_fails(monitor: otel.Monitor, recorded: InMemoryTelemetry) -> None:
    assert "no prediction was made: there is no span receive_request" in complaint(monitor, recorded)


def test_a_prediction_without_stages_or_metrics_fails(manifest: Manifest, recorded: InMemoryTelemetry) -> None:
    tracer = recorded.tracer_provider.get_tracer("t")
    tracer.start_span("receive_request", attributes={"model.name": "screening"}).end()
    text = complaint(manifest, recorded, predictions=2)
    assert "2 predictions were made, but there are 1 spans receive_request" in text
    assert "1 of 1 predictions have no stage" in text
    assert "metric ml.prediction.duration counts 0 of 1 predictions" in text


def test_what_our_library_refused_to_emit_fails(monitor: otel.Monitor, recorded: InMemoryTelemetry) -> None:
    predict(monitor, "unknown")
    undeclared = monitor.manifest.metrics.get("undeclared")
    if undeclared is None:  # an older manifest, which does not count it
        assert recorded.total("ml.prediction.count") == 0
    else:
        assert "1 times a class was recorded that the spec does not declare" in complaint(monitor, recorded)


@pytest.mark.parametrize(
    ("kind", "name", "unit", "labels", "message"),
    [
        ("counter", "shop.sales", "", {}, "metric shop.sales is not declared"),
        ("gauge", "ml.prediction.rejected", "{request}", {"ml.reason": "schema"}, "is a gauge, but declared as a c"),
        ("up_down_counter", "ml.prediction.rejected", "1", {"ml.reason": "schema"}, "is a updowncounter, but declared"),
        ("counter", "ml.prediction.rejected", "1", {"ml.reason": "schema"}, "unit '1', but '{request}' is declared"),
        ("histogram", "ml.prediction.confidence", "1", {}, "has other buckets than declared (0.1, 0.2"),
        ("counter", "ml.prediction.rejected", "{request}", {"ml.reason": "mood"}, "has ml.reason 'mood', but declared"),
        ("counter", "ml.prediction.rejected", "{request}", {}, "lacks the attribute ml.reason"),
        ("counter", "ml.prediction.rejected", "{request}", {"ml.reason": "schema", "user.id": "7"}, "e user.id"),
        ("counter", "ml.prediction.rejected", "{request}", {"ml.reason": "schema", "model.version": "9"}, "n '9'"),
        ("counter", "ml.prediction.rejected", "{request}", {"otel.metric.overflow": True}, "more series than the SDK"),
    ],
)  # fmt: skip
def test_anything_that_is_not_declared_fails(
    manifest: Manifest, recorded: InMemoryTelemetry, kind: str, name: str, unit: str, labels: Any, message: str
) -> None:
    instrument = getattr(recorded.meter_provider.get_meter("m"), f"create_{kind}")(name, unit)
    record = {"gauge": "set", "histogram": "record"}.get(kind, "add")
    getattr(instrument, record)(1, {"model.name": "screening", "model.version": manifest.version} | labels)
    assert message in complaint(manifest, recorded)


def test_metrics_of_other_models_and_of_other_instrumentation_are_left_alone(
    monitor: otel.Monitor, recorded: InMemoryTelemetry
) -> None:
    meter = recorded.meter_provider.get_meter("m")
    meter.create_counter("ml.token.count").add(1, {"model.name": "support-assistant"})
    meter.create_histogram("http.server.request.duration", "s").record(1)
    predict(monitor)
    assert_observed(monitor, recorded, ignore=["http.server.*"])
    assert "metric http.server.request.duration is not declared" in complaint(monitor, recorded)


# --- the request id ---------------------------------------------------------------------------------------------


def starlette(downstream: str = "", *, hooked: bool = True, monitor: otel.Monitor | None = None) -> Starlette:
    started: list[bool] = []

    async def lifespan(app: Any) -> Any:
        started.append(True)
        yield

    async def handle(_: Any) -> PlainTextResponse:
        assert started == [True]
        if monitor is not None:
            predict(monitor)
        if downstream:
            async with httpx.AsyncClient(event_hooks=outgoing.httpx_async_hooks() if hooked else {}) as client:
                await client.post(downstream, json={})
        return PlainTextResponse("ok")

    from contextlib import asynccontextmanager

    return Starlette(routes=[Route("/predict", handle)], lifespan=asynccontextmanager(lifespan))


def wsgi_app(downstream: str = "", *, hooked: bool = True) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        if downstream:
            with outgoing.session(requests.Session()) if hooked else requests.Session() as session:
                session.get(downstream, timeout=5)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    return app


def test_applications_that_keep_the_id_pass(monitor: otel.Monitor, recorded: InMemoryTelemetry) -> None:
    with Downstream() as prices:
        app = asgi.install(starlette(prices.url, monitor=monitor))
        assert_request_id_propagates(app, "/predict", downstream=prices, telemetry=recorded)
        assert len(recorded.spans("receive_request")) == len(prices.headers) == 9
        assert_observed(monitor, recorded, predictions=9)
        wrapped = wsgi.RequestIdMiddleware(wsgi_app(prices.url))
        assert_request_id_propagates(wrapped, downstream=prices)


def failure(app: Any, path: str = "/", **options: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_request_id_propagates(app, path, **options)
    return str(caught.value)


@pytest.mark.parametrize("app", [starlette(), wsgi_app()], ids=["asgi", "wsgi"])
def test_an_application_without_the_middleware_fails_and_is_told_what_to_do(app: Any) -> None:
    text = failure(app, "/predict")
    assert text.startswith(
        "GET /predict does not keep X-Request-ID:\n  - a request with an id: the answer (200) has no"
    )
    assert "wrap the application in otel.asgi.install" in text


def test_an_application_that_returns_whatever_is_sent_fails() -> None:
    def echo(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("X-Request-ID", environ.get("HTTP_X_REQUEST_ID", "0"))])
        return [b""]

    text = failure(echo)
    assert re.search(r"a request with the hostile id 'x+': the answer has 'x+', which is not a new id", text)
    assert "two requests without an id got the same one, '0'" in text
    assert "a request with an id:" not in text


@pytest.mark.parametrize(("make", "wrap"), [(starlette, asgi.install), (wsgi_app, wsgi.RequestIdMiddleware)])
def test_a_call_downstream_without_the_id_fails(make: Any, wrap: Any) -> None:
    with Downstream() as prices:
        text = failure(wrap(make(prices.url, hooked=False)), "/predict", downstream=prices)
        assert "the call downstream has None instead of 'testing-7f3c0a': use a hook of otel.outgoing" in text
        assert "nothing was called downstream" in failure(wrap(make()), "/predict", downstream=prices)


def test_a_span_without_the_id_fails(recorded: InMemoryTelemetry) -> None:
    from opentelemetry.trace import SpanKind

    def app(environ: Any, start_response: Any) -> Any:
        recorded.tracer_provider.get_tracer("t").start_span("server", kind=SpanKind.SERVER).end()
        start_response("200 OK", [])
        return [b""]

    assert "the span has request.id None instead of 'testing-7f3c0a'" in failure(wsgi.RequestIdMiddleware(app))
