"""The value of an alert is part of its identity."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject


def find(subject: Subject) -> Iterator[Finding]:
    """Find label templates that read the value."""
    for key, read in subject.templates:
        if key.startswith("labels.") and (read.value or "now" in read.functions):
            message = f"`{key.removeprefix('labels.')}` changes with the value, and each value is another alert"
            yield Finding(message, key, help="write the value in an annotation")


VALUE_IN_LABELS = Code(
    "Q718",
    "a label holds the alert's value",
    "Labels are an alert's identity. When a label holds the value, every evaluation makes a new alert: `for` starts "
    "again each time, so it never fires, or a stream of notifications goes out.",
    "labels: {current: '{{ $value }}'}",
    "annotations: {current: '{{ $value }}'}",
    Severity.ERROR,
)
CHECK = Check("value-in-labels", VALUE_IN_LABELS, find)
