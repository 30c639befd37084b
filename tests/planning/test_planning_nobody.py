"""A level that a team wants to be told nothing of reaches nobody: neither its parent's receiver nor the default one."""

from __future__ import annotations

import pytest
from planning_specs import environment, planned

from generators import alertmanager
from generators.language.catalog import Level

TEAM = "teams/growth.yaml"
EVERYBODY = {"critical": ["pager"], "warning": ["chat"], "info": ["chat"]}


@pytest.mark.parametrize("level", [Level.WARNING, Level.INFO])
def test_nobody_is_told_of_a_level_without_receivers(level: Level) -> None:
    plan = environment(planned({TEAM: {"notify": {**EVERYBODY, level: []}}}))
    labels = {"alertname": "ErrorsHigh", "tenant": "retail", "team": "growth", "model": "churn"}
    told = {
        each: [delivery.receiver for delivery in alertmanager.route(plan.alertmanager, {**labels, "severity": each})]
        for each in Level
    }
    assert told[level] == ["growth/(nobody)"]
    silent = [each for each in plan.alertmanager.receivers if each.name == "growth/(nobody)"]
    assert [each.integrations for each in silent] == [()]
    assert all(name != "growth/(nobody)" for each in {*Level} - {level} for name in told[each])


def test_an_alert_with_a_repeat_of_its_own_reaches_nobody_either() -> None:
    alert = {"alerts": {"ErrorsHigh": {"repeat": "1h"}}}
    plan = environment(planned({TEAM: {"notify": {**EVERYBODY, "warning": []}}, "models/churn.yaml": alert}))
    labels = {"alertname": "ErrorsHigh", "tenant": "retail", "team": "growth", "model": "churn", "severity": "warning"}
    assert [each.receiver for each in alertmanager.route(plan.alertmanager, labels)] == ["growth/(nobody)"]
