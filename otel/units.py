"""Units of measure: the subset of UCUM that OpenTelemetry uses, with exact factors and an algebra.

A *dimension* is a product of powers of base units.  Time and data have the bases ``s`` and ``By``; every
annotation in braces (``{request}``, ``{USD}``) is a base of its own, so that dollars are not requests and
neither is a plain number.  ``1`` and ``%`` have no dimension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

Powers: TypeAlias = tuple[tuple[str, int], ...]
"""A product of powers of symbols; no power is 0."""

Definition: TypeAlias = tuple[Fraction, Powers]
"""A factor to the base units, and the dimension in base units."""

_PREFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": Fraction(1000),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
}


def _prefixed(prefixes: str, symbol: str, factor: Fraction, powers: Powers) -> dict[str, Definition]:
    return {f"{prefix}{symbol}": (factor * _PREFIXES[prefix], powers) for prefix in ("", *prefixes)}


def _table() -> dict[str, Definition]:
    one, seconds, data = Fraction(1), (("s", 1),), (("By", 1),)
    return {
        "%": (Fraction(1, 100), ()),
        **_prefixed("num", "s", one, seconds),
        "min": (Fraction(60), seconds),
        "h": (Fraction(3600), seconds),
        "d": (Fraction(86_400), seconds),
        "wk": (Fraction(604_800), seconds),
        **_prefixed("kMG", "Hz", one, (("s", -1),)),
        **_prefixed("kMGT", "By", one, data),
        "KBy": (Fraction(1000), data),  # not UCUM, but what the OTLP translation of Prometheus knows
        "KiBy": (Fraction(1 << 10), data),
        "MiBy": (Fraction(1 << 20), data),
        "GiBy": (Fraction(1 << 30), data),
        "TiBy": (Fraction(1 << 40), data),
        "bit": (Fraction(1, 8), data),
        **_prefixed("numkMGT", "J", one, (("J", 1),)),
        **_prefixed("numkMGT", "W", one, (("J", 1), ("s", -1))),
        **_prefixed("umk", "g", one, (("g", 1),)),
        **_prefixed("numk", "m", one, (("m", 1),)),
        **_prefixed("mk", "A", one, (("A", 1),)),
        **_prefixed("mk", "V", one, (("A", -1), ("J", 1), ("s", -1))),
        "Cel": (one, (("Cel", 1),)),
    }


ATOMS: Final = _table()
"""Symbol → definition."""

SUGGESTIONS: Final = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("microsecond", "microseconds"), "us"),
    **dict.fromkeys(("nanosecond", "nanoseconds"), "ns"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "wk"),
    **dict.fromkeys(("b", "byte", "bytes"), "By"),
    **dict.fromkeys(("kb", "kilobyte", "kilobytes"), "kBy"),
    **dict.fromkeys(("mb", "megabyte", "megabytes"), "MBy"),
    **dict.fromkeys(("gb", "gigabyte", "gigabytes"), "GBy"),
    **dict.fromkeys(("kib", "mib", "gib"), "KiBy, MiBy or GiBy"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **dict.fromkeys(("ratio", "fraction", "number"), "1"),
    "celsius": "Cel",
    "hertz": "Hz",
    "kwh": "kW.h",
}
"""Lower-case word that people write → the unit that they mean."""


class UnitError(ValueError):
    """A unit that cannot be read, or two units that do not go together."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its factor to the base units, its dimension, and the terms that it is written with.

    Units are equal when they measure the same in the same size, however written: ``Hz`` equals ``1/s``.
    """

    factor: Fraction
    dimension: Powers
    terms: Powers = field(compare=False)

    def __str__(self) -> str:
        """Return the UCUM text, such as ``By/s``."""
        above = [_power_text(symbol, power, ".") for symbol, power in self.terms if power > 0]
        below = [_power_text(symbol, -power, "/") for symbol, power in self.terms if power < 0]
        return "/".join([".".join(above) or "1", *below])

    def __mul__(self, other: Unit) -> Unit:
        """Return the product; equal terms merge and opposite ones cancel."""
        return _unit(_merged((*self.terms, *other.terms)))

    def __truediv__(self, other: Unit) -> Unit:
        """Return the quotient."""
        return self * other**-1

    def __pow__(self, power: int) -> Unit:
        """Return the unit to an integer power."""
        return _unit(_merged((symbol, each * power) for symbol, each in self.terms))

    @property
    def dimensionless(self) -> bool:
        """Whether this is a plain number or a share: ``1``, ``%``, ``ms/s``."""
        return not self.dimension

    @property
    def base(self) -> Unit:
        """The unit of the same dimension with factor 1: ``ms`` → ``s``, ``%`` → ``1``."""
        return _unit(self.dimension)

    def compatible(self, other: Unit) -> bool:
        """Whether values in the two units may be added and compared, after conversion."""
        return self.dimension == other.dimension


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """Read a UCUM text such as ``s``, ``{request}/s`` or ``{USD}/1000/{token}``; raise UnitError otherwise.

    Terms are joined by ``.`` and ``/`` from left to right, as in UCUM: ``/`` divides by the next term only.
    Symbols may have an integer power (``s2``); a positive integer is a factor.
    """
    if not text:
        raise UnitError("the unit is empty; a plain number has the unit 1")
    terms: list[tuple[str, int]] = []
    position, sign = 0, 1
    if text.startswith("/"):
        position, sign = 1, -1
    while True:
        match = _TERM.match(text, position)
        if match is None:
            raise UnitError(_unreadable(text, position))
        terms.append(_term(text, match, sign))
        position = match.end()
        if position == len(text):
            return _unit(_merged(terms))
        if text[position] not in "./":
            raise UnitError(_unreadable(text, position))
        sign = -1 if text[position] == "/" else 1
        position += 1


ONE: Final = Unit(Fraction(1), (), ())
"""The unit of plain numbers, ``1``."""


def convert(value: Decimal, source: Unit, target: Unit) -> Decimal:
    """Return *value*, given in *source*, in *target*: exact where 28 decimal digits hold the result.

    Raises UnitError if the two measure different things.
    """
    require_compatible(source, target)
    result = Fraction(value) * source.factor / target.factor
    return _CONTEXT.divide(Decimal(result.numerator), Decimal(result.denominator))


def require_compatible(one: Unit, other: Unit) -> None:
    """Raise UnitError unless values in the two units may be added and compared."""
    if not one.compatible(other):
        raise UnitError(f"{_named(one)} and {_named(other)} measure different things and do not convert")


def quantity_text(value: Decimal, unit: Unit) -> str:
    """Return a quantity for people: ``0.5 s``, ``12 requests/s``, ``0.05 USD``, ``80 %``, ``0.93``."""
    number = plain_number(value)
    above = [(symbol, power) for symbol, power in unit.terms if power > 0]
    below = [_power_words(symbol, -power, plural=False) for symbol, power in unit.terms if power < 0]
    words = " ".join(_power_words(symbol, power, plural=value != 1) for symbol, power in above)
    return "/".join([f"{number} {words}" if words else number, *below])


def plain_number(value: Decimal) -> str:
    """Return the number without an exponent and without trailing zeros."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


