"""Quantities: an exact amount with a unit, as people write it in specs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from generators.diagnostics import Code
from generators.formats.durations import UNITS, format_duration
from generators.language.values.durations import parse_duration
from generators.language.values.unit_words import UNKNOWN_UNIT, Term, read_term
from generators.language.values.value_problem import ValueProblem, shown
from otel.units import ONE, Unit, UnitError, parse_unit, quantity_text

NOT_A_NUMBER = Code(
    "V202",
    "Not a number",
    "A decimal number is expected, with or without a unit.",
    "max: about 5",
    "max: 5",
)
NUMBER_OUT_OF_RANGE = Code(
    "V207",
    "Number out of range",
    "A number has too many digits, is too large, or is no share from 0% to 100%.",
    "max: 1e999",
    "max: 1e9",
)

MAX_DIGITS: Final = 40
"""Digits before or after the decimal point of an amount."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMPOUND = re.compile(rf"[0-9]+(?:{'|'.join(sorted(UNITS, reverse=True))})\s*[0-9]")
"""The start of a duration with several units, which no unit of UCUM looks like."""

_MANY_MINUTES = re.compile(r"([0-9]{2,})m")
"""Minutes that would be written in hours: milliseconds with a letter too few."""
_MINUTES_OF_AN_HOUR: Final = 60

