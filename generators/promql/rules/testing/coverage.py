"""Which rules tests never made true, and which alerts never pending, firing or resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generators.promql.rules.evaluation.timeline import Timeline
from generators.promql.rules.model import AlertingRule, RuleFile


class Reached(StrEnum):
    """What a rule did at least once."""

    RECORDED = "recorded"
    PENDING = "pending"
    FIRED = "fired"
    RESOLVED = "resolved"


RuleKey = tuple[str, int, str]
"""Group, number in it from 1, and name of a rule."""

_OF_ALERTS = frozenset((Reached.PENDING, Reached.FIRED, Reached.RESOLVED))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each rule reached; rules that did nothing have an empty set."""

    reached: Mapping[RuleKey, frozenset[Reached]] = field(default_factory=dict)
    alerts: frozenset[RuleKey] = frozenset()

    @classmethod
    def of(cls, files: Iterable[RuleFile]) -> Coverage:
        """Return a coverage in which no rule has done anything yet."""
        rules = [(group.name, number, rule) for file in files for group, number, rule in file.rules()]
        keys = {(group, number, rule.name): rule for group, number, rule in rules}
        alerts = frozenset(key for key, rule in keys.items() if isinstance(rule, AlertingRule))
        return cls({key: frozenset() for key in keys}, alerts)

    def missing(self) -> tuple[tuple[RuleKey, tuple[Reached, ...]], ...]:
        """Return for each rule what it never did, where there is something; pending counts only short of firing."""
        gaps = []
        for key, reached in self.reached.items():
            wanted = (Reached.FIRED, Reached.RESOLVED) if key in self.alerts else (Reached.RECORDED,)
            lacking = tuple(step for step in wanted if step not in reached)
            if lacking:
                gaps.append((key, lacking))
        return tuple(gaps)


def cover(timeline: Timeline) -> Coverage:
    """Return what the rules of an evaluation reached."""
    reached: dict[RuleKey, set[Reached]] = {}
    for outcome in timeline.outcomes:
        key = (outcome.group.name, outcome.number, outcome.rule.name)
        steps = reached.setdefault(key, set())
        if any(table.present.any() for table in outcome.recorded):
            steps.add(Reached.RECORDED)
    for alert in timeline.alerts:
        steps = reached[alert.outcome.group.name, alert.outcome.number, alert.name]
        steps.add(Reached.PENDING)
        if alert.fired_at is not None:
            steps.add(Reached.FIRED)
        if alert.resolved_at is not None:
            steps.add(Reached.RESOLVED)
    alerts = frozenset(key for key, steps in reached.items() if steps & _OF_ALERTS)
    return Coverage({key: frozenset(steps) for key, steps in reached.items()}, alerts)


def join(coverages: Iterable[Coverage]) -> Coverage:
    """Return what was reached in any of several runs."""
    reached: dict[RuleKey, frozenset[Reached]] = {}
    alerts: frozenset[RuleKey] = frozenset()
    for coverage in coverages:
        alerts |= coverage.alerts
        for key, steps in coverage.reached.items():
            reached[key] = reached.get(key, frozenset()) | steps
    return Coverage(reached, alerts)
