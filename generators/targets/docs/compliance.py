"""Evidence for clauses of laws and standards: what of a model's monitoring supports which clause.

Metrics support evidence; they do not prove conformity. Clauses stand in ``library/compliance.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from generators.planning.plan import Alerting, ModelPlan

Evidence: TypeAlias = Callable[[ModelPlan, str], str]
"""Returns in words what a model has of one kind of evidence, and nothing if it has none; takes the metric prefix."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with the evidence that a model has for it, in words."""

    standard: str
    clause: str
    meaning: str
    evidence: tuple[str, ...]


def clauses(plan: ModelPlan, prefix: str) -> tuple[Clause, ...]:
    """Return the clauses of the model's standards, with evidence or without; all GDPR clauses if it has a DPIA."""
    compliance = plan.deployment.model
    wanted = {*compliance.standards, *(("gdpr",) if compliance.dpia else ())}
    return tuple(
        Clause(standard, clause, meaning, tuple(filter(None, (EVIDENCE[kind](plan, prefix) for kind in kinds))))
        for standard, clause, meaning, kinds in _library()["clauses"]
        if standard in wanted
    )


def standard_titles() -> Mapping[str, str]:
    """Return the titles of the standards that are known, by the names that specs use."""
    titles: Mapping[str, str] = _library()["standards"]
    return titles


@cache
def _library() -> dict[str, Any]:
    text = resources.files("generators").joinpath("library/compliance.json").read_text("utf-8")
    return dict(json.loads(text))


def _metrics(words: str, *names: str) -> Evidence:
    """Return evidence that exists where a model emits one of some metrics, or one below them."""

    def found(plan: ModelPlan, prefix: str) -> str:
        emitted = [
            each.name
            for each in plan.instruments
            if any(f"{each.name}.".startswith(f"{prefix}.{name}.") for name in names)
        ]
        return f"{words} ({', '.join(sorted(emitted))})" if emitted else ""

    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _alerts(plan: ModelPlan, _: str) -> str:
    names = {rule.alert for group in plan.groups for rule in group.rules if isinstance(rule, Alerting)}
    return _count(len(names), "alert")


def _plan_of(plan: ModelPlan, prefix: str) -> str:
    return f"this page: {_count(len(plan.instruments), 'metric')}, {_alerts(plan, prefix) or 'no alerts'}"


def _objectives(plan: ModelPlan, _: str) -> str:
    return _count(len(plan.objectives), "objective")


def _kpis(plan: ModelPlan, _: str) -> str:
    names = ", ".join(each.name for each in plan.deployment.kpis)
    return f"business figures ({names})" if names else ""


def _routes(plan: ModelPlan, prefix: str) -> str:
    return "routes of alerts to the owner" if _alerts(plan, prefix) else ""


def _escalation(plan: ModelPlan, _: str) -> str:
    return "escalation while a critical alert fires" if plan.deployment.model.team.escalation else ""


def _runbooks(plan: ModelPlan, prefix: str) -> str:
    return "a runbook for each alert" if _alerts(plan, prefix) else ""


def _owner(plan: ModelPlan, _: str) -> str:
    return f"owner {plan.deployment.model.team.name}"


def _rollback(plan: ModelPlan, _: str) -> str:
    return "instructions for rollback" if plan.deployment.model.rollback else ""


def _dpia(plan: ModelPlan, _: str) -> str:
    entry = plan.deployment.model.dpia
    return f"assessment {entry}" if entry else ""


def _privacy(plan: ModelPlan, _: str) -> str:
    about = [each.name for each in plan.instruments if each.personal_data]
    return f"metrics about persons are named ({', '.join(sorted(about))})" if about else ""


def _gaps(_: ModelPlan, __: str) -> str:
    return "clauses without evidence are listed below"


def _resources(plan: ModelPlan, _: str) -> str:
    return "alerts on processor, memory and disk" if "resources" in plan.deployment.packs else ""


def _artefact(plan: ModelPlan, _: str) -> str:
    model = plan.deployment.model
    return f"version {model.version}, SHA-256 {model.sha256}" if model.sha256 else ""


def _provider(plan: ModelPlan, _: str) -> str:
    names = sorted(each.name for each in plan.instruments if each.name.startswith("gen_ai."))
    return f"calls of providers are measured ({', '.join(names)})" if names else ""


def _labels(plan: ModelPlan, prefix: str) -> str:
    return _metrics("labels from operation", "label.count", "confusion", "residual")(plan, prefix)


EVIDENCE: Final[Mapping[str, Evidence]] = MappingProxyType(
    {
        "alerts": _alerts,
        "artefact": _artefact,
        "calibration": _metrics("calibration", "score"),
        "data_quality": _metrics("quality of inputs", "feature.quality", "feature.vector"),
        "dpia": _dpia,
        "drift": _metrics("drift", "feature.bin", "prediction.bin", "score.bin"),
        "escalation": _escalation,
        "fairness": _metrics("fairness between groups", "group"),
        "feedback": _metrics("feedback of users", "llm.feedback", "llm.reaction"),
        "gaps": _gaps,
        "guards": _metrics("guard rails", "prediction.rejected", "prediction.fallback", "llm.guard"),
        "kpis": _kpis,
        "labels": _labels,
        "objectives": _objectives,
        "overrides": _metrics("overrides by persons", "override.count"),
        "owner": _owner,
        "plan": _plan_of,
        "prediction_log": _metrics("prediction log", "prediction.log"),
        "privacy": _privacy,
        "provider": _provider,
        "quality": _metrics(
            "quality from labels", "confusion", "residual.count", "interval.count", "score.label", "llm.evaluation"
        ),
        "resources": _resources,
        "rollback": _rollback,
        "routes": _routes,
        "runbooks": _runbooks,
        "security": _metrics("attacks and abuse", "llm.guard", "llm.abuse"),
        "segments": _metrics("segments", "segment"),
    }
)
"""Kind of evidence → how to find it."""
