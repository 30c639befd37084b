"""Schemas: which unquoted words are numbers, booleans and null, and which of YAML's features a reader takes.

``CORE`` is the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2), strict as specs are: ``yes``, ``on``, ``12:30`` and
``2024-01-01`` are text, ``010`` is ten; merge keys, tags and keys that are no text are mistakes. ``GO`` is what
Prometheus and the Collector read with yaml.v3 (its ``resolve.go``), ``GO_2`` what Alertmanager reads with yaml.v2, to
which ``yes`` and ``on`` are booleans: numbers may have underscores and ``010`` is eight. No schema knows sexagesimal
numbers, and dates stay text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

Plain: TypeAlias = str | int | float | bool | None

NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))

_WORDS: Final[dict[str, Plain]] = {
    **dict.fromkeys(NULLS, None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_WORDS_OF_GO_2: Final[dict[str, Plain]] = {
    **_WORDS,
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_GO_INTS: Final = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)"), 10),
    (re.compile(r"[-+]?0o?[0-7]+"), 8),
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]+"), 16),
    (re.compile(r"[-+]?0[bB][01]+"), 2),
)
_PREFIX = re.compile(r"0[oxXbB]?(?=.)")
_TEXT_TAGS: Final = frozenset(("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary"))

MAX_NUMBER_LENGTH: Final = 64
"""Characters in a number; longer ones are mistakes, and cost quadratic time to read."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What plain scalars mean to a reader.

    ``resolve`` returns the value of a plain scalar, and raises OverflowError for a number too long or too large to
    keep. ``is_strict``: no merge keys, no tags, keys are text, and no characters that a reviewer cannot see.
    """

    resolve: Callable[[str], Plain]
    is_strict: bool = False

    def tagged(self, text: str, tag: str) -> Plain:
        """Return the value of a scalar with an explicit tag: the text, but for tags of other types."""
        if tag in _TEXT_TAGS:
            return text
        try:
            return self.resolve(text)
        except OverflowError:
            return text


def resolve_core(text: str) -> Plain:
    """Return the value of a plain scalar by the core schema. Raises OverflowError."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            _check_length(text)
            return int(text if base == 10 else text[2:], base)
    return _float(text, text)


def resolve_go(text: str) -> Plain:
    """Return the value of a plain scalar by yaml.v3. Raises OverflowError."""
    return _WORDS[text] if text in _WORDS else _go_number(text)


def resolve_go_2(text: str) -> Plain:
    """Return the value of a plain scalar by yaml.v2. Raises OverflowError."""
    return _WORDS_OF_GO_2[text] if text in _WORDS_OF_GO_2 else _go_number(text)


CORE: Final = Schema(resolve_core, is_strict=True)
GO: Final = Schema(resolve_go)
GO_2: Final = Schema(resolve_go_2)


def _go_number(text: str) -> Plain:
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    for pattern, base in _GO_INTS:
        if pattern.fullmatch(digits):
            _check_length(digits)
            return int(digits if base == 10 else _PREFIX.sub("", digits, count=1), base)
    return _float(digits, text)


def _float(digits: str, text: str) -> Plain:
    if _FLOAT.fullmatch(digits) is None:
        return text
    _check_length(digits)
    value = float(digits)
    if math.isinf(value):
        raise OverflowError(text)
    return value


def _check_length(text: str) -> None:
    if len(text) > MAX_NUMBER_LENGTH:
        raise OverflowError(text)
