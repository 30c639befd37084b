"""A threshold that the quantile of a histogram cannot exceed."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Binary, Call, Expr, NumberLiteral
from generators.promql.syntax.walk import selectors, walk


def find(subject: Subject) -> Iterator[Finding]:
    """Find quantiles compared with a threshold at or above the histogram's last bucket."""
    for node in walk(subject.expr):
        if not isinstance(node, Binary):
            continue
        upward, quantile, threshold = _sides(node)
        last = None if quantile is None else _last_bound(quantile, subject)
        if last is None or threshold is None or not upward:
            continue
        if threshold > last or (threshold == last and node.op in (">", "<")):
            message = f"a quantile is never above the last bucket, which ends at {last:g}"
            remedy = "add a bucket above the threshold, or compare the share of slow requests"
            yield Finding(message, span=node.span, help=remedy)


def _sides(node: Binary) -> tuple[bool, Call | None, float | None]:
    """Return whether it is asked for more than the threshold, the quantile, and the threshold."""
    left, right = node.left, node.right
    if isinstance(left, Call) and isinstance(right, NumberLiteral):
        return node.op in (">", ">="), _quantile(left), right.value
    if isinstance(left, NumberLiteral) and isinstance(right, Call):
        return node.op in ("<", "<="), _quantile(right), left.value
    return False, None, None


def _quantile(call: Expr) -> Call | None:
    return call if isinstance(call, Call) and call.function == "histogram_quantile" else None


def _last_bound(quantile: Call, subject: Subject) -> float | None:
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    found = [subject.catalogue.find(selector) for selector in selectors(quantile)]
    bounds = [series.metric.buckets[-1] for series in found if series is not None and series.metric.buckets]
    return max(bounds, default=None)


BEYOND_BUCKETS = Code(
    "Q710",
    "a threshold beyond a histogram's last bucket",
    "Observations above the last finite bucket are only known to be above it: `histogram_quantile` then returns the "
    "bucket's bound. A threshold at or above that bound is never exceeded.",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 10  # buckets end at 5",
    "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m]))) > 4",
    Severity.ERROR,
)
CHECK = Check("beyond-buckets", BEYOND_BUCKETS, find, needs_catalogue=True)
