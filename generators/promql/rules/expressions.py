"""Expressions of rules: parsed and checked in one go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from generators.diagnostics import Span, TextFinding
from generators.promql.checks.expressions import check
from generators.promql.profiles import Profile
from generators.promql.syntax.ast import Expr, Matcher, MatchOp, VectorSelector
from generators.promql.syntax.parser import parse
from generators.promql.syntax.walk import selectors, transform

_UNUSUAL = re.compile("[\\\\'`#\ud800-\udfff]|__name__")
"""Where these stand, quotes are not what they seem, a value is a metric's name, or the text is no text."""

_PLAIN: Final = (MatchOp.EQUAL, MatchOp.NOT_EQUAL)

ANY: Final = "x"
"""The value that stands for all values."""


def parse_and_check(text: str, profile: Profile) -> tuple[Expr | None, tuple[TextFinding, ...]]:
    """Parse an expression and check its types, as loading a rule does.

    Of texts that differ in values of matchers only, and not in their lengths, one is parsed.
    """
    pieces, places = _quoted(text)
    values = [pieces[place] for place in places]
    for place in places:
        pieces[place] = ANY * len(pieces[place])
    like = _alike('"'.join(pieces), len(values), profile) if values else None
    return _each(text, profile) if like is None else (_filled(*like, values), ())


def _each(text: str, profile: Profile) -> tuple[Expr | None, tuple[TextFinding, ...]]:
    expr, problems = parse(text)
    return (None, problems) if expr is None else (expr, (*problems, *check(expr, profile)))


@lru_cache(maxsize=4096)
def shape(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with ``ANY`` wherever a matcher says ``label="value"`` or ``label!="value"``, and the values.

    No rule of the language looks at such a value, as long as there is one.  So texts of one shape have trees that
    differ in these values only; and where the shape of a text has no problems, the text has none either.
    """
    pieces, places = _quoted(text)
    values = tuple(pieces[place] for place in places)
    for place in places:
        pieces[place] = ANY
    return '"'.join(pieces), values


def _quoted(text: str) -> tuple[list[str], list[int]]:
    """Split a text at its quotes, and tell which pieces are values of matchers; none where that is not plain."""
    pieces = text.split('"')
    if len(pieces) % 2 == 0 or _UNUSUAL.search(text):
        return [text], []
    odd = range(1, len(pieces), 2)
    return pieces, [at for at in odd if pieces[at] and pieces[at - 1].endswith("=") and "\n" not in pieces[at]]


def places_of_values(expr: Expr) -> tuple[Span, ...]:
    """Return where in a text, whose values are all made of ``ANY``, they stand."""
    matchers = (matcher for selector in selectors(expr) for matcher in selector.matchers)
    return tuple(
        sorted(each.span for each in matchers if each.op in _PLAIN and each.value and not each.value.strip(ANY))
    )


@lru_cache(maxsize=4096)
def _alike(text: str, count: int, profile: Profile) -> tuple[Expr, tuple[Span, ...]] | None:
    """Return the tree of a sound text whose ``count`` values are made of ``ANY``, and their places; else None."""
    expr, problems = _each(text, profile)
    places = () if expr is None or problems else places_of_values(expr)
    return None if expr is None or len(places) != count else (expr, places)


def _filled(expr: Expr, places: Sequence[Span], values: Sequence[str]) -> Expr:
    """Return the tree with the values in their places."""
    given = {place.start: value for place, value in zip(places, values, strict=True)}

    def change(node: Expr) -> Expr:
        if not isinstance(node, VectorSelector):
            return node
        matchers = [
            Matcher(each.label, each.op, given.get(each.span.start, each.value), each.span) for each in node.matchers
        ]
        return VectorSelector(node.name, tuple(matchers), node.offset, node.at, node.modifier, node.hole, node.span)

    return transform(expr, change)
