"""Go literals: numbers, characters and strings as they are written in templates."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[abfnrtv\\'\"])")
_SHORT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEX_FLOAT = re.compile(r"[+-]?0[xX].*[pP]")
_OCTAL = re.compile(r"[+-]?0[0-7_]+")


def number(text: str) -> tuple[int | None, float | None] | None:
    """Return the values a number can have as integer and as float, or None where it is no number.

    Like Go, an integer is also a float, a float without fraction also an integer, and a leading 0 means octal.
    """
    digits = text.replace("_", "") if re.search(r"_(?=[0-9a-fA-F])", text) else text
    integer = _integer(digits)
    if integer is not None:
        return (integer, float(integer)) if -(2**63) <= integer < 2**64 else None
    try:
        real = float.fromhex(digits) if _HEX_FLOAT.match(digits) else float(digits)
    except (ValueError, OverflowError):
        return None
    if real in (float("inf"), float("-inf")):
        return None
    return (int(real) if real.is_integer() and abs(real) < 2**63 else None), real


def _integer(digits: str) -> int | None:
    if _OCTAL.fullmatch(digits):
        digits = digits.replace("0", "0o", 1)
    try:
        return int(digits, 0)
    except ValueError:
        return None


def unquote(quoted: str) -> str | None:
    """Return the value of a Go string or character constant, or None where it has a bad escape."""
    body = quoted[1:-1]
    if quoted[0] == "`":
        return body.replace("\r", "")
    other = "'" if quoted[0] == '"' else '"'
    pieces, position = [], 0
    while position < len(body):
        if body[position] != "\\":
            pieces.append(body[position])
            position += 1
            continue
        match = _ESCAPE.match(body, position)
        if match is None or match.group()[1] == other:
            return None
        value = _escaped(match.group()[1:])
        if value is None:
            return None
        pieces.append(value)
        position = match.end()
    return "".join(pieces)


def _escaped(escape: str) -> str | None:
    if escape[0] in "xuU":
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else None
    if escape[0].isdigit():
        return chr(int(escape, 8)) if int(escape, 8) < 256 else None
    return _SHORT.get(escape, escape)
