"""Expressions of rules: parsed and checked in one go."""

from __future__ import annotations

from generators.promql.ast import Expr
from generators.promql.check import check
from generators.promql.parser import parse
from generators.promql.problems import Problem
from generators.promql.profiles import Profile


def parse_and_check(text: str, profile: Profile) -> tuple[Expr | None, tuple[Problem, ...]]:
    """Parse an expression and check its types, as loading a rule does."""
    expr, problems = parse(text)
    return (None, problems) if expr is None else (expr, (*problems, *check(expr, profile)))