# --- reading ------------------------------------------------------------------------------------------------

_TERM = re.compile(
    r"(?P<annotation>\{[!-z|~]+\}) | (?P<integer>[0-9]+) | (?P<symbol>[A-Za-z%]+) (?P<power>[+-]?[0-9]+)?",
    re.VERBOSE,
)
_CONTEXT = Context(prec=28)


def _term(text: str, match: re.Match[str], sign: int) -> tuple[str, int]:
    if (annotation := match["annotation"]) is not None:
        return annotation, sign
    if (integer := match["integer"]) is not None:
        if int(integer) == 0:
            raise UnitError(f"the unit {text!r} has a factor 0")
        return str(int(integer)), sign
    symbol = match["symbol"]
    if symbol not in ATOMS:
        raise UnitError(_unknown(text, symbol))
    return symbol, sign * int(match["power"] or 1)


def _unknown(text: str, symbol: str) -> str:
    singular = symbol[:-1] if symbol.islower() and symbol.endswith("s") and not symbol.endswith("ss") else symbol
    remedy = SUGGESTIONS.get(symbol.lower(), f"{{{singular}}}")
    where = "" if text == symbol else f" in {text!r}"
    why = " (things that are counted, and currencies, stand in braces)" if remedy.startswith("{") else ""
    return f"unknown unit {symbol!r}{where}; write {remedy}{why}"


def _unreadable(text: str, position: int) -> str:
    if position >= len(text):
        return f"the unit {text!r} ends where another unit should follow"
    if any(letter.isspace() for letter in text):
        return f"the unit {text!r} contains a space; join units with . or /"
    if text[position] == "{" and position and text[position - 1] not in "./":
        return f"the annotation in {text!r} follows a unit; join them with . or /"
    return f"the unit {text!r} cannot be read from {text[position:]!r} on"


def _named(unit: Unit) -> str:
    return "a plain number (unit 1)" if unit == ONE else f"`{unit}`"


# --- building -----------------------------------------------------------------------------------------------


def _merged(terms: Iterable[tuple[str, int]]) -> Powers:
    """Add up the powers of equal symbols, in order of appearance; what cancels is gone."""
    powers: dict[str, int] = {}
    for symbol, power in terms:
        powers[symbol] = powers.get(symbol, 0) + power
    return tuple((symbol, power) for symbol, power in powers.items() if power and symbol != "1")


def _unit(terms: Powers) -> Unit:
    factor = Fraction(1)
    dimension: list[tuple[str, int]] = []
    for symbol, power in terms:
        each, bases = _definition(symbol)
        factor *= each**power
        dimension += ((base, exponent * power) for base, exponent in bases)
    return Unit(factor, tuple(sorted(_merged(dimension))), terms)


def _definition(symbol: str) -> tuple[Fraction, Powers]:
    if symbol.startswith("{"):
        return Fraction(1), ((symbol, 1),)
    if symbol.isdigit():
        return Fraction(int(symbol)), ()
    return ATOMS[symbol]


# --- writing ------------------------------------------------------------------------------------------------


def _power_text(symbol: str, power: int, separator: str) -> str:
    """Return one term; UCUM has no powers of annotations and integers, so these are repeated."""
    if power == 1:
        return symbol
    return f"{symbol}{power}" if symbol in ATOMS else separator.join([symbol] * power)


def _power_words(symbol: str, power: int, *, plural: bool) -> str:
    word = symbol
    if symbol.startswith("{"):
        word = symbol[1:-1].replace("_", " ")
        word = _plural(word) if plural and word.replace(" ", "").isalpha() and word.islower() else word
    return word if power == 1 else f"{word}^{power}"


def _plural(word: str) -> str:
    if word.endswith("series"):
        return word
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in ("a", "e", "i", "o", "u"):
        return f"{word[:-1]}ies"
    return f"{word}s"
