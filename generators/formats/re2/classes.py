"""Character classes of RE2 as sets of code points, and their text for Python's ``re``."""

from __future__ import annotations

import re
import sys
from functools import lru_cache

from generators.formats.re2.unicode import Ranges, orbits

_LAST = sys.maxunicode


def _of(*pairs: str) -> Ranges:
    return tuple((ord(pair[0]), ord(pair[-1])) for pair in pairs)


PERL: dict[str, Ranges] = {
    "d": _of("09"),
    "s": _of("\t\n", "\f\r", " "),
    "w": _of("09", "AZ", "_", "az"),
}
"""``\\d``, ``\\s`` and ``\\w``, which are ASCII in RE2."""

POSIX: dict[str, Ranges] = {
    "alnum": _of("09", "AZ", "az"),
    "alpha": _of("AZ", "az"),
    "ascii": _of("\x00\x7f"),
    "blank": _of("\t", " "),
    "cntrl": _of("\x00\x1f", "\x7f"),
    "digit": _of("09"),
    "graph": _of("!~"),
    "lower": _of("az"),
    "print": _of(" ~"),
    "punct": _of("!/", ":@", "[`", "{~"),
    "space": _of("\t\r", " "),
    "upper": _of("AZ"),
    "word": _of("09", "AZ", "_", "az"),
    "xdigit": _of("09", "AF", "af"),
}
"""The names of ``[[:alpha:]]`` and its kin."""


def union(*sets: Ranges) -> Ranges:
    """Return the code points in any of the sets."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pair for ranges in sets for pair in ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """Return the code points outside the set."""
    gaps: list[tuple[int, int]] = []
    start = 0
    for first, last in union(ranges):
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    if start <= _LAST:
        gaps.append((start, _LAST))
    return tuple(gaps)


@lru_cache(maxsize=256)
def folded(ranges: Ranges) -> Ranges:
    """Return the code points of the set and those that differ from one of them in case alone."""
    inside = re.compile(text_of(ranges))
    added = {other for letter, orbit in orbits().items() if inside.match(letter) for other in orbit}
    return union(ranges, tuple((ord(letter), ord(letter)) for letter in added))


def text_of(ranges: Ranges) -> str:
    """Return the class as Python's ``re`` reads it; an empty one never matches."""
    if not ranges:
        return "(?!)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    if ranges[-1][1] < _LAST:
        return f"[{_listed(ranges)}]"
    gaps = complement(ranges)  # far quicker to compile than almost all of Unicode
    return f"[^{_listed(gaps)}]" if gaps else r"[\s\S]"


def _listed(ranges: Ranges) -> str:
    return "".join(_point(first) + ("" if first == last else "-" + _point(last)) for first, last in ranges)


def _point(point: int) -> str:
    character = chr(point)
    return character if character.isascii() and character.isalnum() else f"\\U{point:08x}"
