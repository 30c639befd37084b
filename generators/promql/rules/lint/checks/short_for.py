"""A wait that is shorter than the evaluation interval."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.formats.durations import format_duration
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import AlertingRule


def find(subject: Subject) -> Iterator[Finding]:
    """Find ``for`` and ``keep_firing_for`` shorter than one interval of the group."""
    rule = subject.rule
    interval = subject.known_interval
    if not isinstance(rule, AlertingRule) or interval is None:
        return
    step = format_duration(interval)
    for key, wait in (("for", rule.for_), ("keep_firing_for", rule.keep_firing_for)):
        if 0 < wait < interval:
            shown = format_duration(wait)
            message = f"`{key}: {shown}` is shorter than the group's interval of {step}, so it comes to {step}"
            yield Finding(message, key, help=f"write `{step}`, or evaluate the group more often")


SHORT_FOR = Code(
    "Q719",
    "`for` is shorter than the evaluation interval",
    "Rules are looked at once per interval, so a wait ends at the first evaluation after it. A shorter one promises "
    "what it cannot keep.",
    "interval: 1m … for: 15s",
    "interval: 15s … for: 15s",
    Severity.WARNING,
)
CHECK = Check("short-for", SHORT_FOR, find)
