"""The window in a recording rule’s name is not the one in its expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generators.diagnostics import Code, Severity
from generators.formats.durations import format_duration, parse_duration
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import RecordingRule
from generators.promql.syntax.ast import Binary, Call, Duration, Expr, MatrixSelector, NumberLiteral, Subquery
from generators.promql.syntax.walk import children, walk

_WINDOW = re.compile(r":(?!forecast|predict)[a-z_]*?((?:\d+(?:ms|[smhdwy]))+)$")
"""The window at the end of a name; that of a forecast says how far it looks ahead, over whatever range."""


def find(subject: Subject) -> Iterator[Finding]:
    """Find names such as ``job:errors:rate5m`` over another range than five minutes."""
    rule = subject.rule
    match = _WINDOW.search(rule.name) if isinstance(rule, RecordingRule) else None
    written = (node.range for node in _windows(subject.expr))
    ranges = {length.milliseconds for length in written if isinstance(length, Duration)}
    if match is None or not ranges:
        return
    try:
        named = parse_duration(match[1])
    except ValueError:
        return
    if named not in ranges | set(_scaled(subject.expr, ranges)):
        shown = ", ".join(f"`[{format_duration(length)}]`" for length in sorted(ranges))
        message = f"the name says {match[1]}, the expression {shown}"
        yield Finding(message, "record", help="rename it, or mend the range")


def _windows(expr: Expr) -> Iterator[MatrixSelector | Subquery]:
    """Yield the ranges over which something is computed; that of ``last_over_time`` only bounds the age of a value."""
    if isinstance(expr, Call) and expr.function == "last_over_time":
        return
    if isinstance(expr, MatrixSelector | Subquery):
        yield expr
    for child in children(expr):
        yield from _windows(child)


def _scaled(expr: Expr, ranges: Iterable[int]) -> Iterator[int]:
    """Yield the windows that ranges stand for: ``increase(x[5m5s]) / (305 / 300)`` is the increase in five minutes."""
    for node in walk(expr):
        if isinstance(node, Binary) and node.op in ("*", "/") and isinstance(node.right, NumberLiteral):
            factor = node.right.value
            if factor > 0:
                yield from (round(length * factor if node.op == "*" else length / factor) for length in ranges)


WINDOW_NAME = Code(
    "Q722",
    "a name says another window than the expression",
    "By convention a recording's name ends in its window. Whoever reads `rate5m` on a dashboard will not look up that "
    "it is an hour.",
    "record: job:errors:rate5m\nexpr: sum by (job) (rate(errors_total[1h]))",
    "record: job:errors:rate1h\nexpr: sum by (job) (rate(errors_total[1h]))",
    Severity.WARNING,
)
CHECK = Check("window-name", WINDOW_NAME, find)
