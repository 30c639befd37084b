"""`absent` fires at once."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.formats.durations import format_duration
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule
from generators.promql.syntax.ast import Call
from generators.promql.syntax.walk import walk


def find(subject: Subject) -> Iterator[Finding]:
    """Find alerts on ``absent`` that wait for less than two evaluations."""
    rule = subject.rule
    if not isinstance(rule, AlertingRule) or rule.for_ >= 2 * subject.interval:
        return
    for node in walk(subject.expr):
        if isinstance(node, Call) and node.function == "absent":
            wait = format_duration(2 * subject.interval)
            message = "`absent` holds after every restart of Prometheus, until the first scrape is in"
            yield Finding(message, span=node.span, help=f"set `for: {wait}` or longer")


ABSENT_WITHOUT_FOR = Code(
    "Q708",
    "`absent` without `for`",
    "When Prometheus starts, or a target moves, there are no fresh samples for a moment. An alert on `absent` must "
    "outlast that.",
    'alert: Gone\nexpr: absent(up{job="scorer"})',
    'alert: Gone\nexpr: absent(up{job="scorer"})\nfor: 5m',
    Severity.WARNING,
)
CHECK = Check("absent-without-for", ABSENT_WITHOUT_FOR, find)