_RATES: Final = {"": "s", "second": "s", "sec": "s", "minute": "min", "min": "min", "hour": "h", "h": "h", "day": "d"}
_LONGEST: Final = 200
_EXACT: Final = Context(prec=400)
_SECOND: Final = parse_unit("s")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a unit; ``text`` is how it was written.

    Times are kept in ``s``, sizes in ``By``, percentages as shares of 1; rates and prices in the unit as
    written, since a third of something has no exact decimal.
    """

    amount: Decimal
    unit: Unit
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text or quantity_text(self.amount, self.unit)


def parse_decimal(text: str) -> Decimal:
    """Read a plain number exactly; raise ValueProblem V202 or V207."""
    number, end = _number(text)
    if end < len(text):
        message = f"{shown(text[end:].strip())} follows the number"
        raise ValueProblem(NOT_A_NUMBER, message, "write only the number", end, len(text) - end)
    return number


def parse_quantity(text: str) -> Quantity:
    """Read a number with or without a unit.

    ``99.5%``, ``500ms``, ``1h30m``, ``12/s``, ``100 requests/s``, ``0.15 USD/1M tokens``, ``512MiB``,
    ``20 {request}``, ``3 kW.h``.  Raises ValueProblem V202 (number), V203 (unit) or V207 (out of range).
    """
    if len(text) > _LONGEST:
        raise ValueProblem(NOT_A_NUMBER, f"{shown(text)} is too long for a value", "write a number with its unit")
    if _COMPOUND.match(text):
        return Quantity(Decimal(parse_duration(text)) / 1000, _SECOND, text)
    if (minutes := _MANY_MINUTES.fullmatch(text)) and int(minutes[1]) > _MINUTES_OF_AN_HOUR:
        meant = format_duration(int(minutes[1]) * UNITS["m"])
        help_ = f"write `{minutes[1]}ms`, or `{meant}` if that is meant"
        raise ValueProblem(UNKNOWN_UNIT, f"{shown(text)} is {minutes[1]} minutes", help_, len(minutes[1]))
    amount, end = _number(text)
    factor, unit = _unit(text, end)
    exact = _EXACT.divide(_EXACT.multiply(amount, Decimal(factor.numerator)), Decimal(factor.denominator))
    return Quantity(exact, unit, text)


def _number(text: str) -> tuple[Decimal, int]:
    """Return the number at the start of a text, and where it ends."""
    match = _NUMBER.match(text)
    if match is None:
        raise _no_number(text)
    following = text[match.end() : match.end() + 1]
    if following in ("_", ",", "'") and text[match.end() + 1 : match.end() + 2].isdigit():
        message = f"`{following}` inside a number"
        raise ValueProblem(NOT_A_NUMBER, message, _without_separator(text, match.end()), match.end())
    return _bounded(match.group()), match.end()


def _without_separator(text: str, at: int) -> str:
    """Return the remedy for a comma, an underscore or an apostrophe among digits."""
    grouped = re.match(r"[+-]?[1-9][0-9]{0,2}([_,'][0-9]{3})+(?![0-9_,'])", text)
    joined = re.sub(r"(?<=[0-9])[_,'](?=[0-9])", "", text)
    pointed = f"{text[:at]}.{text[at + 1 :]}"
    if text[at] != "," or text.count(",") > 1:
        return f"write `{joined}`"
    return f"write `{joined}`, or `{pointed}` if it is a decimal comma" if grouped else f"write `{pointed}`"


def _bounded(digits: str) -> Decimal:
    too_big = ValueProblem(
        NUMBER_OUT_OF_RANGE, f"the number {shown(digits)} is out of range", f"use at most {MAX_DIGITS} digits"
    )
    if len(digits) > 2 * MAX_DIGITS:
        raise too_big
    number = Decimal(digits)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or number.adjusted() >= MAX_DIGITS or exponent < -MAX_DIGITS:
        raise too_big
    return number


def _no_number(text: str) -> ValueProblem:
    if not text.strip():
        return ValueProblem(NOT_A_NUMBER, "a number is missing", "write one such as `20000`, `99.5%` or `500ms`")
    if text[0].isspace():
        return ValueProblem(NOT_A_NUMBER, "space before the value", "remove it", 0, len(text) - len(text.lstrip()))
    if money := re.fullmatch(r"([$€£¥])\s*([0-9.]+)(.*)", text):
        currency = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}[money[1]]
        tokens = " tokens" if re.fullmatch(r"\s*/\s*1?[kM]", money[3]) else ""
        help_ = f"write `{money[2]} {currency}{money[3]}{tokens}`"
        return ValueProblem(NOT_A_NUMBER, f"{shown(text)} starts with a currency sign", help_, 0, 1)
    if text.lower().lstrip("+-.") in ("inf", "infinity", "nan"):
        return ValueProblem(NUMBER_OUT_OF_RANGE, f"{shown(text)} is not a finite number", "write a number")
    return ValueProblem(
        NOT_A_NUMBER,
        f"{shown(text)} does not start with a number",
        "write one such as `20000` or `500ms`",
        0,
        len(text),
    )


def _unit(text: str, start: int) -> tuple[Fraction, Unit]:
    """Return the unit after a number: a factor for the amount, and the unit that the product is in."""
    if rate := _rate(text[start:].strip()):
        raise ValueProblem(
            UNKNOWN_UNIT, f"{shown(text)} is not how rates are written", f"write `{text[:start]}{rate}`", start
        )
    above, *below = _parts(text, start)
    factor, unit = Fraction(1), ONE
    if above[0] or not below:
        term = _term(text, *above) if above[0] else Term(Fraction(1), ONE)
        factor, unit = term.factor, term.unit
    for part, offset in below:
        if not part:
            slash = text.rindex("/", 0, offset)
            raise ValueProblem(UNKNOWN_UNIT, f"nothing follows `/` in {shown(text)}", "name the unit after it", slash)
        term = _term(text, part, offset, below=True)
        unit = unit / term.written
    return factor, unit


def _rate(unit: str) -> str:
    """Return how a rate is written that somebody put into words or letters: `rps`, `requests per minute`."""
    letters = re.fullmatch(r"(?:r|q|t|req|requests?|queries)(?:ps|pm|ph|/sec)", unit, re.IGNORECASE)
    if letters:
        return {"s": "/s", "m": "/min", "h": "/h", "c": "/s"}[unit[-1].lower()]
    words = re.fullmatch(r"(?:(?P<what>[a-z]+)\s+)?(?:per|a|an)\s+(?P<time>[a-z]+)", unit)
    time = _RATES.get(words["time"].removesuffix("s")) if words else None
    if words is None or time is None:
        return ""
    return f" {words['what']}/{time}" if words["what"] else f"/{time}"


def _parts(text: str, start: int) -> list[tuple[str, int]]:
    """Split a unit at its slashes, outside braces, into texts and their offsets."""
    parts: list[tuple[str, int]] = []
    begin, depth = start, 0
    for offset in range(start, len(text) + 1):
        letter = text[offset] if offset < len(text) else "/"
        depth += (letter == "{") - (letter == "}")
        if (letter == "/" and depth <= 0) or offset == len(text):
            part = text[begin:offset]
            parts.append((part.strip(), begin + len(part) - len(part.lstrip())))
            begin = offset + 1
    return parts


def _term(text: str, part: str, offset: int, *, below: bool = False) -> Term:
    try:
        return read_term(part, below=below)
    except ValueProblem as error:
        raise error.shifted(offset) from None
    except UnitError as error:
        message, _, help_ = str(error).partition("; ")
        raise ValueProblem(UNKNOWN_UNIT, f"{message} in {shown(text)}", help_, offset, max(1, len(part))) from None
