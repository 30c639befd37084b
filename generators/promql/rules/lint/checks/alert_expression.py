"""What keeps an expression from being a good alert."""

from __future__ import annotations

from collections.abc import Iterator

from generators.promql.labels.alert_checks import alert_problems
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule


def find(subject: Subject) -> Iterator[Finding]:
    """Pass on the findings about alerts under their own codes."""
    if not isinstance(subject.rule, AlertingRule):
        return
    for problem in alert_problems(subject.expr):
        yield Finding(problem.message, "expr", problem.span, problem.help, problem.severity, problem.code)


CHECK = Check(
    "alert-expression",
    "Q724",
    "an alert without a threshold, or one that flaps",
    "An alert fires for every element of its result. Without a comparison it always fires, with `bool` as well, and "
    "`topk` changes its mind at every evaluation. Findings carry the codes Q120 and up.",
    "expr: error_ratio > bool 0.1",
    "expr: error_ratio > 0.1",
    find,
)
