import pytest
from library_documents import pack_specs
from library_fleet import planned

from generators.planning.plan import Alerting

TASKS = sorted(name for name, spec in pack_specs().items() if spec.get("task"))


@pytest.mark.parametrize("task", TASKS)
def test_a_model_that_declares_everything_is_planned_without_a_problem(task: str) -> None:
    result, problems = planned(task, complete=True)
    assert problems == ()
    assert result is not None


@pytest.mark.parametrize("task", TASKS)
def test_a_model_of_three_lines_is_planned_without_a_problem(task: str) -> None:
    result, problems = planned(task, complete=False)
    assert problems == ()
    assert result is not None


@pytest.mark.parametrize("task", TASKS)
def test_broken_stuck_idle_missing_and_stale_are_told_apart(task: str) -> None:
    result, _ = planned(task, complete=True)
    assert result is not None
    production = next(each for each in result.environments if each.environment.name == "production")
    model = next(each for each in production.models if each.model == "complete")
    rules = [rule for group in model.groups for rule in group.rules]
    alerts = {rule.alert for rule in rules if isinstance(rule, Alerting)}
    assert {"AvailabilityBurn", "NoResponses", "ModelIdle", "TelemetryMissing", "TelemetryStale"} <= alerts
