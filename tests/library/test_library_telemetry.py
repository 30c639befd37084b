"""What a service cannot count, cannot send or cannot price is told once it happens, and not before."""

from __future__ import annotations

import pytest
from library_fleet import IDENTITY, planned

from generators.planning.plan import Alerting
from generators.promql.engine import Storage, VectorValue, evaluate

START_MS = 1_700_000_000_000
STEP_MS = 15_000
ALERTS = {
    "UndeclaredValues": ("complete-service", "ml_telemetry_undeclared_total", "ml_kind", ("class", "label")),
    "TelemetryDropped": ("complete-service", "ml_telemetry_dropped_total", "ml_signal", ("log", "span")),
    "CallsUnpriced": ("complete-llm-chat", "ml_llm_unpriced_total", "llm_tier", ("other", "small")),
}
WINDOWS = {"UndeclaredValues": 60, "TelemetryDropped": 15, "CallsUnpriced": 60}


def alerting(name: str) -> Alerting:
    production = next(each for each in planned()[0].environments if each.environment.name == "production")
    model = next(each for each in production.models if each.model == ALERTS[name][0])
    rules = (rule for group in model.groups for rule in group.rules)
    (found,) = (rule for rule in rules if isinstance(rule, Alerting) and rule.alert == name)
    return found


def told(name: str, minute: int, *, since: int | None, restart: int | None = None) -> dict[str, float]:
    """Values of an alert at a minute, by what it tells apart; the first value counts up by one from ``since`` on."""
    model, metric, label, (first, second) = ALERTS[name]
    storage = Storage()
    times = [START_MS + step * STEP_MS for step in range(minute * 60_000 // STEP_MS + 1)]
    for value, counts in ((first, since is not None), (second, False)):
        labels = {
            **IDENTITY,
            "__name__": metric,
            "model_name": model,
            "model_version": "1.0.0",
            "instance": "a",
            label: value,
        }
        at = START_MS + (since or 0) * 60_000
        again = START_MS + (restart or 10**6) * 60_000
        counted = [1.0 if counts and at <= time < again else 0.0 for time in times]
        storage.add(tuple(sorted(labels.items())), times, counted)
    found = evaluate(alerting(name).expr, storage, times[-1]).value
    assert isinstance(found, VectorValue)
    return {dict(each.labels)[label]: each.value for each in found.samples}


@pytest.mark.parametrize("name", ALERTS)
def test_a_single_one_is_told_with_its_kind_and_about_once(name: str) -> None:
    found = told(name, 100, since=95)
    assert found == {ALERTS[name][3][0]: pytest.approx(1, rel=0.1)}


@pytest.mark.parametrize("name", ALERTS)
def test_none_is_told_while_all_counts_stand_at_zero(name: str) -> None:
    assert told(name, 100, since=None) == {}


@pytest.mark.parametrize("name", ALERTS)
def test_it_ends_when_the_window_has_passed_and_a_restart_tells_nothing(name: str) -> None:
    late = 10 + WINDOWS[name] + 5
    assert told(name, late, since=10) == {}
    assert told(name, late, since=10, restart=late - 2) == {}


@pytest.mark.parametrize("name", ALERTS)
def test_it_is_a_warning_that_waits_less_than_its_window_lasts(name: str) -> None:
    rule = alerting(name)
    assert dict(rule.labels)["severity"] == "warning"
    assert 0 < rule.for_ms < WINDOWS[name] * 60_000
    assert rule.runbook.meaning
    assert len(rule.runbook.steps) >= 3
