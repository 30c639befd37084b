"""Exceptions as values of ``error.type``: few, declared, and the same for every framework."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Mapping
from typing import Final

from otel.redact import redact_value
from otel.semconv import ERROR_TYPE_OTHER

TIMEOUT: Final = "timeout"
CANCELLED: Final = "cancelled"
"""Nobody waits for the answer any more: no failure, and no value of ``error.type`` unless a spec declares it."""
INVALID_INPUT: Final = "invalid_input"
UNAVAILABLE: Final = "unavailable"
RATE_LIMIT: Final = "rate_limit"
INTERNAL: Final = "internal"

_STATUSES: Final = {408: TIMEOUT, 504: TIMEOUT, 429: RATE_LIMIT, 502: UNAVAILABLE, 503: UNAVAILABLE}
"""HTTP status → error type; the other 4xx are the caller's mistake, the other 5xx ours."""

_NAMES: Final = (
    ("timeout", TIMEOUT),
    ("cancelled", CANCELLED),
    ("ratelimit", RATE_LIMIT),
    ("validationerror", INVALID_INPUT),
    ("connect", UNAVAILABLE),
    ("unavailable", UNAVAILABLE),
)
"""Part of the name of an exception's class in lower case → error type, for libraries that are not imported here."""


def error_type(
    exception: BaseException,
    declared: Collection[str] = (),
    mapping: Mapping[type[BaseException], str] | None = None,
) -> str:
    """Return the ``error.type`` of an exception.

    The most specific class of ``mapping`` decides, then the exception's own attribute ``error_type``, then its HTTP
    status, then the names of its classes.  What is not ``declared`` becomes ``internal``, or ``_OTHER`` without that.
    """
    found = _named(exception, mapping or {})
    if not declared or found in declared or found == CANCELLED:
        return found
    return INTERNAL if INTERNAL in declared else ERROR_TYPE_OTHER


def exception_attributes(exception: BaseException, privacy: str = "redacted") -> dict[str, str]:
    """Return the attributes of an exception by OpenTelemetry's conventions.

    ``privacy`` is ``redacted`` (personal data and secrets are masked in message and stack trace) or ``type`` (neither,
    for names of people cannot be found in texts).
    """
    kind = type(exception)
    found = {"exception.type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if privacy == "type":
        return found
    try:
        message, trace = str(exception), "".join(traceback.format_exception(exception))
    except Exception:  # its __str__ may raise anything
        return found
    return found | {"exception.message": redact_value(message), "exception.stacktrace": redact_value(trace)}


def status_error_type(status: int) -> str:
    """Return the ``error.type`` of an HTTP status from 400."""
    return _STATUSES.get(status, INVALID_INPUT if status < 500 else INTERNAL)


def _named(exception: BaseException, mapping: Mapping[type[BaseException], str]) -> str:
    classes = type(exception).__mro__
    for each in classes:
        if each in mapping:
            return mapping[each]
    own = getattr(exception, "error_type", None)
    if isinstance(own, str):
        return own
    status = _status(exception)
    if status is not None:
        return status_error_type(status)
    for each in classes:
        name = each.__name__.lower()
        for part, meaning in _NAMES:
            if part in name:
                return meaning
    return INTERNAL


def _status(exception: BaseException) -> int | None:
    """Return the HTTP status of an exception, as frameworks and clients carry it."""
    for holder in (exception, getattr(exception, "response", None)):
        for name in ("status_code", "status", "code"):
            status = getattr(holder, name, None)
            if isinstance(status, int) and 400 <= status <= 599:
                return status
    return None
