"""Expressions of rules: parsed and checked in one go."""

from __future__ import annotations

import re
from functools import lru_cache

from generators.promql.ast import Expr
from generators.promql.check import check
from generators.promql.parser import parse
from generators.promql.problems import Problem
from generators.promql.profiles import Profile

_UNUSUAL = re.compile("[\\\\'`#\ud800-\udfff]|__name__")
"""Where these stand, quotes are not what they seem, a value is a metric's name, or the text is no text."""

ANY = "x"
"""The value that stands for all values."""


def parse_and_check(text: str, profile: Profile) -> tuple[Expr | None, tuple[Problem, ...]]:
    """Parse an expression and check its types, as loading a rule does."""
    expr, problems = parse(text)
    return (None, problems) if expr is None else (expr, (*problems, *check(expr, profile)))


def only_check(text: str, profile: Profile) -> tuple[None, tuple[Problem, ...]]:
    """Return the problems of an expression without its tree; of those that differ in values only one is parsed."""
    if _is_sound(shape(text)[0], profile):
        return None, ()
    return None, parse_and_check(text, profile)[1]


def shape(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with ``ANY`` wherever a matcher says ``label="value"`` or ``label!="value"``, and the values.

    No rule of the language looks at such a value, as long as there is one.  So texts of one shape have trees that
    differ in these values only; and where the shape of a text has no problems, the text has none either.
    """
    pieces = text.split('"')
    if len(pieces) % 2 == 0 or _UNUSUAL.search(text):
        return text, ()
    values = []
    for index in range(1, len(pieces), 2):
        value = pieces[index]
        if value and pieces[index - 1].endswith("=") and "\n" not in value:
            values.append(value)
            pieces[index] = ANY
    return '"'.join(pieces), tuple(values)


@lru_cache(maxsize=4096)
def _is_sound(text: str, profile: Profile) -> bool:
    return not parse_and_check(text, profile)[1]
