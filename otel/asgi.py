"""ASGI: a request id and the caller's trace context for every HTTP request.

    app = otel.asgi.install(FastAPI())                  # Starlette and FastAPI
    app = otel.asgi.RequestIdMiddleware(app)            # any ASGI application

Both are outside of everything else, so that answers to failures carry the id too; ``app.add_middleware`` would be
inside of what answers when a handler raises.  WebSockets and lifespan events pass untouched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

from otel.requestid import HEADER, accept, bound, caller

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
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
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


def install(app: A, header: str = HEADER) -> A:
    """Put the middleware around all others of a Starlette or FastAPI application, before it serves; returns it."""
    build: Callable[[], App] = app.build_middleware_stack  # type: ignore[attr-defined]

    def wrapped() -> RequestIdMiddleware:
        return RequestIdMiddleware(build(), header)

    app.build_middleware_stack = wrapped  # type: ignore[attr-defined]
    return app
