"""Values of different units are compared or added."""

from __future__ import annotations

from collections.abc import Iterator

from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.lint.units import RATIO, unit_of
from generators.promql.syntax.ast import Binary, Expr, NumberLiteral
from generators.promql.syntax.walk import walk

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


CHECK = Check(
    "units",
    "Q716",
    "values of different units are compared",
    "A threshold in milliseconds on a metric in seconds never fires; seconds plus bytes is nothing. Units come from "
    "the metrics' declarations and follow through rates, aggregations and quantiles.",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 500  # meant as ms; error ratio > 5",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 0.5",
    find,
    needs_catalogue=True,
)
