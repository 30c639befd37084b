"""Expressions as text. Several targets print the same tree, and laying it out costs more than all else they do."""

from __future__ import annotations

from generators import promql
from generators.promql.syntax.ast import Expr
from generators.targets.identity_cache import cached_by_identity


@cached_by_identity
def pretty(expr: Expr) -> str:
    """Lay an expression out over lines; the same object is laid out once."""
    return promql.pretty(expr)
