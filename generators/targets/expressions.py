"""Expressions as text. Several targets print the same tree, and laying it out costs more than all else they do."""

from __future__ import annotations

from generators import promql
from generators.promql.ast import Expr

_MOST = 200_000
_known: dict[int, tuple[Expr, str]] = {}
"""Texts by the identity of the tree, which is kept alive here: hashing a tree takes as long as printing it."""


def pretty(expr: Expr) -> str:
    """Lay an expression out over lines; the same object is laid out once."""
    found = _known.get(id(expr))
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[id(expr)] = (expr, promql.pretty(expr))
    return found[1]
