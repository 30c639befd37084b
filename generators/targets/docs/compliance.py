"""Evidence for clauses of laws and standards: what of a model's plans supports which clause, and what is missing.

Evidence is what is planned: measures that rules record, alerts, objectives, and facts that the spec states. What a
metric could show but no rule computes is missing. Measurements support evidence; they do not prove conformity. Clauses,
and the measures that count for them, stand in ``library/compliance.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from generators.planning.plan import Alerting, ModelPlan

Fact: TypeAlias = Callable[[ModelPlan], str]
"""Evidence of one kind in a model's plan, in words; empty where the plan has none."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with the evidence that a model has for it, in words, and the kinds of evidence that it lacks."""

    standard: str
    clause: str
    meaning: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]


def clauses(plans: Sequence[ModelPlan]) -> tuple[Clause, ...]:
    """Return the clauses of the standards that the model's spec names; ``plans`` are those of its environments."""
    wanted = plans[0].deployment.model.standards
    return tuple(
        _clause(plans, standard, clause, meaning, kinds)
        for standard, clause, meaning, kinds in _library()["clauses"]
        if standard in wanted
    )


def evidence(plans: Sequence[ModelPlan], kind: str) -> str:
    """Return the evidence of a kind that a model has, in words; it names environments where not all have the same."""
    places: dict[str, list[str]] = {}
    for plan in plans:
        if words := evidence_of(plan, kind):
            places.setdefault(words, []).append(plan.environment)
    if len(places) == 1 and len(plans) == len(next(iter(places.values()))):
        return next(iter(places))
    return ", ".join(f"{words} in {' and '.join(found)}" for words, found in places.items())


def evidence_of(plan: ModelPlan, kind: str) -> str:
    """Return the evidence of a kind that a model has in one environment, in words; empty where it has none."""
    if kind in FACTS:
        return FACTS[kind](plan)
    measured = _library()["measured"][kind]
    names = [name for name in measured["measures"] if name in plan.deployment.measures]
    return f"{measured['words']} ({', '.join(names)})" if names else ""


def _clause(plans: Sequence[ModelPlan], standard: str, clause: str, meaning: str, kinds: Iterable[str]) -> Clause:
    found = {kind: evidence(plans, kind) for kind in kinds}
    missing = tuple(_words(kind) for kind, words in found.items() if not words)
    return Clause(standard, clause, meaning, tuple(filter(None, found.values())), missing)


def _words(kind: str) -> str:
    """Return a kind of evidence as people call it."""
    return ABSENT[kind] if kind in FACTS else str(_library()["measured"][kind]["words"])


@cache
def _library() -> dict[str, Any]:
    text = resources.files("generators").joinpath("library/compliance.json").read_text("utf-8")
    return dict(json.loads(text))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _alerts(plan: ModelPlan) -> str:
    names = {rule.alert for group in plan.groups for rule in group.rules if isinstance(rule, Alerting)}
    return _count(len(names), "alert")


def _monitoring(plan: ModelPlan) -> str:
    found = ", ".join(filter(None, (_count(len(plan.deployment.measures), "measure"), _alerts(plan))))
    return f"this page: {found}" if found else ""


def _objectives(plan: ModelPlan) -> str:
    return _count(len(plan.objectives), "objective")


def _kpis(plan: ModelPlan) -> str:
    names = ", ".join(each.name for each in plan.deployment.kpis)
    return f"business figures ({names})" if names else ""


def _routes(plan: ModelPlan) -> str:
    return "routes of alerts to the owner" if _alerts(plan) else ""


def _escalation(plan: ModelPlan) -> str:
    escalated = any(
        dict(rule.labels).get("escalate") == "true"
        for group in plan.groups
        for rule in group.rules
        if isinstance(rule, Alerting)
    )
    return "escalation while a critical alert fires" if plan.deployment.model.team.escalation and escalated else ""


def _runbooks(plan: ModelPlan) -> str:
    return "a runbook for each alert" if _alerts(plan) else ""


def _owner(plan: ModelPlan) -> str:
    return f"owner {plan.deployment.model.team.name}"


def _rollback(plan: ModelPlan) -> str:
    return "instructions for rollback" if plan.deployment.model.rollback else ""


def _assessment(plan: ModelPlan) -> str:
    entry = plan.deployment.model.dpia
    return f"assessment {entry}" if entry else ""


def _privacy(plan: ModelPlan) -> str:
    about = [each.name for each in plan.instruments if each.personal_data]
    return f"metrics about persons are named ({', '.join(sorted(about))})" if about else ""


def _prediction_log(plan: ModelPlan) -> str:
    logged = ", ".join(plan.deployment.model.logged)
    return f"log of predictions with inputs ({logged})" if logged else ""


def _artefact(plan: ModelPlan) -> str:
    model = plan.deployment.model
    return f"version {model.version}, SHA-256 {model.sha256}" if model.sha256 else ""


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "alerts": _alerts,
        "artefact": _artefact,
        "dpia": _assessment,
        "escalation": _escalation,
        "kpis": _kpis,
        "objectives": _objectives,
        "owner": _owner,
        "plan": _monitoring,
        "prediction_log": _prediction_log,
        "privacy": _privacy,
        "rollback": _rollback,
        "routes": _routes,
        "runbooks": _runbooks,
    }
)
"""Kinds of evidence that are no measure, and how to find them in a plan."""

ABSENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alerts": "alerts",
        "artefact": "digest of the artefact",
        "dpia": "impact assessment",
        "escalation": "escalation",
        "kpis": "business figures",
        "objectives": "objectives",
        "owner": "owner",
        "plan": "measures and alerts",
        "prediction_log": "log of predictions with inputs",
        "privacy": "metrics about persons",
        "rollback": "instructions for rollback",
        "routes": "routes of alerts",
        "runbooks": "runbooks",
    }
)
"""What such evidence is called where there is none."""
