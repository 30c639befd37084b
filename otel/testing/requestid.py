"""Whether a service keeps the request id, from the header to spans, outgoing calls and back."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

from opentelemetry.trace import SpanKind

from otel.export.configure import telemetry as current_telemetry
from otel.semconv import REQUEST_ID
from otel.testing import applications
from otel.testing.applications import Answer
from otel.testing.memory import InMemoryTelemetry
from otel.web.requestid import HEADER, accept

_SENT: Final = "testing-7f3c0a"
_HOSTILE: Final = ("x" * 129, "a b", "id\r\nset-cookie: a=b", "${jndi:ldap://x}", "<script>", "\xfc")


class Downstream:
    """Something that the service calls: an HTTP server on loopback that answers every request with an empty object.

    ``with Downstream() as prices:``, then `url` is its address, and `headers` are those of the requests, lower-case.
    """

    def __init__(self) -> None:
        self.headers: list[Mapping[str, str]] = []
        self.url = ""

    def __enter__(self) -> Downstream:
        seen = self.headers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                seen.append({name.lower(): value for name, value in self.headers.items()})
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  (names that the base class looks for)

            def log_message(self, *_arguments: object) -> None:
                """Nothing: a test reads `headers`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class _Case:
    """One request of the test: what was sent, in words for the message, and what came of it."""

    words: str
    sent: str | None
    answer: Answer
    spans: tuple[Mapping[str, Any], ...] | None
    calls: tuple[Mapping[str, str], ...] | None


def assert_request_id_propagates(
    app: Any,
    path: str = "/",
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    header: str = HEADER,
    downstream: Downstream | None = None,
    telemetry: InMemoryTelemetry | None = None,
) -> None:
    """Fail unless an ASGI or WSGI application keeps the request id that it is sent, and makes one up where it must.

    Requests are sent to ``path`` in this process: with an id, without one, and with some that are too long or hostile.
    Each answer must have exactly one id in its header: the one sent, or a new one.  Spans of kind SERVER that ended
    meanwhile must have it as ``request.id`` (``telemetry`` is what they are recorded in, by default the current
    `otel.testing.telemetry`).  With ``downstream``, every request must call it, and pass the id on.
    """
    current = current_telemetry() if telemetry is None else telemetry
    recorded = current if isinstance(current, InMemoryTelemetry) else None
    send = applications.asgi if _is_asgi(app) else applications.wsgi
    problems: list[str] = []
    with send(app) as request:

        def case(words: str, sent: str | None) -> _Case:
            return _send(request, (method, path, body, headers or {}), header, words, sent, recorded, downstream)

        cases = [
            case("a request with an id", _SENT),
            case("a request without an id", None),
            case("a second request without an id", None),
            *(case(f"a request with the hostile id {raw[:24]!r}", raw) for raw in _HOSTILE),
        ]
    for each in cases:
        problems += [f"{each.words}: {problem}" for problem in _problems(each, header)]
    made_up = [each.answer.all(header)[0] for each in cases if each.sent is None and each.answer.all(header)]
    if len(set(made_up)) < len(made_up):
        problems.append(f"two requests without an id got the same one, {made_up[0]!r}")
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise AssertionError(f"{method} {path} does not keep {header}:{lines}")


def _is_asgi(app: Any) -> bool:
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)


def _send(
    request: Callable[..., Answer],
    what: tuple[str, str, bytes, Mapping[str, str]],
    header: str,
    words: str,
    sent: str | None,
    recorded: InMemoryTelemetry | None,
    downstream: Downstream | None,
) -> _Case:
    spans_before = len(recorded.spans()) if recorded is not None else 0
    calls_before = len(downstream.headers) if downstream is not None else 0
    method, path, body, headers = what
    answer = request(method, path, {**headers, **({header: sent} if sent is not None else {})}, body)
    spans = recorded.spans()[spans_before:] if recorded is not None else None
    servers = None if spans is None else tuple(dict(s.attributes or {}) for s in spans if s.kind is SpanKind.SERVER)
    calls = None if downstream is None else tuple(downstream.headers[calls_before:])
    return _Case(words, sent, answer, servers, calls)


def _problems(case: _Case, header: str) -> Iterator[str]:
    returned = case.answer.all(header)
    if len(returned) != 1:
        yield f"the answer ({case.answer.status}) has {len(returned) or 'no'} {header}: {_MIDDLEWARE}"
        return
    (request_id,) = returned
    if case.sent == _SENT and request_id != _SENT:
        yield f"the answer has {request_id!r} instead of {_SENT!r}: {_MIDDLEWARE}"
    elif case.sent != _SENT and (accept(request_id) != request_id or request_id == case.sent):
        yield f"the answer has {request_id!r}, which is not a new id: {_MIDDLEWARE}"
    for attributes in case.spans or ():
        if (found := attributes.get(REQUEST_ID)) != request_id:
            yield f"the span has {REQUEST_ID} {found!r} instead of {request_id!r}: was it made outside the middleware?"
    if case.calls is not None and not case.calls:
        yield "nothing was called downstream: does the service call `downstream.url`?"
    for call in case.calls or ():
        if (passed := call.get(header.lower())) != request_id:
            yield f"the call downstream has {passed!r} instead of {request_id!r}: use a hook of otel.outgoing"


_MIDDLEWARE: Final = "wrap the application in otel.asgi.install or the RequestIdMiddleware of otel.asgi or otel.wsgi"
