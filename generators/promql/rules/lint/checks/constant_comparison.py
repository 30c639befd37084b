"""A comparison that always or never holds."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.bounds import bounds_of, holds
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Binary
from generators.promql.syntax.printer import COMPARISONS
from generators.promql.syntax.walk import walk


def find(subject: Subject) -> Iterator[Finding]:
    """Find comparisons whose outcome follows from what the sides can be."""
    for node in walk(subject.expr):
        if not isinstance(node, Binary) or node.op not in COMPARISONS:
            continue
        outcome = holds(node.op, bounds_of(node.left), bounds_of(node.right))
        if outcome is None or _is_presence(node, outcome):
            continue
        result = "always holds" if outcome else "never holds"
        kind = CONSTANT_COMPARISON if outcome else CONSTANT_COMPARISON.as_(Severity.ERROR)
        message = f"this comparison {result}, whatever the series are"
        yield Finding(message, span=node.span, help="check the threshold and the operator", kind=kind)


def _is_presence(node: Binary, outcome: bool) -> bool:
    """Tell whether the comparison is the usual way to write that something is there, as in ``absent(x) == 1``."""
    return outcome and node.op in ("==", ">") and bounds_of(node.left).is_point


CONSTANT_COMPARISON = Code(
    "Q709",
    "a comparison that always or never holds",
    "What many functions return is bounded: a count is at least 1, a rate never negative, `absent` exactly 1. A "
    "threshold outside of those bounds makes an alert that always fires, or never.",
    "count(up == 0) == 0",
    "absent(up == 0)",
    Severity.WARNING,
)
CHECK = Check("constant-comparison", CONSTANT_COMPARISON, find)
