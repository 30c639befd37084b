"""Facts of a rule file: alerts, recordings and objectives."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from generators.comparison.facts.fact import Fact, Milliseconds, Prose, Value
from generators.planning.names import IDENTITY
from generators.promql.profiles import PROMETHEUS_3
from generators.promql.rules import AlertingRule, Group, RecordingRule, read_rules
from generators.promql.syntax.ast import Call, NumberLiteral
from generators.promql.syntax.walk import selectors

IDS: Final = frozenset((*IDENTITY, "sloth_id", "sloth_service"))
"""Labels that say whose rule it is, which the file says already."""

INFO: Final = "sloth_slo_info"
PERIOD: Final = "slo:time_period:days"
OF_OBJECTIVE: Final = frozenset((INFO, PERIOD, "slo:objective:ratio", "slo:error_budget:ratio"))
"""Recordings of constants that an objective consists of."""

_VARIANT: Final = ("slo", "tier", "kpi")
_GRADE: Final = ("severity", "stage")
"""Labels that tell alerts of one name apart; those of the grade may change without making it another alert."""


@lru_cache(maxsize=1024)
def rule_facts(text: str, path: str, subject: str, environment: str) -> tuple[Fact, ...]:
    """Return the facts of a rule file; rules that cannot be read have none."""
    file, _ = read_rules(text, path, profile=PROMETHEUS_3.with_experimental())
    if file is None:
        return ()
    found: list[Fact] = []
    for group in file.groups:
        for rule in group.rules:
            if isinstance(rule, AlertingRule):
                found.append(_alert(rule, group, subject, environment, path))
            elif rule.record not in OF_OBJECTIVE:
                found.append(_recording(rule, group, subject, environment, path))
    rules = [rule for group in file.groups for rule in group.rules if isinstance(rule, RecordingRule)]
    return (*found, *_objectives(rules, subject, environment, path))


def _alert(rule: AlertingRule, group: Group, subject: str, environment: str, path: str) -> Fact:
    labels = group.labels_of(rule)
    values: dict[str, Value] = {
        "threshold": rule.annotations.get("threshold", ""),
        "for": Milliseconds(rule.for_),
        "keep_firing_for": Milliseconds(rule.keep_firing_for),
        **_schedule(group),
        "expression": rule.expr,
        **{_label(name): value for name, value in sorted(labels.items())},
        **{
            name: Prose(value) if name in {"summary", "description"} else value
            for name, value in sorted(rule.annotations.items())
            if name != "threshold"
        },
    }
    variant, grade = (tuple(labels.get(name, "") for name in names) for names in (_VARIANT, _GRADE))
    return Fact(subject, "alert", rule.alert, environment, variant, grade, values, path, _reads(rule))


def _label(name: str) -> str:
    return name if name in {"severity", "priority", "team"} else f"label {name}"


def _recording(rule: RecordingRule, group: Group, subject: str, environment: str, path: str) -> Fact:
    labels = {name: value for name, value in sorted(group.labels_of(rule).items()) if name not in IDS}
    variant = tuple(f'{name}="{value}"' for name, value in labels.items())
    values: dict[str, Value] = {
        "expression": rule.expr,
        **_schedule(group),
        "labels": tuple(sorted(group.labels_of(rule))),
    }
    return Fact(subject, "recording", rule.record, environment, variant, (), values, path, _reads(rule))


def _schedule(group: Group) -> dict[str, Value]:
    interval = None if group.interval is None else Milliseconds(group.interval)
    return {"interval": interval, "query_offset": Milliseconds(group.query_offset or 0)}


def _reads(rule: AlertingRule | RecordingRule) -> frozenset[str]:
    return frozenset(each.name for each in selectors(rule.expr) if each.name)


def _objectives(rules: list[RecordingRule], subject: str, environment: str, path: str) -> Iterator[Fact]:
    days = {rule.labels.get("sloth_slo", ""): _constant(rule) for rule in rules if rule.record == PERIOD}
    for rule in rules:
        if rule.record == INFO:
            name = rule.labels.get("sloth_slo", "")
            values: dict[str, Value] = {
                "objective": _percent(rule.labels.get("sloth_objective", "")),
                "window": Milliseconds(round(days.get(name, 0) * 86_400_000)),
            }
            yield Fact(subject, "objective", name, environment, values=values, path=path)


def _percent(text: str) -> Value:
    try:
        return f"{Decimal(text):f} %"
    except InvalidOperation:
        return text


def _constant(rule: RecordingRule) -> float:
    """Return the number that ``vector(number)`` records; 0 where the rule is something else."""
    match rule.expr:
        case Call(function="vector", arguments=(NumberLiteral(value=value),)):
            return value
    return 0.0
