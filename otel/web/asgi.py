"""ASGI: a request id and the caller's trace context for every HTTP request.

    app = otel.asgi.install(FastAPI())                  # Starlette and FastAPI
    app = otel.asgi.RequestIdMiddleware(app)            # any ASGI application

Both are outside of everything else, so that answers to failures carry the id too; ``app.add_middleware`` would be
inside of what answers when a handler raises.  WebSockets pass untouched.

At the end of the application's life telemetry is flushed: uvicorn kills its workers by the signal that it has caught,
and what is registered with atexit never runs in them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

from otel.export.configure import flush
from otel.web.requestid import HEADER, accept, bound, caller

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

A = TypeVar("A")


class RequestIdMiddleware:
    """Serves each HTTP request under the id in its header, or a new one, and returns it in the answer's header."""

    def __init__(self, app: App, header: str = HEADER) -> None:
        self.app = app
        self._name = header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await _Life(receive, send).run(self.app, scope)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {bytes(name).lower(): bytes(value).decode("latin-1") for name, value in scope.get("headers", ())}
        request_id = accept(headers.get(self._name))
        answer = _Answer(send, self._name, request_id)
        outermost = "app" not in scope  # Starlette and its like name themselves there
        with bound(request_id, caller({name.decode("latin-1"): value for name, value in headers.items()})):
            try:
                await self.app(scope, receive, answer.send)
            except Exception:
                if outermost and not answer.started:
                    await answer.failure()
                raise  # for the server to log


class _Answer:
    """What is sent back: the request id is put into its head."""

    def __init__(self, send: Send, name: bytes, request_id: str) -> None:
        self.started = False
        self._send = send
        self._header = (name, request_id.encode("latin-1"))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            others = [pair for pair in message.get("headers", ()) if bytes(pair[0]).lower() != self._header[0]]
            message = {**message, "headers": [*others, self._header]}
        await self._send(message)

    async def failure(self) -> None:
        """Answer for an application that raised before it said anything; the server would, without the id."""
        head = [(b"content-type", b"text/plain; charset=utf-8")]
        await self.send({"type": "http.response.start", "status": 500, "headers": head})
        await self.send({"type": "http.response.body", "body": b"Internal Server Error"})


class _Life:
    """Start and stop of an application; telemetry is flushed when it has stopped, also if it does not care."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._used = False

    async def run(self, app: App, scope: Scope) -> None:
        try:
            await app(scope, self._receive_for_it, self._send_for_it)
        except Exception:
            if self._used:
                raise
        if self._used:
            return
        while (await self._receive())["type"] != "lifespan.shutdown":
            await self._send({"type": "lifespan.startup.complete"})
        await self._send_for_it({"type": "lifespan.shutdown.complete"})

    async def _receive_for_it(self) -> Message:
        self._used = True
        return await self._receive()

    async def _send_for_it(self, message: Message) -> None:
        if message["type"].startswith("lifespan.shutdown."):
            try:
                await asyncio.to_thread(flush)
            except RuntimeError:  # not asyncio's loop
                flush()
        await self._send(message)


def install(app: A, header: str = HEADER) -> A:
    """Put the middleware around all others of a Starlette or FastAPI application, before it serves; returns it."""
    build: Callable[[], App] = app.build_middleware_stack  # type: ignore[attr-defined]

    def wrapped() -> RequestIdMiddleware:
        return RequestIdMiddleware(build(), header)

    app.build_middleware_stack = wrapped  # type: ignore[attr-defined]
    return app
