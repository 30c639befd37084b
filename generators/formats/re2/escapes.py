"""Reads the escapes and bracketed classes of RE2."""

from __future__ import annotations

import re

from generators.formats.re2.classes import PERL, POSIX, complement, folded, union
from generators.formats.re2.reader import Reader
from generators.formats.re2.unicode import Ranges, unicode_class

_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_UNICODE = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|([^{]))", re.DOTALL)
_CODE = re.compile(r"\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")


def read_escaped_class(reader: Reader, *, ignore_case: bool) -> Ranges | None:
    r"""Take ``\d``, ``\pL`` and their like, and return what they match; None where something else comes next."""
    letter = reader.pattern[reader.place + 1 : reader.place + 2]
    if letter and letter in "dswDSW":
        reader.place += 2
        ranges, negated = PERL[letter.lower()], letter.isupper()
    elif letter and letter in "pP":
        ranges, negated = _read_unicode_class(reader)
    else:
        return None
    return _class(ranges, negated=negated, ignore_case=ignore_case)


def _class(ranges: Ranges, *, negated: bool, ignore_case: bool) -> Ranges:
    if ignore_case:
        ranges = folded(ranges)
    return complement(ranges) if negated else ranges


def _read_unicode_class(reader: Reader) -> tuple[Ranges, bool]:
    letter = reader.pattern[reader.place + 1]
    match = reader.match(_UNICODE)
    if match is None:
        reader.stop(rf"`\{letter}` needs a class, such as `\{letter}{{L}}`")
    ranges = unicode_class(match[2] or match[3] or "")
    if ranges is None:
        reader.stop(f"unknown class of characters `{match[0]}`")
    return ranges, (letter == "P") != bool(match[1])


def read_escaped_point(reader: Reader) -> int:
    r"""Take an escape such as ``\.``, ``\n`` or ``\x{2014}``, and return its code point."""
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


def read_class(reader: Reader, *, ignore_case: bool) -> Ranges:
    """Take a class in brackets, and return what it matches."""
    start = reader.place
    reader.take("[")
    negated = reader.take("^")
    parts: list[Ranges] = []
    while not reader.peek("]") or not parts:
        if reader.ended:
            reader.stop(f"missing `]` after `{reader.pattern[start:]}`")
        parts.append(_class_part(reader, ignore_case=ignore_case))
    reader.take("]")
    ranges = union(*parts)
    return complement(ranges) if negated else ranges


def _class_part(reader: Reader, *, ignore_case: bool) -> Ranges:
    if reader.peek("[:"):
        end = reader.pattern.find(":]", reader.place + 2)
        if end >= 0:
            name = reader.pattern[reader.place + 2 : end]
            ranges = POSIX.get(name.removeprefix("^"))
            if ranges is None:
                reader.stop(f"unknown class `[:{name}:]`")
            reader.place = end + 2
            return _class(ranges, negated=name.startswith("^"), ignore_case=ignore_case)
    if reader.peek("\\") and (escaped := read_escaped_class(reader, ignore_case=ignore_case)) is not None:
        return escaped
    first = last = _class_point(reader)
    if reader.peek("-") and not reader.peek("-]"):
        reader.place += 1
        last = _class_point(reader)
        if last < first:
            reader.stop(f"the range `{chr(first)}-{chr(last)}` runs backwards")
    return _class(((first, last),), negated=False, ignore_case=ignore_case)


def _class_point(reader: Reader) -> int:
    if reader.ended:
        reader.stop("missing `]`")
    if reader.peek("\\"):
        return read_escaped_point(reader)
    reader.place += 1
    return ord(reader.pattern[reader.place - 1])
