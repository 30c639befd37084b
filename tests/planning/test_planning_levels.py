"""Levels, gates and waits that follow from what else a spec says, and what burn rates tell people."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from planning_specs import committed_plan, planned
from planning_specs import model as model_of

from generators.language.catalog import EventRatio, Latency, Level
from generators.planning.kpis import LABEL, inherited_gates
from generators.planning.plan import ModelPlan
from generators.promql.syntax.printer import format as printed
from otel.units import convert, parse_unit

MODELS = [model for each in committed_plan().environments for model in each.models]
TIMES = {Level.WARNING: Decimal("1.5"), Level.CRITICAL: Decimal(2)}


@pytest.mark.parametrize("model", MODELS, ids=lambda each: f"{each.model}-{each.environment}")
def test_levels_that_no_spec_states_follow_the_objective(model: ModelPlan) -> None:
    slos = {slo.name: slo for slo in model.deployment.slos}
    for name, objective in (("LatencyHigh", "latency"), ("ErrorRateHigh", "availability")):
        (alert,) = (each for each in model.deployment.limits if each.name == name)
        for threshold in alert.thresholds:
            times = TIMES.get(threshold.level)
            if times is None:
                continue
            match slos[objective].indicator:
                case Latency(below=below):  # specs that state numbers state the same multiples
                    assert threshold.value.amount == times * below.amount
                case EventRatio():
                    assert threshold.value.amount >= times * (1 - slos[objective].objective)


@pytest.mark.parametrize("model", MODELS, ids=lambda each: f"{each.model}-{each.environment}")
def test_figures_are_gated_and_wait_like_the_alerts_on_what_they_read(model: ModelPlan) -> None:
    for kpi in model.deployment.kpis:
        gates = inherited_gates(kpi, model.deployment)
        for rule in model.alerts:
            if dict(rule.labels).get(LABEL) == kpi.name:
                text = printed(rule.expr)
                assert all(model.deployment.measures[gate.measure].record in text for gate in gates)
                assert model.model in dict(rule.annotations)["summary"]


def test_no_burn_rate_fires_at_the_first_evaluation() -> None:
    for model in MODELS:
        for group in model.groups:
            for rule in group.rules:
                if "tier" in dict(getattr(rule, "labels", ())) and hasattr(rule, "for_ms"):
                    assert rule.for_ms >= group.interval_ms, rule.alert


def test_burn_rates_say_what_is_wrong_how_much_against_which_limit_and_for_whom() -> None:
    for model in MODELS:
        for rule in model.alerts:
            labels, texts = dict(rule.labels), dict(rule.annotations)
            if "tier" not in labels:
                continue
            for text in (texts["summary"], texts["description"]):
                assert model.model in text
                assert "$value" in text
                assert not re.search(r"times too fast|burns its error budget|(?<!\{)\{[a-z_]+\}", text)
            assert f"above {rule.threshold}" in texts["description"]
            assert texts["description"].endswith((".", "…"))


@pytest.mark.parametrize("bound", ["20ms", "300ms", "2s", "5s", "8s", "15s", "2m"])
@pytest.mark.parametrize("severity", ["", "info", "critical"])
def test_levels_follow_any_bound_and_stand_within_the_buckets(bound: str, severity: str) -> None:
    own = {"LatencyHigh": {"severity": severity} if severity else {"enabled": True}}
    spec = {"task": "service", "slos": {"availability": None, "latency": {"below": bound}}, "alerts": own}
    plan = model_of(planned({"models/churn.yaml": spec}))
    (objective,) = [slo.indicator for slo in plan.deployment.slos if slo.name == "latency"]
    assert isinstance(objective, Latency)
    (alert,) = [each for each in plan.deployment.alerts if each.name == "LatencyHigh"]
    factors = [each.value.amount / objective.below.amount for each in alert.thresholds]
    assert factors == ([Decimal("1.5")] if severity else [Decimal("1.5"), 2])
    last = max(edge for each in plan.instruments if each.id == "duration" for edge in each.buckets)
    unit = plan.deployment.metrics["duration"].unit
    assert all(convert(each.value.amount, each.value.unit, parse_unit(unit)) < last for each in alert.thresholds)
