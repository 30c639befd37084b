from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning_specs import alerts, model, organisation

from generators.diagnostics import Code, Problem, Severity
from generators.language.catalog import Formula
from generators.pipeline import Compiled, compile_artifacts, compile_plan
from generators.planning.plan import Plan
from generators.planning.telemetry.world import World
from generators.promql.syntax.ast import Expr

IDLE = {"promql": "$request_rate > 0.5 unless vector(1)", "severity": "info", "summary": "Idle"}
"""An alert that PromQL warns about: nothing is ever removed by this `unless`."""

WRONG = Code("Q101", "Wrong", "It is wrong.", "a", "b")

FORMULAS: dict[str, Mapping[str, Any]] = {
    "an alert": {"alerts": {"Idle": {**IDLE, "promql": "rate($duration_count[5m]) > 1", "summary": "{error_type}"}}},
    "an objective": {},
    "a measure": {"measures": {"idle": {"description": "Idle.", "record": "a:b:c", "promql": "$request_rate * 2"}}},
}


def plan_of(compiled: Compiled) -> Plan:
    assert compiled.plan is not None
    return compiled.plan


@pytest.mark.parametrize("where", FORMULAS)
@given(
    severities=st.lists(st.sampled_from((Severity.WARNING, Severity.INFO)), min_size=1, max_size=3),
)
def test_no_warning_about_a_formula_changes_anything_else(where: str, severities: list[Severity]) -> None:
    def objecting(self: World, expr: Expr, formula: Formula) -> tuple[Problem, ...]:
        return tuple(Problem(WRONG.as_(each), f"{index}", formula.position) for index, each in enumerate(severities))

    sources = organisation({"models/churn.yaml": FORMULAS[where]})
    quiet = compile_plan(sources)
    with patch.object(World, "problems", objecting):
        loud = compile_plan(sources)
    assert quiet.problems == ()
    assert {each.severity for each in loud.problems} == set(severities)
    assert loud.ok
    assert plan_of(loud) == plan_of(quiet)


def test_an_error_about_a_formula_keeps_everything_from_being_written() -> None:
    def objecting(self: World, expr: Expr, formula: Formula) -> tuple[Problem, ...]:
        return (Problem(WRONG, "wrong", formula.position),)

    with patch.object(World, "problems", objecting):
        loud = compile_artifacts(organisation())
    assert not loud.ok
    assert loud.artifacts == ()


def test_an_alert_that_is_warned_about_is_one_more_alert() -> None:
    quiet = compile_artifacts(organisation())
    loud = compile_artifacts(organisation({"models/churn.yaml": {"alerts": {"Idle": IDLE}}}))
    assert [(each.code, each.severity) for each in loud.problems] == [("Q109", Severity.WARNING)]
    assert {each.path for each in loud.artifacts} > {each.path for each in quiet.artifacts}
    before, after = list(alerts(model(plan_of(quiet)))), list(alerts(model(plan_of(loud))))
    assert [rule for rule in after if rule.alert != "Idle"] == before
    assert [rule.alert for rule in after if rule not in before] == ["Idle"]


def test_a_model_that_nothing_watches_is_an_error() -> None:
    change: Mapping[str, Any] = {"alerts": {"ErrorsHigh": {"enabled": False}}, "slos": None}
    found = compile_artifacts(organisation({"models/churn.yaml": change}))
    assert [(each.code, each.position.file) for each in found.problems] == [("P411", "specs/models/churn.yaml")]
    assert found.artifacts == ()
