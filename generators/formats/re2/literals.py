"""Regular expressions that stand for a few fixed texts, such as ``page|ticket`` or ``ml-(dev|prod)``."""

from __future__ import annotations

import re
from functools import lru_cache

_MOST_VALUES = 256
_TOKEN = re.compile(r"\(\?:|[()|]|\\(?P<escaped>[^0-9A-Za-z])|(?P<plain>[^\\.+*?()|\[\]{}^$])|(?P<other>.)", re.DOTALL)


class _NotLiteralError(Exception):
    """The pattern holds something other than text, alternatives and groups, or stands for too many texts."""


@lru_cache(maxsize=4096)
def literal_values(pattern: str) -> frozenset[str] | None:
    """Return all texts that a pattern matches, or None if it is not made of texts and alternatives."""
    tokens = list(_TOKEN.finditer(pattern))
    try:
        values, end = _alternatives(tokens, 0)
    except (_NotLiteralError, RecursionError):
        return None
    return frozenset(values) if end == len(tokens) else None


def _alternatives(tokens: list[re.Match[str]], index: int) -> tuple[set[str], int]:
    found: set[str] = set()
    while True:
        values, index = _sequence(tokens, index)
        found |= values
        if index == len(tokens) or tokens[index][0] != "|":
            return found, index
        index += 1


def _sequence(tokens: list[re.Match[str]], index: int) -> tuple[set[str], int]:
    values = {""}
    while index < len(tokens) and tokens[index][0] not in {"|", ")"}:
        token = tokens[index]
        if token[0] in {"(", "(?:"}:
            inner, index = _alternatives(tokens, index + 1)
            if index == len(tokens):
                raise _NotLiteralError
        elif token["other"] is not None:
            raise _NotLiteralError
        else:
            inner = {token["escaped"] or token["plain"]}
        index += 1
        values = {before + after for before in values for after in inner}
        if len(values) > _MOST_VALUES:
            raise _NotLiteralError
    return values, index
