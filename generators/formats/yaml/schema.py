"""The YAML 1.2 core schema: which unquoted words are numbers, booleans and null.

Source: YAML 1.2.2, section 10.3.2.  So ``yes``, ``on``, ``12:30`` and ``2024-01-01`` are text
and ``010`` is ten.
"""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

Plain: TypeAlias = str | int | float | bool | None

_WORDS: Final[dict[str, Plain]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

MAX_NUMBER_LENGTH: Final = 64
"""Characters in a number; longer ones are mistakes, and cost quadratic time to read."""


def resolve(text: str) -> Plain:
    """Return the value of a plain scalar; raise OverflowError for a number too long or too large to keep."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> Plain:
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            _check_length(text)
            return int(text if base == 10 else text[2:], base)
    if _FLOAT.fullmatch(text):
        _check_length(text)
        value = float(text)
        if math.isinf(value):
            raise OverflowError(text)
        return value
    return text


def _check_length(text: str) -> None:
    if len(text) > MAX_NUMBER_LENGTH:
        raise OverflowError(text)
