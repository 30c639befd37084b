from __future__ import annotations

import asyncio
import logging
from typing import Any
from wsgiref.util import setup_testing_defaults

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import baggage, trace
from opentelemetry.sdk.trace import TracerProvider
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from otel.web import asgi, wsgi
from otel.web.requestid import LONGEST, accept, bound, current_request_id

TRACER = TracerProvider(shutdown_on_exit=False).get_tracer("test")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_whatever_is_sent_the_id_is_safe_to_log_and_to_send(raw: str) -> None:
    accepted = accept(raw)
    assert 1 <= len(accepted) <= LONGEST
    assert accepted.isascii()
    assert accepted.isprintable()
    assert not set(accepted) & set(" \r\n\t\"'<>\\,;%{}")
    assert accept(accepted) == accepted


@pytest.mark.parametrize("raw", ["a", "7f3c:9/x+y=z@host_1.2-3", "x" * LONGEST])
def test_an_id_of_the_caller_is_kept(raw: str) -> None:
    assert accept(raw) == raw


@pytest.mark.parametrize("raw", [None, "", " ", "x" * (LONGEST + 1), "a\r\nSet-Cookie: b", "ä", "{jndi:ldap}", "a b"])
def test_a_hostile_or_absent_id_is_replaced_by_a_new_one(raw: str | None) -> None:
    first, second = accept(raw), accept(raw)
    assert len(first) == 32
    assert first not in (raw, second)


def test_the_id_is_bound_to_context_span_and_baggage_and_unbound_again() -> None:
    with TRACER.start_as_current_span("server") as span:
        with bound("r-1"):
            assert current_request_id() == "r-1"
            assert baggage.get_baggage("request.id") == "r-1"
        assert span.attributes == {"request.id": "r-1"}  # type: ignore[attr-defined]
        assert current_request_id() is None
        assert baggage.get_baggage("request.id") is None


# --- ASGI -------------------------------------------------------------------------------------------------------


async def echo(_: Any) -> PlainTextResponse:
    await asyncio.sleep(0)
    span = trace.get_current_span().get_span_context()
    return PlainTextResponse(f"{current_request_id()} {span.trace_id:032x}", headers={"X-Request-ID": "from the app"})


async def stream(_: Any) -> StreamingResponse:
    async def pieces() -> Any:
        for _ in range(2):
            await asyncio.sleep(0)
            yield f"{current_request_id()};"

    return StreamingResponse(pieces())


async def fail(_: Any) -> PlainTextResponse:
    raise RuntimeError("no")


async def receive() -> Any:
    return {"type": "http.request"}


async def send(_: Any) -> None:
    raise AssertionError("nothing is sent")


def starlette() -> Starlette:
    return Starlette(routes=[Route("/", echo), Route("/stream", stream), Route("/fail", fail)])


def get(app: Any, path: str = "/", **headers: str) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(call())


@pytest.mark.parametrize("path", ["/", "/stream", "/fail", "/absent"])
@pytest.mark.parametrize("wrap", [asgi.RequestIdMiddleware, asgi.install], ids=["wrapped", "installed"])
def test_every_answer_of_an_asgi_application_returns_the_id_once(wrap: Any, path: str) -> None:
    response = get(wrap(starlette()), path, **{"x-request-id": "r-7"})
    assert response.headers.get_list("x-request-id") == ["r-7"]
    assert response.status_code == {"/": 200, "/stream": 200, "/fail": 500, "/absent": 404}[path]


def test_handlers_and_streams_see_the_id_and_the_trace_of_the_caller() -> None:
    app = asgi.install(starlette())
    assert get(app, "/", **{"x-request-id": "r-8", "traceparent": PARENT}).text == f"r-8 {PARENT[3:35]}"
    assert get(app, "/stream", **{"x-request-id": "r-9"}).text == "r-9;r-9;"
    assert current_request_id() is None


def test_a_span_that_serves_the_request_already_stays_the_parent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        with TRACER.start_as_current_span("server") as span:
            await asgi.RequestIdMiddleware(starlette())(scope, receive, send)
            seen.append((span.get_span_context().trace_id, dict(span.attributes or {})))  # type: ignore[attr-defined]

    seen: list[tuple[int, dict[str, Any]]] = []
    text = get(app, "/", **{"x-request-id": "r-1", "traceparent": PARENT}).text
    assert text == f"r-1 {seen[0][0]:032x}"
    assert seen[0][1] == {"request.id": "r-1"}


