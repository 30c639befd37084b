"""Character classes of RE2 as sets of code points, and their text for Python's ``re``."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from itertools import groupby
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive ranges of code points, ascending, apart from each other."""

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

_CATEGORIES = frozenset(
    kind + detail
    for kind, details in {
        "C": "cfos",
        "L": "lmotu",
        "M": "cen",
        "N": "dlo",
        "P": "cdefios",
        "S": "ckmo",
        "Z": "lps",
    }.items()
    for detail in details
)


def is_category(name: str) -> bool:
    r"""Whether ``\p{name}`` is a general category of Unicode, or Any."""
    return name == "Any" or name in _CATEGORIES or (len(name) == 1 and name in "CLMNPSZ")


@cache
def category(name: str) -> Ranges:
    """Return the code points of a general category (``Lu``), or of all that start with a letter (``L``)."""
    if name == "Any":
        return ((0, _LAST),)
    return _by_category().get(name) or union(*(_by_category().get(each, ()) for each in _CATEGORIES if each[0] == name))


@cache
def _by_category() -> dict[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    points = range(_LAST + 1)
    for name, run in groupby(points, key=lambda point: unicodedata.category(chr(point))):
        members = list(run)
        found.setdefault(name, []).append((members[0], members[-1]))
    return {name: tuple(runs) for name, runs in found.items()}


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


def text_of(ranges: Ranges, *, negated: bool = False) -> str:
    """Return the class as Python's ``re`` reads it; an empty one never matches."""
    if not ranges:
        return r"[\s\S]" if negated else r"(?!)"
    body = "".join(_point(first) + ("" if first == last else "-" + _point(last)) for first, last in ranges)
    return f"[{'^' if negated else ''}{body}]"


def _point(point: int) -> str:
    character = chr(point)
    return character if character.isascii() and character.isalnum() else f"\\U{point:08x}"
