"""A join of aggregations that a new label breaks."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Aggregate, Binary, Expr
from generators.promql.syntax.walk import walk


def find(subject: Subject) -> Iterator[Finding]:
    """Find operators between aggregations ``without`` different labels that match on all of what is left."""
    for node in walk(subject.expr):
        if not isinstance(node, Binary) or (node.matching is not None and node.matching.on):
            continue
        left, right = _without(node.left), _without(node.right)
        if left is not None and right is not None and left != right:
            message = "the sides keep different labels: one more label on either metric and nothing matches"
            yield Finding(message, span=node.span, help="aggregate `by` the labels to match on, or use `on (…)`")


def _without(expr: Expr) -> frozenset[str] | None:
    return frozenset(expr.labels or ()) if isinstance(expr, Aggregate) and expr.without else None


FRAGILE_JOIN = Code(
    "Q714",
    "a join that a new label breaks",
    "After `without`, all other labels remain and must be equal on both sides. A label that one metric gains, from a "
    "new version or a relabelling, empties the result.",
    "sum without (instance) (a) / sum without (instance, code) (b)",
    "sum by (job) (a) / sum by (job) (b)",
    Severity.WARNING,
)
CHECK = Check("fragile-join", FRAGILE_JOIN, find)
