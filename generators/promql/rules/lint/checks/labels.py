"""What the label algebra finds: joins that cannot match, labels that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject


def find(subject: Subject) -> Iterator[Finding]:
    """Pass on the findings of the label algebra under their own codes."""
    for problem in subject.labels[1]:
        yield Finding(problem.message, "expr", problem.span, problem.help, problem.kind)


LABELS = Code(
    "Q706",
    "a join that cannot match, or a label that cannot be there",
    "The labels of every part of an expression follow from its aggregations, joins and functions. Where two sides of "
    "an operator can have no labels in common, or a label is used that was aggregated away, the result is empty and "
    "the rule never says so. Findings carry the codes of the label algebra, Q101 and up.",
    "sum by (job) (rate(errors_total[5m])) / sum by (instance) (rate(requests_total[5m]))",
    "sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(requests_total[5m]))",
    Severity.WARNING,
)
CHECK = Check("labels", LABELS, find)
