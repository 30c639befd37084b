"""A counter is read as if its value meant something."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.lint.context import with_ancestors
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, MatrixSelector, VectorSelector

_FINE_CALLS = frozenset(("absent", "timestamp", "histogram_quantile", "histogram_fraction"))
_FINE_AGGREGATES = frozenset(("count", "group"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find counters whose values are used without ``rate`` or the like."""
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    for node, above in with_ancestors(subject.expr):
        if not isinstance(node, VectorSelector) or _is_fine(above, node):
            continue
        series = subject.catalogue.find(node)
        if series is not None and series.is_counter:
            message = f"`{node.name}` is a counter: its value depends on when its process started"
            yield Finding(message, span=node.span, help=f"use `rate({node.name}[…])` or `increase`")


def _is_fine(above: tuple[Expr, ...], node: Expr) -> bool:
    below = node
    for outer in reversed(above):
        if isinstance(outer, MatrixSelector) or (isinstance(outer, Call) and outer.function in _FINE_CALLS):
            return True
        if isinstance(outer, Aggregate) and outer.op in _FINE_AGGREGATES:
            return True
        if isinstance(outer, Binary) and outer.op in ("and", "unless") and below is outer.right:
            return True
        below = outer
    return False


COUNTER_WITHOUT_RATE = Code(
    "Q701",
    "a counter is used without `rate`",
    "A counter starts at zero with its process, so its value says how long the process has run rather than what "
    "happens now. What matters is how fast it grows.",
    "sum(http_requests_total) > 1000",
    "sum(rate(http_requests_total[5m])) > 10",
    Severity.WARNING,
)
CHECK = Check("counter-without-rate", COUNTER_WITHOUT_RATE, find, needs_catalogue=True)
