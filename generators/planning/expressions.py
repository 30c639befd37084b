"""Building PromQL trees by hand: the few shapes that planned rules consist of."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Duration,
    Expr,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    NumberLiteral,
    Subquery,
    VectorSelector,
)

MINUTE_MS = 60_000


def number(value: Decimal | float) -> NumberLiteral:
    """A number; decimals become the nearest float, printed in its shortest form."""
    return NumberLiteral(float(value))


@lru_cache(maxsize=4096)
def equal(label: str, value: str) -> Matcher:
    """The matcher ``label="value"``."""
    return Matcher(label, MatchOp.EQUAL, value)


def selector(name: str, matchers: Iterable[Matcher] = ()) -> VectorSelector:
    """A series by name."""
    return VectorSelector(name, tuple(matchers))


def over(series: VectorSelector, window_ms: int) -> MatrixSelector:
    """A range of a series."""
    return MatrixSelector(series, Duration(window_ms))


def steps(expr: Expr, window_ms: int, step_ms: int) -> Subquery:
    """A subquery."""
    return Subquery(expr, Duration(window_ms), Duration(step_ms))


def call(function: str, *arguments: Expr) -> Call:
    """A function call."""
    return Call(function, arguments)


def rate(series: VectorSelector, window_ms: int) -> Call:
    """Per-second increase of a counter."""
    return call("rate", over(series, window_ms))


def increase(series: VectorSelector, window_ms: int) -> Call:
    """Increase of a counter."""
    return call("increase", over(series, window_ms))


def total(expr: Expr, labels: Iterable[str] | None = None) -> Aggregate:
    """The sum, by labels or over everything."""
    return Aggregate("sum", expr, labels=None if labels is None else tuple(labels))


def without(op: str, expr: Expr, *labels: str) -> Aggregate:
    """An aggregation that removes labels."""
    return Aggregate(op, expr, labels=labels, without=True)


def binary(op: str, left: Expr, right: Expr, matching: Matching | None = None) -> Binary:
    """An operator between two expressions."""
    return Binary(op, left, right, matching=matching)


def positive(expr: Expr) -> Binary:
    """The expression where it is above zero: a denominator that is never zero."""
    return binary(">", expr, number(0))


def or_zero(expr: Expr, present: Expr) -> Binary:
    """The expression, or zero where it is empty although ``present`` is there."""
    return binary("or", expr, binary("*", present, number(0)))


def on(*labels: str) -> Matching:
    """Vector matching on labels."""
    return Matching(on=True, labels=labels)
