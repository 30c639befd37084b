"""The symbols of units, as data: UCUM's names with their exact factors, and what people write instead."""

from __future__ import annotations

from fractions import Fraction
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
