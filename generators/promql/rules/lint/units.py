"""Units of expressions, from the units of metrics; empty where nothing is known or there is none."""

from __future__ import annotations

from generators.promql.rules.lint.catalogue import Catalogue
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, MatrixSelector, Subquery, Unary, VectorSelector
from generators.promql.syntax.walk import selectors

RATIO = "ratio"
_PER_SECOND = frozenset(("rate", "irate", "deriv"))
_KEEPING = frozenset(
    [
        "increase",
        "delta",
        "idelta",
        "avg_over_time",
        "min_over_time",
        "max_over_time",
        "sum_over_time",
        "last_over_time",
        "first_over_time",
        "quantile_over_time",
        "predict_linear",
        "abs",
        "ceil",
        "floor",
        "round",
        "clamp",
        "clamp_min",
        "clamp_max",
        "sort",
        "sort_desc",
        "label_replace",
        "label_join",
        "stddev_over_time",
    ]
)
_KEEPING_AGGREGATES = frozenset(["sum", "avg", "min", "max", "quantile", "topk", "bottomk", "stddev"])


def unit_of(expr: Expr, catalogue: Catalogue) -> str:
    """Return the unit of an expression's values."""
    match expr:
        case VectorSelector():
            series = catalogue.find(expr)
            return "" if series is None else series.unit
        case MatrixSelector():
            return unit_of(expr.selector, catalogue)
        case Subquery() | Unary():
            return unit_of(expr.expr, catalogue)
        case Aggregate():
            return unit_of(expr.expr, catalogue) if expr.op in _KEEPING_AGGREGATES else ""
        case Call():
            return _call(expr, catalogue)
        case Binary():
            return _binary(expr, catalogue)
    return ""


def _call(expr: Call, catalogue: Catalogue) -> str:
    if expr.function == "histogram_quantile" and len(expr.arguments) == 2:
        return histogram_unit(expr.arguments[1], catalogue)
    argument = next((unit for item in expr.arguments if (unit := unit_of(item, catalogue))), "")
    if expr.function in _PER_SECOND and argument:
        return f"{argument}/s"
    return argument if expr.function in _KEEPING else ""


def histogram_unit(expr: Expr, catalogue: Catalogue) -> str:
    """Return the unit of what the histogram under an expression observes."""
    units = {series.metric.unit for selector in selectors(expr) if (series := catalogue.find(selector)) is not None}
    return units.pop() if len(units) == 1 else ""


def _binary(expr: Binary, catalogue: Catalogue) -> str:
    left, right = unit_of(expr.left, catalogue), unit_of(expr.right, catalogue)
    if expr.op == "/":
        return RATIO if left and left == right else ""
    if expr.op in ("+", "-", "and", "unless", "or", "==", "!=", "<", "<=", ">", ">=", "%") and not expr.return_bool:
        return left or (right if expr.op in ("+", "-") else "")
    return ""
