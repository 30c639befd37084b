import pytest
from library_fleet import TASKS, planned

from generators.planning.plan import Alerting, ModelPlan


def watched(name: str) -> ModelPlan:
    production = next(each for each in planned()[0].environments if each.environment.name == "production")
    return next(each for each in production.models if each.model == name)


def test_models_of_every_task_that_declare_all_or_nothing_are_planned_and_lack_a_baseline_only() -> None:
    problems = planned()[1]
    assert {each.code for each in problems} == {"R340"}
    assert {each.position.file for each in problems} == {f"specs/models/complete-{task}.yaml" for task in TASKS}


@pytest.mark.parametrize("task", TASKS)
def test_broken_stuck_idle_missing_and_stale_are_told_apart(task: str) -> None:
    rules = [rule for group in watched(f"complete-{task}").groups for rule in group.rules]
    alerts = {rule.alert for rule in rules if isinstance(rule, Alerting)}
    assert {"AvailabilityBurn", "NoResponses", "ModelIdle", "TelemetryMissing", "TelemetryStale"} <= alerts


@pytest.mark.parametrize("task", TASKS)
def test_what_a_model_declares_adds_to_what_it_gets(task: str) -> None:
    complete, minimal = watched(f"complete-{task}").deployment, watched(f"minimal-{task}").deployment
    assert set(minimal.metrics) <= set(complete.metrics)
    assert {each.name for each in minimal.alerts} < {each.name for each in complete.alerts}


@pytest.mark.parametrize("task", TASKS)
def test_three_lines_are_enough_to_be_watched(task: str) -> None:
    minimal = watched(f"minimal-{task}").deployment
    assert {"availability", "latency"} <= {each.name for each in minimal.slos}
    assert {"NoResponses", "TelemetryMissing"} <= {each.name for each in minimal.alerts}


@pytest.mark.parametrize("task", TASKS)
def test_one_replica_stays_within_two_thousand_series(task: str) -> None:
    assert sum(each.series for each in watched(f"complete-{task}").instruments) <= 2000
