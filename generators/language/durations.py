"""Durations as Prometheus writes them: ``30s``, ``1h30m``, ``30d``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from generators.diagnostics import Code
from generators.language.value_problem import ValueProblem, shown

NOT_A_DURATION = Code(
    "V201",
    "Not a duration",
    "A duration is numbers with units y w d h m s ms, largest first.",
    "1.5h",
    "1h30m",
)

UNITS: Final[dict[str, int]] = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
"""Milliseconds in each unit; a duration names units in this order, each at most once."""

_WORDS: Final = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("wk", "week", "weeks"), "w"),
    **dict.fromkeys(("year", "years", "a"), "y"),
    **dict.fromkeys(("msec", "millis", "milliseconds"), "ms"),
}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit in UNITS))
_PART = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z]*)")
_LONGEST: Final = (2**63 - 1) // 1_000_000
"""Milliseconds: Prometheus keeps durations in a signed 64-bit number of nanoseconds, about 292 years."""


@dataclass(frozen=True, slots=True, order=True)
class Seconds:
    """A duration, exact to the millisecond."""

    value: Decimal

    @property
    def milliseconds(self) -> int:
        """The duration in milliseconds."""
        return int(self.value * 1000)

    def __str__(self) -> str:
        """Return Prometheus' canonical form: weeks and years only where nothing is left over."""
        rest = self.milliseconds
        if rest == 0:
            return "0s"
        parts = []
        for unit, size in UNITS.items():
            if unit in ("y", "w") and rest % size:
                continue
            count, rest = divmod(rest, size)
            parts += [f"{count}{unit}"] if count else []
        return "".join(parts)


def parse_duration(text: str) -> Seconds:
    """Read a duration by Prometheus' rules: whole numbers with y w d h m s ms, largest first; or ``0``.

    Raises ValueProblem with code V201, pointing at what cannot be read.
    """
    if text == "0":
        return Seconds(Decimal(0))
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise _explain(text)
    if any(len(digits) > 18 for digits in match.groupdict("0").values()):
        raise _too_long(text)
    milliseconds = sum(int(match[unit]) * size for unit, size in UNITS.items() if match[unit])
    if milliseconds > _LONGEST:
        raise _too_long(text)
    return Seconds(Decimal(milliseconds) / 1000)


def _too_long(text: str) -> ValueProblem:
    return ValueProblem(NOT_A_DURATION, f"the duration {shown(text)} is longer than 292 years", "write a shorter one")


def _explain(text: str) -> ValueProblem:
    """Say which part of a text keeps it from being a duration, and what to write."""
    if not text.strip():
        return ValueProblem(NOT_A_DURATION, "a duration is missing", "write one such as `30s`, `5m`, `1h30m` or `30d`")
    together = "".join(text.split())
    if together != text and _DURATION.fullmatch(together):
        space = next(offset for offset, letter in enumerate(text) if letter.isspace())
        return _at(text, "contains a space", f"write `{together}`", space, space + 1)
    position = 0
    before: list[str] = []
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            help_ = "a duration is whole numbers with y w d h m s ms, such as `1h30m`"
            return _at(text, f"cannot be read from {shown(text[position:])} on", help_, position, len(text))
        if problem := _explain_part(text, part, before):
            return problem
        before.append(part["unit"])
        position = part.end()
    return ValueProblem(NOT_A_DURATION, f"{shown(text)} is not a duration", "write one such as `30s` or `1h30m`")


def _explain_part(text: str, part: re.Match[str], before: list[str]) -> ValueProblem | None:
    number, unit = part["number"], part["unit"]
    if not unit:
        return _at(
            text,
            "has a number without a unit",
            f"write `{number}s`, `{number}m` or `{number}h`",
            *part.span(),
        )
    if unit not in UNITS:
        right = _WORDS.get(unit.lower(), unit.lower() if unit.lower() in UNITS else "")
        help_ = f"write `{number}{right}`" if right else "units are y w d h m s ms"
        return _at(text, f"has the unknown unit `{unit}`", help_, *part.span("unit"))
    if "." in number:
        return _at(text, "has a fraction", _whole(number, unit), *part.span("number"))
    order = list(UNITS)
    if before and order.index(unit) <= order.index(before[-1]):
        return _at(
            text,
            f"has `{unit}` after `{before[-1]}`",
            "name each unit once, largest first",
            *part.span("unit"),
        )
    return None


def _whole(number: str, unit: str) -> str:
    """Return the remedy for a fraction, such as ``1h30m`` for ``1.5h``."""
    milliseconds = Decimal(number) * UNITS[unit] if len(number) <= 18 else Decimal(0)
    if milliseconds and milliseconds == int(milliseconds) <= _LONGEST:
        return f"write `{Seconds(milliseconds / 1000)}`"
    return "use a smaller unit and a whole number"


def _at(text: str, what: str, help_: str, start: int, end: int) -> ValueProblem:
    return ValueProblem(NOT_A_DURATION, f"the duration {shown(text)} {what}", help_, start, max(1, end - start))
