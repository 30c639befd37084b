"""A rule reads what another group records."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.catalogue import selected_name
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.walk import selectors


def find(subject: Subject) -> Iterator[Finding]:
    """Find series that a rule of another group, or a later one of this group, records."""
    for selector in selectors(subject.expr):
        where = subject.recorded.get(selected_name(selector) or "", ())
        if not where or any(group is subject.group and number < subject.number for group, number, _ in where):
            continue
        group, number, _ = where[0]
        if group is not subject.group:
            message = f"`{selector.name}` is recorded by group `{group.name}`, which runs at another time"
            yield Finding(message, span=selector.span, help="put both rules in one group, this one last")
        elif number > subject.number:
            message = f"`{selector.name}` is recorded by a later rule of this group, so its value here is one round old"
            yield Finding(message, span=selector.span, help="move that rule up")


CROSS_GROUP = Code(
    "Q715",
    "a rule reads what another group records",
    "Groups run independently, each at its own offset: what another group records is up to one interval old, and "
    "adds that to the time until an alert. Within a group rules run in order.",
    "two groups, one records `a:b`, the other alerts on it",
    "one group that records `a:b` first and then alerts on it",
    Severity.INFO,
)
CHECK = Check("cross-group", CROSS_GROUP, find)
