"""WSGI: a request id and the caller's trace context for every request.

app.wsgi_app = otel.wsgi.RequestIdMiddleware(app.wsgi_app)      # Flask
application = otel.wsgi.RequestIdMiddleware(application)        # Django and others
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import Any, Final

from otel.web.requestid import HEADER, accept, bind, caller

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_logger: Final = logging.getLogger("otel")


class RequestIdMiddleware:
    """Serves each request under the id in its header, or a new one, and returns it in the answer's header.

    An exception that leaves the application is logged and answered with 500, for a server would answer without the id.
    """

    def __init__(self, app: Application, header: str = HEADER) -> None:
        self.app = app
        self._header = header
        self._key = "HTTP_" + header.upper().replace("-", "_")

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        request_id = accept(environ.get(self._key))

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            others = [pair for pair in headers if pair[0].lower() != self._header.lower()]
            return start_response(status, [*others, (self._header, request_id)], *exc_info)

        # The body may be made after this call returns: both run in a context of their own.
        here = copy_context()
        here.run(bind, request_id, caller(_headers(environ)))
        try:
            body = here.run(self.app, environ, start)
        except Exception:
            here.run(_logger.exception, "the application failed")
            start("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Internal Server Error"]
        return body if isinstance(body, list | tuple) else _Body(body, here)


class _Body:
    """The body of an answer, made piece by piece in the context of the request."""

    def __init__(self, body: Iterable[bytes], here: Context) -> None:
        self._body, self._here = body, here
        self._pieces = iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._here.run(next, self._pieces)

    def close(self) -> None:
        """Release what the application holds."""
        close = getattr(self._body, "close", None)
        if close is not None:
            self._here.run(close)


def _headers(environ: Environ) -> dict[str, str]:
    return {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
