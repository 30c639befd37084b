"""A group that runs so rarely that its series come and go."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.formats.durations import format_duration
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.model import RecordingRule


def find(subject: Subject) -> Iterator[Finding]:
    """Find recordings of groups whose interval is longer than the lookback."""
    if isinstance(subject.rule, RecordingRule) and subject.interval > subject.settings.lookback:
        step, lookback = format_duration(subject.interval), format_duration(subject.settings.lookback)
        message = f"recorded every {step}, but a query looks back only {lookback}: the series comes and goes"
        yield Finding(message, "record", help="record more often, or read it with `last_over_time`")


SLOW_GROUP = Code(
    "Q720",
    "a group's interval is longer than the lookback",
    "A query sees samples of the last five minutes. What is recorded less often is there for five minutes and then "
    "gone until the next evaluation, and alerts on it flap.",
    "interval: 10m",
    "interval: 1m",
    Severity.WARNING,
)
CHECK = Check("slow-group", SLOW_GROUP, find)
