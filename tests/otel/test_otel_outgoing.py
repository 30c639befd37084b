from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import requests
from opentelemetry.sdk.trace import TracerProvider

from otel.testing import Downstream
from otel.web import outgoing
from otel.web.requestid import bound

TRACER = TracerProvider(shutdown_on_exit=False).get_tracer("test")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def downstream() -> Iterator[Downstream]:
    with Downstream() as server:
        yield server


def with_httpx(url: str, headers: dict[str, str], hooked: bool) -> None:
    with httpx.Client(event_hooks=outgoing.httpx_hooks() if hooked else {}) as client:
        client.get(url, headers=headers)


def with_httpx_async(url: str, headers: dict[str, str], hooked: bool) -> None:
    async def call() -> None:
        async with httpx.AsyncClient(event_hooks=outgoing.httpx_async_hooks() if hooked else {}) as client:
            await client.get(url, headers=headers)

    asyncio.run(call())


def with_requests(url: str, headers: dict[str, str], hooked: bool) -> None:
    with outgoing.session(requests.Session()) if hooked else requests.Session() as session:
        session.get(url, headers=headers, timeout=5)


def with_aiohttp(url: str, headers: dict[str, str], hooked: bool) -> None:
    async def call() -> None:
        configs = [outgoing.aiohttp_trace()] if hooked else []
        async with aiohttp.ClientSession(trace_configs=configs) as session, session.get(url, headers=headers):
            pass

    asyncio.run(call())


CLIENTS = [with_httpx, with_httpx_async, with_requests, with_aiohttp]


@pytest.mark.parametrize("hooked", [True, False], ids=["hooks", "instrument"])
@pytest.mark.parametrize("client", CLIENTS)
def test_outgoing_calls_carry_the_id_and_the_trace_unless_the_caller_sets_them(
    client: Any, hooked: bool, downstream: Downstream
) -> None:
    if not hooked:
        assert outgoing.instrument() == ("httpx", "requests", "aiohttp")
    try:
        with TRACER.start_as_current_span("caller") as span, bound("r-5"):
            client(downstream.url, {}, hooked)
            client(downstream.url, {"x-request-id": "mine", "traceparent": PARENT}, hooked)
    finally:
        outgoing.uninstrument()
    first, second = downstream.headers
    assert first["x-request-id"] == "r-5"
    assert first["traceparent"].split("-")[1] == f"{span.get_span_context().trace_id:032x}"
    assert "request.id=r-5" in first["baggage"]
    assert (second["x-request-id"], second["traceparent"]) == ("mine", PARENT)


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_are_as_before_once_instrumentation_is_undone(client: Any, downstream: Downstream) -> None:
    outgoing.instrument()
    outgoing.uninstrument()
    with bound("r-6"):
        client(downstream.url, {}, False)
    assert "x-request-id" not in downstream.headers[0]
