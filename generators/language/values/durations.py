"""Durations in a spec: those of Prometheus, with a problem in place of an error."""

from __future__ import annotations

from generators.diagnostics import Code
from generators.formats import durations
from generators.language.values.value_problem import ValueProblem

NOT_A_DURATION = Code(
    "V201",
    "Not a duration",
    "A duration is numbers with units y w d h m s ms, largest first.",
    "1.5h",
    "1h30m",
)


def parse_duration(text: str) -> int:
    """Return the milliseconds of a duration. Raises ValueProblem, pointing at what cannot be read."""
    try:
        return durations.parse_duration(text)
    except durations.DurationError as error:
        start = error.start if text else None  # of nothing, the whole value is meant
        raise ValueProblem(NOT_A_DURATION, error.message, error.help, start, error.length) from None
