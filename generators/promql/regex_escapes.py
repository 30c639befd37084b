"""Reads the escapes and bracketed classes of RE2."""

from __future__ import annotations

import re

from generators.promql.regex_classes import PERL, POSIX, Ranges, category, complement, is_category, union
from generators.promql.regex_reader import Reader

_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_UNICODE = re.compile(r"\\[pP](?:\{(\^?)(\w+)\}|(\w))")
_CODE = re.compile(r"\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")


def read_escaped_class(reader: Reader) -> tuple[Ranges, bool] | None:
    r"""The class of ``\d`` or ``\pL`` and their like, taken, and whether it is negated; None for other escapes."""
    letter = reader.pattern[reader.place + 1 : reader.place + 2]
    if letter and letter in "dswDSW":
        reader.place += 2
        return PERL[letter.lower()], letter.isupper()
    if letter not in ("p", "P"):
        return None
    match = reader.match(_UNICODE)
    if match is None:
        reader.stop(rf"`\{letter}` needs a class, such as `\{letter}{{L}}`")
    name = match[2] or match[3]
    if not is_category(name):
        reader.stop(f"the class of characters `{match[0]}` is not known here", unsupported=True)
    return category(name), (letter == "P") != bool(match[1])


def read_escaped_point(reader: Reader) -> int:
    r"""The code point of an escape such as ``\.``, ``\n`` or ``\x{2014}``."""
    code = reader.match(_CODE)
    if code:
        long, short, octal = code.groups()
        point = int(octal, 8) if octal else int(long or short, 16)
        if point > 0x10FFFF:
            reader.stop(f"`{code[0]}` is not a character")
        return point
    letter = reader.pattern[reader.place + 1 : reader.place + 2]
    reader.place += 2
    if not letter:
        reader.stop("a backslash stands at the end")
    if letter in _CONTROLS:
        return _CONTROLS[letter]
    if letter.isascii() and not letter.isalnum():
        return ord(letter)
    if letter.isdigit():
        reader.stop(rf"backreferences such as `\{letter}` do not exist in RE2, found")
    return reader.stop(rf"unknown escape `\{letter}`")


def read_class(reader: Reader) -> tuple[Ranges, bool]:
    """Read a class in brackets: its characters, and whether it is negated."""
    start = reader.place
    reader.place += 1
    negated = reader.peek("^")
    reader.place += negated
    parts: list[Ranges] = []
    while not reader.peek("]") or not parts:
        if reader.place >= len(reader.pattern):
            reader.stop(f"missing `]` after `{reader.pattern[start:]}`")
        parts.append(_class_part(reader))
    reader.place += 1
    return union(*parts), negated


def _class_part(reader: Reader) -> Ranges:
    if reader.peek("[:"):
        end = reader.pattern.find(":]", reader.place + 2)
        if end >= 0:
            name = reader.pattern[reader.place + 2 : end]
            ranges = POSIX.get(name.removeprefix("^"))
            if ranges is None:
                reader.stop(f"unknown class `[:{name}:]`")
            reader.place = end + 2
            return complement(ranges) if name.startswith("^") else ranges
    if reader.peek("\\") and (escaped := read_escaped_class(reader)) is not None:
        escaped_ranges, negated = escaped
        return complement(escaped_ranges) if negated else escaped_ranges
    first = last = _class_point(reader)
    if reader.peek("-") and not reader.peek("-]"):
        reader.place += 1
        last = _class_point(reader)
        if last < first:
            reader.stop(f"the range `{chr(first)}-{chr(last)}` runs backwards")
    return ((first, last),)


def _class_point(reader: Reader) -> int:
    if reader.place >= len(reader.pattern):
        reader.stop("missing `]`")
    if reader.peek("\\"):
        return read_escaped_point(reader)
    reader.place += 1
    return ord(reader.pattern[reader.place - 1])