def test_an_application_that_raises_at_once_answers_500_with_the_id_and_the_server_sees_the_exception() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no")

    assert get(asgi.RequestIdMiddleware(broken), **{"x-request-id": "r-2"}).headers["x-request-id"] == "r-2"
    sent: list[Any] = []

    async def record(message: Any) -> None:
        sent.append(message)

    with pytest.raises(RuntimeError, match="no"):
        asyncio.run(asgi.RequestIdMiddleware(broken)({"type": "http", "headers": []}, receive, record))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


def test_websockets_pass_untouched() -> None:
    passed: list[Any] = []

    async def app(*arguments: Any) -> None:
        passed.append((arguments, current_request_id()))

    scope = {"type": "websocket", "headers": [(b"x-request-id", b"r")]}
    asyncio.run(asgi.RequestIdMiddleware(app)(scope, receive, send))
    assert passed == [((scope, receive, send), None)]


async def waits(scope: Any, receive: Any, send: Any) -> None:
    for word in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{word}"
        await send({"type": f"lifespan.{word}.complete"})


async def returns(scope: Any, receive: Any, send: Any) -> None:
    """It does not care about its life."""


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError(scope["type"])


@pytest.mark.parametrize("app", [waits, returns, raises, starlette()], ids=["waits", "returns", "raises", "starlette"])
def test_telemetry_is_flushed_before_the_server_hears_that_the_application_has_stopped(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(asgi, "flush", lambda: said.append("flushed"))
    events = [{"type": "lifespan.shutdown"}, {"type": "lifespan.startup"}]

    async def hear() -> Any:
        return events.pop()

    async def say(message: Any) -> None:
        said.append(message["type"])

    asyncio.run(asgi.RequestIdMiddleware(app)({"type": "lifespan", "state": {}}, hear, say))
    assert said == ["lifespan.startup.complete", "flushed", "lifespan.shutdown.complete"]


def test_an_application_that_fails_to_start_fails() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        asyncio.run(asgi.RequestIdMiddleware(app)({"type": "lifespan"}, receive, send))


def test_the_name_of_the_header_can_be_chosen() -> None:
    response = get(asgi.RequestIdMiddleware(starlette(), header="X-Correlation-ID"), **{"x-correlation-id": "c-1"})
    assert response.headers["x-correlation-id"] == "c-1"
    assert response.text.startswith("c-1 ")


# --- WSGI -------------------------------------------------------------------------------------------------------


def serve(app: Any, **environ: str) -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[Any] = []
    request: dict[str, Any] = dict(environ)
    setup_testing_defaults(request)
    body = app(request, lambda status, headers, exc_info=None: started.append((status, headers)))
    text = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return *started[-1], text


def test_a_wsgi_application_and_its_stream_see_the_id_and_return_it_once() -> None:
    closed: list[str | None] = []

    def app(environ: Any, start_response: Any) -> Any:
        def pieces() -> Any:
            try:
                span = trace.get_current_span().get_span_context()
                yield f"{current_request_id()} {span.trace_id:032x}".encode()
            finally:
                closed.append(current_request_id())

        start_response("200 OK", [("X-Request-Id", "from the app")])
        return pieces()

    _, headers, text = serve(wsgi.RequestIdMiddleware(app), HTTP_X_REQUEST_ID="r-3", HTTP_TRACEPARENT=PARENT)
    assert headers == [("X-Request-ID", "r-3")]
    assert text.decode() == f"r-3 {PARENT[3:35]}"
    assert closed == ["r-3"]
    assert current_request_id() is None


def test_a_wsgi_application_that_raises_answers_500_with_the_id_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR, logger="otel"):
        status, headers, _ = serve(wsgi.RequestIdMiddleware(app), HTTP_X_REQUEST_ID="a b")
    assert status.startswith("500")
    assert len(dict(headers)["X-Request-ID"]) == 32
    assert "RuntimeError: no" in caplog.text
