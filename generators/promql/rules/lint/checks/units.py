"""Values of different units are compared or added; units of expressions follow from those of metrics."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.catalogue import Catalogue
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.walk import selectors, walk

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


_SAME_UNIT = frozenset(("==", "!=", "<", "<=", ">", ">=", "+", "-"))
_TIMES = frozenset(("s", "seconds"))
_SHARES = frozenset((RATIO, "1"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find sums and comparisons of two units, and thresholds that do not fit the unit."""
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    for node in walk(subject.expr):
        if not isinstance(node, Binary) or node.op not in _SAME_UNIT:
            continue
        left, right = unit_of(node.left, subject.catalogue), unit_of(node.right, subject.catalogue)
        if left and right and left != right:
            yield Finding(f"`{node.op}` between {left} and {right}", span=node.span, help="convert one of them")
        for unit, other in ((left, node.right), (right, node.left)):
            message = _misfit(unit, other)
            if message and node.op not in ("+", "-"):
                yield Finding(message, span=other.span, help="write the threshold in the metric's unit")


def _misfit(unit: str, threshold: Expr) -> str:
    if not unit or not isinstance(threshold, NumberLiteral):
        return ""
    if threshold.as_duration and unit not in _TIMES:
        return f"a duration is compared with a value in {unit}"
    if unit in _SHARES and threshold.value > 1:
        return f"a ratio is at most 1, so {threshold.value:g} is never reached; is it meant as a percentage?"
    return ""


UNITS = Code(
    "Q716",
    "values of different units are compared",
    "A threshold in milliseconds on a metric in seconds never fires; seconds plus bytes is nothing. Units come from "
    "the metrics' declarations and follow through rates, aggregations and quantiles.",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 500  # meant as ms; error ratio > 5",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 0.5",
    Severity.WARNING,
)
CHECK = Check("units", UNITS, find, needs_catalogue=True)
