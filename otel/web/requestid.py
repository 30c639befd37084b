"""The request id: one name for a request from the client to the last service, never a label of a metric.

It arrives in the header ``X-Request-ID`` (or is created), is in a context variable while the request is served, on
spans and log records as ``request.id``, in W3C baggage, in the header of outgoing calls and in that of the answer.
`otel.asgi` and `otel.wsgi` bind it; `otel.outgoing` passes it on; `otel.monitor(...).prediction()` reads it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Final

from opentelemetry import baggage, context, propagate, trace
from opentelemetry.context import Context

from otel.semconv import REQUEST_ID

HEADER: Final = "X-Request-ID"
"""The usual name of the header."""
LONGEST: Final = 128
"""Characters of a request id that is accepted."""

_ACCEPTED: Final = re.compile(rf"[A-Za-z0-9._:/+=@-]{{1,{LONGEST}}}", re.ASCII)
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that is being served, none outside of one."""
    return _current.get()


def accept(raw: str | None) -> str:
    """The id that a caller sent if it is 1 to 128 of ``A-Z a-z 0-9 . _ : / + = @ -``, else a new one.

    What is refused could forge a log line, a header or a path, or fill the storage of spans.
    """
    text = (raw or "").strip()
    return text if _ACCEPTED.fullmatch(text) else uuid.uuid4().hex


@contextmanager
def bound(request_id: str, parent: Context | None = None) -> Iterator[str]:
    """Serve a request under this id: context variable, ``request.id`` on the current span, baggage.

    ``parent`` is the trace context of the caller, if one was sent: spans started inside are its children.
    """
    variable, token = bind(request_id, parent)
    try:
        yield request_id
    finally:
        context.detach(token)
        _current.reset(variable)


def bind(request_id: str, parent: Context | None = None) -> tuple[Token[str | None], Token[Context]]:
    """Like `bound`, for what runs in a context of its own, which ends without being undone."""
    here = context.get_current() if parent is None else parent
    tokens = _current.set(request_id), context.attach(baggage.set_baggage(REQUEST_ID, request_id, here))
    trace.get_current_span().set_attribute(REQUEST_ID, request_id)
    return tokens


def caller(headers: Mapping[str, str]) -> Context | None:
    """The trace context and baggage that a caller sent; none where a span that serves the request exists already.

    ``headers`` have lower-case names.
    """
    if trace.get_current_span().get_span_context().is_valid:
        return None
    return propagate.extract(headers)
