"""A ratio that becomes NaN when nothing happens."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.bounds import bounds_of
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, MatrixSelector
from generators.promql.syntax.walk import walk

_CAN_BE_ZERO = frozenset(("rate", "irate", "increase", "delta", "sum_over_time", "changes", "resets"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find divisions of one rate by another that nothing keeps from being zero."""
    for node in walk(subject.expr):
        if not isinstance(node, Binary) or node.op not in ("/", "%") or not _can_be_zero(node.right):
            continue
        if _can_be_zero(node.left) and not _is_guarded(node.right):
            message = "without traffic this is 0/0: NaN, which no threshold sees and every average keeps"
            remedy = "let only traffic through: `… / (… > 0)`"
            yield Finding(message, span=node.right.span, help=remedy)


def _can_be_zero(expr: Expr) -> bool:
    if isinstance(expr, Aggregate):
        return expr.op in ("sum", "avg", "min", "max", "topk", "bottomk") and _can_be_zero(expr.expr)
    if isinstance(expr, Binary):
        return expr.op in ("+", "*") and _can_be_zero(expr.left) and _can_be_zero(expr.right)
    return isinstance(expr, Call) and expr.function in _CAN_BE_ZERO and isinstance(expr.arguments[0], MatrixSelector)


def _is_guarded(expr: Expr) -> bool:
    bounds = bounds_of(expr)
    return bounds.low > 0 or bounds.high < 0


UNGUARDED_DIVISION = Code(
    "Q712",
    "a ratio that becomes NaN when nothing happens",
    "Where the denominator is zero the ratio is NaN. NaN is neither above nor below a threshold, so alerts are "
    "silent; and one NaN in a recorded ratio makes every average over it NaN until it leaves the window.",
    "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))",
    "sum(rate(errors_total[5m])) / (sum(rate(requests_total[5m])) > 0)",
    Severity.INFO,
)
CHECK = Check("unguarded-division", UNGUARDED_DIVISION, find)
