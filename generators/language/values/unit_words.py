"""Units as people write them in specs, above and below a slash → units of UCUM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from generators.diagnostics import Code, did_you_mean
from generators.language.values.value_problem import ValueProblem, shown
from otel.units import ONE, Unit, parse_unit

UNKNOWN_UNIT = Code(
    "V203",
    "Unknown unit",
    "The unit is not one of UCUM's that are in use here.",
    "max: 5 parsec",
    "max: 5 km",
)

COUNTED: Final = (
    "answer", "batch", "call", "chunk", "conversation", "document", "error", "event", "feature", "feedback",
    "image", "item", "label", "message", "model", "page", "point", "prediction", "query", "replica",
    "request", "response", "row", "sample", "score", "series", "session", "span", "step", "token", "user",
    "word",
)  # fmt: skip
"""What may be counted without braces; anything else is written in braces, ``{robot}``."""

_TIMES: Final = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    **dict.fromkeys(("s", "second", "seconds"), "s"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "wk"),
}
_SIZES: Final = {
    **{f"{prefix}B": f"{prefix}By" for prefix in ("", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti")},
    "KB": "kBy",
    "byte": "By",
    "bytes": "By",
}
_MULTIPLES: Final = {"": 1, "k": 1000, "M": 1_000_000, "G": 1_000_000_000}
_YEAR: Final = 365
_LONGEST: Final = 80
_HUGE_POWER = re.compile(r"[A-Za-z%][+-]?[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WORD = re.compile(r"[a-z]{2,}")
_MULTIPLIED = re.compile(r"([1-9][0-9]{0,17})([kMG]?)(?:(?<=[kMG])(?![A-Za-z%])|(?<![kMG]))\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """A unit in two readings: ``factor`` × ``unit`` for an amount, and whole for a divisor."""

    factor: Fraction
    unit: Unit
    written: Unit = ONE


def read_term(text: str, *, below: bool = False) -> Term:
    """Read one part of a unit, ``below`` a slash or above it; times, sizes and percentages become their base.

    Raises ValueProblem V203, or otel.units.UnitError, when it is no unit.
    """
    if below:
        return _divisor(text)
    if text in ("y", "year", "years"):
        day = parse_unit("d")
        return Term(day.factor * _YEAR, day.base)
    unit = _symbol(text)
    if unit.dimension in ((("s", 1),), (("By", 1),)) or text in ("%", "percent"):
        return Term(unit.factor, unit.base)
    return Term(Fraction(1), unit)


def _divisor(text: str) -> Term:
    """Read what follows a slash: ``s``, ``1000 requests``, ``1M tokens``."""
    number = _MULTIPLIED.fullmatch(text)
    if number is None:
        return Term(Fraction(1), ONE, _symbol(text))
    count = int(number[1]) * _MULTIPLES[number[2]]
    unit = _symbol(number[3]) if number[3] else ONE
    return Term(Fraction(1), ONE, parse_unit(str(count)) * unit)


def _symbol(text: str) -> Unit:
    if text in _TIMES:
        return parse_unit(_TIMES[text])
    if text in _SIZES:
        return parse_unit(_SIZES[text])
    if text == "percent":
        return parse_unit("%")
    if _CURRENCY.fullmatch(text):
        return parse_unit(f"{{{text}}}")
    if _WORD.fullmatch(text) and (counted := _singular(text)):
        return parse_unit(f"{{{counted}}}")
    if text in ("k", "M", "G", "T"):
        raise ValueProblem(UNKNOWN_UNIT, f"`{text}` is not a unit", "write out the zeros, or `GB` for sizes", 0)
    if text.lower() in _LOWER_SIZES:
        raise ValueProblem(
            UNKNOWN_UNIT, f"`{text}` is not a unit", f"write `{_LOWER_SIZES[text.lower()]}`", 0, len(text)
        )
    if _WORD.fullmatch(text) and (hint := did_you_mean(text, _KNOWN)):
        raise ValueProblem(UNKNOWN_UNIT, f"unknown unit `{text}`", hint, 0, len(text))
    if len(text) > _LONGEST or _HUGE_POWER.search(text):
        raise ValueProblem(UNKNOWN_UNIT, f"{shown(text)} is not a unit", "powers of units have one digit", 0, len(text))
    return parse_unit(text)


def _singular(word: str) -> str:
    """Return the counted thing that a word names, or an empty string."""
    for ending, replacement in (("", ""), ("ies", "y"), ("es", ""), ("s", "")):
        stem = word.removesuffix(ending) + replacement
        if word.endswith(ending) and stem in COUNTED:
            return stem
    return ""


_LOWER_SIZES: Final = {size.lower(): size for size in ("GB", "MB", "TB", "GiB", "MiB", "KiB", "TiB")}
_KNOWN: Final = (*COUNTED, *(f"{word}s" for word in COUNTED), *_TIMES, "bytes", "percent")
