"""Requests to an ASGI or WSGI application in the same process, without a server."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


Request: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Sends a method, a path, headers and a body."""


@contextmanager
def wsgi(app: Any) -> Iterator[Request]:
    """Send requests to a WSGI application."""

    def request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2], "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(len(body)), "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
            "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        pieces = app(environ, lambda status, head, *_exc_info: started.append((status, head)))
        try:
            content = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        status, head = started[-1]
        return Answer(int(status[:3]), tuple(head), content)

    yield request


@contextmanager
def asgi(app: Any) -> Iterator[Request]:
    """Send requests to an ASGI application that has started, from a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="asgi", daemon=True)
    thread.start()
    life = _Lifespan(app)

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    def request(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer: Answer = run(_request(app, method, path, headers, body))
        return answer

    try:
        run(life.start())
        yield request
        run(life.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _request(app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    sent: list[Any] = []
    received = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if received:
            return received.pop()
        await asyncio.Event().wait()  # the client stays connected
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path.partition("?")[0], "raw_path": path.partition("?")[0].encode(),
        "query_string": path.partition("?")[2].encode(), "root_path": "", "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"localhost"), (b"content-length", str(len(body)).encode()),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
        ],
    }  # fmt: skip
    try:
        await app(scope, receive, send)
    except Exception:
        if not any(message["type"] == "http.response.start" for message in sent):
            raise
    (start,) = (message for message in sent if message["type"] == "http.response.start")
    head = tuple((bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in start["headers"])
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Answer(start["status"], head, content)


class _Lifespan:
    """Start and stop of an application; one that does not know of them goes without."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def start(self) -> None:
        self._asked: asyncio.Queue[Any] = asyncio.Queue()
        self._answered: asyncio.Queue[Any] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._app(scope, self._asked.get, self._answered.put))
        await self._step("lifespan.startup")

    async def stop(self) -> None:
        if not self._task.done():
            await self._step("lifespan.shutdown")
        await asyncio.wait([self._task])

    async def _step(self, event: str) -> None:
        await self._asked.put({"type": event})
        answer = asyncio.ensure_future(self._answered.get())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"{event}.failed":
            raise RuntimeError(f"the application failed at {event}: {answer.result().get('message', '')}")
        answer.cancel()
