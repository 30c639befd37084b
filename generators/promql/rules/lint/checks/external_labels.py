"""A rule sets a label that the server adds to everything it sends."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject


def find(subject: Subject) -> Iterator[Finding]:
    """Find labels of rules that are external labels as well."""
    for name in subject.group.labels_of(subject.rule):
        if name in subject.settings.external_labels:
            key = f"labels.{name}" if name in subject.rule.labels else ""
            message = f"label `{name}` is an external label: this value hides the server's"
            yield Finding(message, key, help="choose another name")


EXTERNAL_LABELS = Code(
    "Q717",
    "a rule sets an external label",
    "External labels tell servers apart when alerts and series are sent on. A rule that sets one of them wins, and "
    "deduplication, federation and routing by that label go wrong.",
    "labels: {cluster: test}  # cluster is an external label",
    "labels: {scope: test}",
    Severity.WARNING,
)
CHECK = Check("external-labels", EXTERNAL_LABELS, find)
