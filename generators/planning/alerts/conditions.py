"""Alerts of a deployment: conditions with explicit numbers, labels that route them, texts that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from types import MappingProxyType
from typing import Final

from generators.diagnostics import Position
from generators.formats.durations import format_duration
from generators.language.catalog import Alert, Deployment, Gate, Level, Platform, Runbook, Threshold
from generators.planning.alerts.references import unlinked
from generators.planning.alerts.texts import shown, template, with_labels
from generators.planning.expressions import binary, number, on, selector
from generators.planning.formulas import Filling
from generators.planning.links import ModelLinks, model_facts, topic_of
from generators.planning.names import IDENTITY, pairs
from generators.planning.objectives.tiers import priorities
from generators.planning.plan import Alerting
from generators.promql.syntax.ast import Expr
from generators.promql.templates import escape

SLOTH_SEVERITY: Final[Mapping[Level, str]] = MappingProxyType(
    {Level.CRITICAL: "page", Level.WARNING: "ticket", Level.INFO: "ticket"}
)
"""Severities as sloth's dashboards read them."""

ORDER: Final = tuple(Level)
NO_RUNBOOK: Final = Runbook()


@dataclass(frozen=True)
class Owner:
    """What all alerts of a deployment share: who owns it, where it runs, where its pages are."""

    deployment: Deployment
    platform: Platform

    @cached_property
    def facts(self) -> dict[str, str]:
        """What placeholders of texts stand for."""
        return model_facts(self.deployment)

    def labels(self, level: Level, symptom: str) -> dict[str, str]:
        """Return the labels that every alert of the deployment carries."""
        model = self.deployment.model
        labels = {
            **self.facts,
            "namespace": model.namespace,
            "severity": level,
            "priority": priorities()[level],
            "symptom": symptom,
        }
        if level is Level.CRITICAL and model.team.escalation:
            labels |= {"stage": "on-call", "escalate": "true"}
        return labels

    @cached_property
    def urgent_symptoms(self) -> frozenset[str]:
        """The symptoms of a total outage: all critical alerts on one of them are one incident, and told at once."""
        return frozenset(slo.symptom for slo in self.deployment.slos if slo.outage is not None)

    def capped(self, level: Level) -> Level:
        """Return the severity that the environment allows."""
        cap = self.deployment.environment.severity_cap
        return min(level, cap, key=ORDER.index)

    def links(self, alert: str, topic: str) -> dict[str, str]:
        """Return the annotations that lead on: owner, runbook and dashboard."""
        team = self.deployment.model.team
        return {
            "owner": escape(f"{team.name}, {team.contact}"),
            "runbook_url": escape(self._pages.runbook(alert)),
            "dashboard_url": escape(self._pages.dashboard(alert, topic)),
        }

    @cached_property
    def _pages(self) -> ModelLinks:
        return ModelLinks(self.deployment, self.platform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an alert says, before it has an owner; ``topic`` is that of the dashboard to look at."""

    alert: str
    expr: Expr
    level: Level
    for_ms: int
    symptom: str
    summary: str
    description: str = ""
    unit: str = ""
    threshold: str = ""
    keep_firing_for_ms: int = 0
    priority: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    promise_ms: int | None = None
    runbook: Runbook = NO_RUNBOOK
    provenance: tuple[Position, ...] = ()
    instance: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()
    topic: str = ""


def alerting(condition: Condition, owner: Owner) -> Alerting:
    """Return the rule of a condition: labels of its owner, texts with placeholders filled."""
    level = owner.capped(condition.level)
    labels = {**owner.labels(level, condition.symptom), **condition.labels}
    if level is Level.CRITICAL and condition.symptom in owner.urgent_symptoms:
        labels["urgent"] = "true"
    if condition.priority and level is condition.level:
        labels["priority"] = condition.priority
    facts = {**owner.facts, "threshold": condition.threshold}
    known = {*labels, *condition.instance}
    summary, description = (
        template(with_labels(text, known, owner.platform.prefix), facts, condition.unit)
        for text in (condition.summary, condition.description)
    )
    texts = {
        "summary": summary,
        "description": description,
        "threshold": escape(condition.threshold),
    }
    annotations = {
        **{name: text for name, text in texts.items() if text},
        **owner.links(condition.alert, condition.topic),
    }
    if condition.runbook.url:
        annotations["runbook_url"] = escape(condition.runbook.url)
    return Alerting(
        alert=condition.alert,
        expr=condition.expr,
        for_ms=condition.for_ms,
        keep_firing_for_ms=condition.keep_firing_for_ms,
        labels=pairs(labels),
        annotations=pairs(annotations),
        level=level,
        threshold=condition.threshold,
        promise_ms=condition.promise_ms,
        runbook=condition.runbook,
        provenance=condition.provenance,
        instance=condition.instance,
        hidden_by=condition.hidden_by,
    )


def distinct(found: Iterable[Condition], owner: Owner) -> tuple[Condition, ...]:
    """Return the conditions without those that the environment's cap makes repeat a milder one of the same alert."""
    kept: dict[tuple[str, tuple[tuple[str, str], ...], Level], Condition] = {}
    for condition in sorted(found, key=lambda each: ORDER.index(each.level)):
        key = (condition.alert, tuple(sorted(condition.labels.items())), owner.capped(condition.level))
        kept.setdefault(key, condition)
    return tuple(kept.values())


def conditions(alert: Alert, owner: Owner, filling: Filling, instance: tuple[str, ...]) -> Iterator[Condition]:
    """Yield the conditions of an alert: one a level, or one for an expression of its own.

    ``instance`` are the labels of its series beside the identity of the model.
    """
    deployment = owner.deployment
    if alert.formula is not None:
        expr = filling.single(alert.formula)
        place = (alert.position, alert.formula.position)
        gated_expr = _gated(expr, alert, deployment, filling)
        topic = topic_of(deployment, alert.formula.template.holes)
        yield _condition(alert, gated_expr, alert.severity, alert.for_ms, "", "", place, instance, topic)
        return
    topic = topic_of(deployment, (alert.measure,))
    for level in dict.fromkeys(each.level for each in alert.thresholds):
        found = [each for each in alert.thresholds if each.level is level]
        expr = _gated(
            reduce(either, (_beyond(each, deployment, filling) for each in found)), alert, deployment, filling
        )
        places = (alert.position, *(each.position for each in found))
        side = SIDES.get(found[0].op, "at")
        limits = _limits(found, deployment)
        yield _condition(alert, expr, level, found[0].for_ms, limits, side, places, instance, topic)


def _beyond(threshold: Threshold, deployment: Deployment, filling: Filling) -> Expr:
    value = selector(deployment.measures[threshold.measure].record, filling.matchers)
    return binary(threshold.op, value, number(threshold.value.amount))


def either(one: Expr, other: Expr) -> Expr:
    """Return what is true where one of two expressions is."""
    return binary("or", one, other)


def _limits(thresholds: Iterable[Threshold], deployment: Deployment) -> str:
    """Return what values are compared with, in words; each for which measure, where they differ."""
    limits = [
        (shown(each.value.amount, deployment.measures[each.measure].unit), each.measure.replace("_", " "))
        for each in thresholds
    ]
    different = len({limit for limit, _ in limits}) > 1
    return ", ".join(f"{limit} ({words})" for limit, words in limits) if different else limits[0][0]


def completed(description: str, side: str, for_ms: int, runbook: Runbook) -> str:
    """Return a description that also says which limit was passed on which side, how long ago, and what to do first."""
    held = f"for at least {format_duration(for_ms)}"
    if side and "{threshold}" not in description:
        limit = f"The threshold is {{threshold}}, and it has been {side}{f' {held}' if for_ms else ''}."
    else:
        limit = f"It has been so {held}." if for_ms else ""
    first = f"First step: {unlinked(runbook.steps[0])}" if runbook.steps else ""
    return " ".join(filter(None, (description, limit, first)))


SIDES: Final[Mapping[str, str]] = MappingProxyType({">": "above", ">=": "above", "<": "below", "<=": "below"})
"""Where a value is that a comparison finds; equality has no side."""


def _condition(
    alert: Alert,
    expr: Expr,
    level: Level,
    for_ms: int,
    threshold: str,
    side: str,
    provenance: tuple[Position, ...],
    instance: tuple[str, ...],
    topic: str,
) -> Condition:
    return Condition(
        alert=alert.name,
        expr=expr,
        level=level,
        for_ms=for_ms,
        symptom=alert.symptom,
        summary=alert.summary,
        description=completed(alert.description, side, for_ms, alert.runbook),
        unit=alert.unit,
        threshold=threshold,
        keep_firing_for_ms=alert.keep_firing_for_ms,
        priority=alert.priority,
        labels={name: escape(text) for name, text in alert.labels.items()},
        runbook=alert.runbook,
        provenance=provenance,
        instance=instance,
        hidden_by=tuple(cause.alert for cause in alert.hidden_by),
        topic=topic,
    )


def _gated(expr: Expr, alert: Alert, deployment: Deployment, filling: Filling) -> Expr:
    return gated(expr, (alert.gate,) if alert.gate else (), deployment, filling)


def gated(expr: Expr, gates: Iterable[Gate], deployment: Deployment, filling: Filling) -> Expr:
    """Return the expression where enough samples were seen."""
    for gate in gates:
        samples = selector(deployment.measures[gate.measure].record, filling.matchers)
        enough = binary(">=", samples, number(gate.minimum.amount))
        expr = binary("and", expr, enough, on(*IDENTITY))
    return expr
