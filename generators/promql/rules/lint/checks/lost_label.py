"""A template reads a label that the expression drops."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.labels.algebra import why_missing
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule


def find(subject: Subject) -> Iterator[Finding]:
    """Find labels in templates that no element of the result has."""
    if not isinstance(subject.rule, AlertingRule):
        return
    available = subject.labels[0]
    for key, read in subject.templates:
        for reference in read.labels:
            if reference.name == "alertname" or available.may_have(reference.name):
                continue
            text = subject.rule.origin.text("expr")
            reason = why_missing(subject.expr, subject.schema, reference.name, text)
            why = f": {reason[1]}" if reason is not None else ""
            message = f"label `{reference.name}` is always empty here{why}"
            yield Finding(message, key, reference.span, "keep it in the expression, or leave it out of the text")


LOST_LABEL = Code(
    "Q707",
    "a template reads a label that the expression drops",
    "Labels that were aggregated away are empty in the text of an alert, without any error. The person who is woken "
    "reads `instance  is down`.",
    "expr: sum by (job) (up) == 0\nannotations: {summary: '{{ $labels.instance }} is down'}",
    "expr: sum by (job) (up) == 0\nannotations: {summary: '{{ $labels.job }} is down'}",
    Severity.WARNING,
)
CHECK = Check("lost-label", LOST_LABEL, find)
