"""Tenants whose words stay on the node: no pattern knows the name of a person in a sentence.

What belongs to no tenant is treated like them, since nobody knows whose it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generators.planning.collector.ottl import any_of, attribute, equals, quoted
from otel.semconv import TENANT_ID

MESSAGE: Final = "exception.message"
TRACE: Final = "exception.stacktrace"

SPOKEN: Final = ("message", MESSAGE, TRACE)
"""Keys of structured bodies that hold sentences."""

PYTHON: Final = r"^Traceback \(most recent call last\):"
FROM_THE_ERROR: Final = r"(?s)\n\S.*"
"""Of a stack trace of Python, everything from the first line on that is neither its first nor indented: the message,
whatever it holds, and the traces of errors that followed from it."""


@dataclass(frozen=True, slots=True)
class Words:
    """Statements that take words away, by the context that they run in."""

    spans: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()


def words(tenants: Sequence[str]) -> Words:
    """Return what takes the words of tenants away, once their identity is set and undeclared attributes are gone."""
    if not tenants:
        return Words()
    tenant = attribute("resource", TENANT_ID)
    whose = any_of([f"{tenant} == nil", *(equals(tenant, each) for each in tenants)])
    return Words(
        spans=(f'set(span.status.message, "") where {whose}',),
        events=_exception("spanevent", whose),
        logs=(
            *_exception("log", whose),
            f'set(log.body, "") where {whose} and not IsMap(log.body)',
            *(f"delete_key(log.body, {quoted(key)}) where {whose} and IsMap(log.body)" for key in SPOKEN),
        ),
    )


def _exception(owner: str, whose: str) -> tuple[str, ...]:
    """Return statements that leave the type of an exception, and the frames of Python's stack traces."""
    keys, trace = f"{owner}.attributes", attribute(owner, TRACE)
    return (
        f"delete_key({keys}, {quoted(MESSAGE)}) where {whose}",
        f"delete_key({keys}, {quoted(TRACE)}) where {whose} and not IsMatch({trace}, {quoted(PYTHON)})",
        f'replace_pattern({trace}, {quoted(FROM_THE_ERROR)}, "") where {whose}',
    )
