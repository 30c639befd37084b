"""Expressions whose value is the same at every step, because ``@`` fixes the time of all their selectors.

They are evaluated once; as in Prometheus, that step is the first of the range.
"""

from __future__ import annotations

from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)

TIME_FUNCTIONS = frozenset(
    ("days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year")
) | {"predict_linear", "time", "timestamp"}
"""Functions whose value may depend on the evaluation time although their arguments do not."""


def step_invariant(expr: Expr) -> bool:
    """Whether an expression has the same value at every step."""
    match expr:
        case NumberLiteral() | StringLiteral():
            return True
        case VectorSelector(at=at) | MatrixSelector(selector=VectorSelector(at=at)) | Subquery(at=at):
            return at is not None
        case Binary(left=left, right=right):
            return step_invariant(left) and step_invariant(right)
        case Unary(expr=inner) | Aggregate(expr=inner):
            return step_invariant(inner)
        case Call():
            return _invariant_call(expr)


def _invariant_call(call: Call) -> bool:
    if call.function == "timestamp":
        return isinstance(call.arguments[0], VectorSelector) and step_invariant(call.arguments[0])
    if call.function in TIME_FUNCTIONS or call.function == "info":  # info may read its own series at each step
        return False
    return all(step_invariant(argument) for argument in call.arguments)
