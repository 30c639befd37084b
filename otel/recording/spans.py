"""A span as the current one while a block runs, and a span that failed: the same for predictions, calls and tools."""

from __future__ import annotations

from opentelemetry import context as context_api
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode

from otel.semconv import ERROR_TYPE


def enter_span(span: Span) -> Context:
    """Make a span the current one; return the context that was current before."""
    outside = context_api.get_current()
    context_api.attach(trace.set_span_in_context(span))
    return outside


def leave_span(span: Span, outside: Context) -> None:
    """Give back the context that was current before, if the span still is the current one.

    No token: a generator may be resumed in another context than the one that it began in, where a token is worth
    nothing.
    """
    if trace.get_current_span() is span:
        context_api.attach(outside)


def fail_span(span: Span, error: str) -> None:
    """Say on a span that what it stands for failed: ``error`` is its ``error.type``."""
    span.set_attribute(ERROR_TYPE, error)
    span.set_status(Status(StatusCode.ERROR, error))
