"""`rate` is taken of a sum instead of the sum of rates."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.catalogue import selected_name
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Aggregate, Call, MatrixSelector, Subquery
from generators.promql.syntax.walk import walk

_FOR_COUNTERS = frozenset(("rate", "irate", "increase"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find rates over subqueries of sums, and over recordings whose rule aggregates."""
    for node in walk(subject.expr):
        if not isinstance(node, Call) or node.function not in _FOR_COUNTERS or not node.arguments:
            continue
        argument = node.arguments[0]
        if isinstance(argument, Subquery) and isinstance(argument.expr, Aggregate):
            yield _finding(node, f"`{argument.expr.op}`")
        elif isinstance(argument, MatrixSelector):
            name = selected_name(argument.selector)
            if name is not None and _is_aggregated(subject, name):
                yield _finding(node, f"the recording `{name}`, which aggregates")


def _finding(node: Call, what: str) -> Finding:
    message = f"`{node.function}` of {what}: when one process restarts, the whole total seems to start again"
    return Finding(message, span=node.span, help=f"aggregate last: `sum({node.function}(…))`")


def _is_aggregated(subject: Subject, name: str) -> bool:
    return any(isinstance(rule.expr, Aggregate) for _, _, rule in subject.recorded.get(name, ()))


RATE_OF_AGGREGATE = Code(
    "Q704",
    "`rate` of a sum",
    "A restart shows as a fall of one series. In a sum it shows as a fall of the total, which `rate` takes for a "
    "restart of everything: the result jumps. Take the rate of each series, then add.",
    "rate(sum(http_requests_total)[5m:])",
    "sum(rate(http_requests_total[5m]))",
    Severity.WARNING,
)
CHECK = Check("rate-of-aggregate", RATE_OF_AGGREGATE, find)
