"""Outgoing calls: the request id, trace context and baggage of the request that is being served go along.

    httpx.Client(event_hooks=otel.outgoing.httpx_hooks())
    httpx.AsyncClient(event_hooks=otel.outgoing.httpx_async_hooks())
    otel.outgoing.session(requests.Session())
    aiohttp.ClientSession(trace_configs=[otel.outgoing.aiohttp_trace()])
    otel.outgoing.instrument()              # all clients of those that are installed, now and later

A header that the caller has set stays as it is.  None of the clients is needed to import this module.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TypeVar

from opentelemetry import propagate

from otel.web.requestid import HEADER, current_request_id

S = TypeVar("S")
Patch = tuple[type, str, Any]

_patches: Final[list[Patch]] = []


def add_headers(headers: MutableMapping[str, str], header: str = HEADER) -> None:
    """Add the request id, ``traceparent`` and ``baggage`` to the headers of a call, where it does not have them."""
    found: dict[str, str] = {}
    propagate.inject(found)
    if (request_id := current_request_id()) is not None:
        found[header] = request_id
    present = {name.lower() for name in headers}
    for name, value in found.items():
        if name.lower() not in present:
            headers[name] = value


def httpx_hooks(header: str = HEADER) -> dict[str, list[Callable[..., Any]]]:
    """``event_hooks`` of an `httpx.Client`."""

    def hook(request: Any) -> None:
        add_headers(request.headers, header)

    return {"request": [hook]}


def httpx_async_hooks(header: str = HEADER) -> dict[str, list[Callable[..., Any]]]:
    """``event_hooks`` of an `httpx.AsyncClient`."""

    async def hook(request: Any) -> None:
        add_headers(request.headers, header)

    return {"request": [hook]}


def session(client: S, header: str = HEADER) -> S:
    """Add the headers to all calls of a `requests.Session`; returns it."""
    client.send = _adding(client.send, 0, header)  # type: ignore[attr-defined]
    return client


def aiohttp_trace(header: str = HEADER) -> Any:
    """An `aiohttp.TraceConfig` that adds the headers to all calls of a session."""
    trace_config = importlib.import_module("aiohttp").TraceConfig()

    async def on_request_start(_session: Any, _context: Any, parameters: Any) -> None:
        add_headers(parameters.headers, header)

    trace_config.on_request_start.append(on_request_start)
    return trace_config


def instrument(header: str = HEADER) -> tuple[str, ...]:
    """Add the headers to all calls of httpx, requests and aiohttp that are installed; returns their names."""
    uninstrument()
    done = []
    for name, patch in (("httpx", _patch_httpx), ("requests", _patch_requests), ("aiohttp", _patch_aiohttp)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        patch(module, header)
        done.append(name)
    return tuple(done)


def uninstrument() -> None:
    """Undo `instrument`."""
    while _patches:
        owner, name, original = _patches.pop()
        setattr(owner, name, original)


def _patch(owner: type, name: str, replace: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    original = getattr(owner, name)
    _patches.append((owner, name, original))
    setattr(owner, name, functools.wraps(original)(replace(original)))


def _patch_httpx(module: Any, header: str) -> None:
    for client in (module.Client, module.AsyncClient):
        _patch(client, "send", lambda send: _adding(send, 1, header))


def _patch_requests(module: Any, header: str) -> None:
    _patch(module.Session, "send", lambda send: _adding(send, 1, header))


def _patch_aiohttp(module: Any, header: str) -> None:
    def replace(init: Callable[..., None]) -> Callable[..., None]:
        def initialise(self: Any, *arguments: Any, **options: Any) -> None:
            options["trace_configs"] = [*(options.get("trace_configs") or ()), aiohttp_trace(header)]
            init(self, *arguments, **options)

        return initialise

    _patch(module.ClientSession, "__init__", replace)


def _adding(send: Callable[..., Any], position: int, header: str) -> Callable[..., Any]:
    """``send`` with the headers added to the request, which is its argument at ``position``."""

    def wrapped(*arguments: Any, **options: Any) -> Any:
        request = options["request"] if "request" in options else arguments[position]
        add_headers(request.headers, header)
        return send(*arguments, **options)

    return wrapped
