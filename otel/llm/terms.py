"""The words of providers in the terms of the spec: why an answer ended, and why a call failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from otel.recording.errors import CANCELLED, RATE_LIMIT, TIMEOUT, UNAVAILABLE

VALIDATION: Final = "validation"
"""Error type of an answer, or a request, that does not parse or fit its schema."""

STOP: Final = "stop"
ERROR: Final = "error"

_FINISH: Final = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "completed", "eos", "pause_turn", "finished"), STOP),
    **dict.fromkeys(
        ("length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"), "length"
    ),
    **dict.fromkeys(
        (
            "content_filter", "content_filtered", "refusal", "safety", "recitation", "blocklist", "prohibited_content",
            "spii", "image_safety", "guardrail_intervened",
        ),
        "content_filter",
    ),
    **dict.fromkeys(("tool_call", "tool_calls", "tool_use", "function_call"), "tool_call"),
    **dict.fromkeys(
        ("error", "failed", "cancelled", "malformed_function_call", "other", "unexpected_tool_call", "language"), ERROR
    ),
}  # fmt: skip
"""A provider's word in lower case → the value of ``llm.finish_reason``."""

_STATUSES: Final = {
    400: VALIDATION, 408: TIMEOUT, 409: UNAVAILABLE, 413: VALIDATION, 422: VALIDATION, 429: RATE_LIMIT, 504: TIMEOUT,
}  # fmt: skip
"""HTTP status → error type; all others from 401 on mean that the provider does not serve us."""

_NAMES: Final = (
    ("timeout", TIMEOUT),
    ("deadlineexceeded", TIMEOUT),
    ("cancelled", CANCELLED),
    ("ratelimit", RATE_LIMIT),
    ("resourceexhausted", RATE_LIMIT),
    ("throttl", RATE_LIMIT),
    ("toomanyrequests", RATE_LIMIT),
    ("quota", RATE_LIMIT),
    ("validation", VALIDATION),
    ("badrequest", VALIDATION),
    ("unprocessable", VALIDATION),
    ("jsondecode", VALIDATION),
    ("outputparser", VALIDATION),
    ("finishreason", VALIDATION),
    ("contextwindow", VALIDATION),
)
"""Part of the name of an exception's class in lower case → error type."""

_MEANT: Final = frozenset((TIMEOUT, UNAVAILABLE, RATE_LIMIT, VALIDATION))


def finish_reason(reasons: Iterable[str]) -> str:
    """Return the value of ``llm.finish_reason`` for a provider's words; an unknown word stays as it is."""
    found = [_FINISH.get(each.lower(), each) for each in reasons]
    return next((each for each in found if each != STOP), STOP)


def call_error(exception: BaseException) -> str:
    """Return the ``error.type`` of a call: ``timeout``, ``unavailable``, ``rate_limit`` or ``validation``.

    The exception's own ``error_type`` decides, then its HTTP status, then the names of its classes.  An exception of
    Python itself, such as ValueError, comes from reading the answer and is ``validation``; all else is
    ``unavailable``.  A task that was cancelled is ``cancelled``, which is no failure.
    """
    own = getattr(exception, "error_type", None)
    if own in _MEANT:
        return str(own)
    status = _status(exception)
    if status is not None:
        return _STATUSES.get(status, UNAVAILABLE)
    for each in type(exception).__mro__:
        name = each.__name__.lower()
        for part, meaning in _NAMES:
            if part in name:
                return meaning
    unreadable = isinstance(exception, (ValueError, TypeError, LookupError, AttributeError))
    return VALIDATION if unreadable else UNAVAILABLE


def _status(exception: BaseException) -> int | None:
    """Return the HTTP status of an exception, as the clients carry it."""
    for holder in (exception, getattr(exception, "response", None)):
        for name in ("status_code", "http_status", "status", "code"):
            status = getattr(holder, name, None)
            if isinstance(status, int) and 400 <= status <= 599:
                return status
    return None
