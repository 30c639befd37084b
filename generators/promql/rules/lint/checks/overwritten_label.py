"""A rule sets a label that its expression groups by."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule


def find(subject: Subject) -> Iterator[Finding]:
    """Find labels of the rule that every element of the result has already, with values of its own."""
    available = subject.labels[0]
    for name, value in subject.group.labels_of(subject.rule).items():
        if name not in available.sure or name in available.constant or "{{" in value:
            continue  # elements with one value of the label do not differ in it
        key = f"labels.{name}" if name in subject.rule.labels else ""
        kind = "alert" if isinstance(subject.rule, AlertingRule) else "series"
        message = f"label `{name}` replaces the one of the expression: two elements that differ in it are one {kind}"
        yield Finding(message, key, help="aggregate it away, or choose another name")


OVERWRITTEN_LABEL = Code(
    "Q721",
    "a rule's label replaces one of the expression",
    "A label of the rule wins over the same label of the result. Elements that differed only in it are then the same "
    "series, and the whole rule fails with duplicate label sets.",
    "expr: sum by (region) (x)\nlabels: {region: all}",
    "expr: sum(x)\nlabels: {region: all}",
    Severity.ERROR,
)
CHECK = Check("overwritten-label", OVERWRITTEN_LABEL, find)
