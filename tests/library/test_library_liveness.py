"""Broken, stuck, idle, stale and missing: each state of a service fires its own alerts and no others."""

import pytest
from library_fleet import IDENTITY, planned

from generators.planning.plan import Alerting, Recording
from generators.promql.engine import Storage, VectorValue, evaluate

MODEL = {**IDENTITY, "model_name": "complete-service"}
EXPORT_MS = 5_000
MINUTES = 40
STATES = ("NoResponses", "TelemetryMissing", "TelemetryStale", "ModelIdle", "ErrorRateHigh")


def series(start_ms: int, minutes: float, answers: float, rate: float, errors: float, active: float) -> Storage:
    """A service that reports for some minutes and answers in the first of them, of which a share fails."""
    storage = Storage()
    times = list(range(start_ms, start_ms + int(minutes * 60_000), EXPORT_MS))
    answered = [min(time - start_ms, answers * 60_000) / 1000 * rate for time in times]

    def add(name: str, values: list[float], **labels: str) -> None:
        everything = {"__name__": name, **MODEL, "model_version": "1.0.0", "instance": "a", **labels}
        storage.add(tuple(sorted(everything.items())), times, values)

    history = [start_ms + minute * 60_000 for minute in range(int(min(minutes, answers)))]
    recorded = {"__name__": "model:requests:rate5m", **MODEL}
    storage.add(tuple(sorted(recorded.items())), history, [rate] * len(history))
    add("ml_model_info", [1.0] * len(times))
    add("ml_prediction_active", [active] * len(times))
    add("ml_prediction_duration_seconds_count", [each * (1 - errors) for each in answered])
    add("ml_prediction_duration_seconds_count", [each * errors for each in answered], error_type="timeout")
    return storage


def firing(storage: Storage, now_ms: int) -> set[str]:
    """Record the measures that states are judged by, then evaluate the alerts' expressions, without their ``for``."""
    production = next(each for each in planned()[0].environments if each.environment.name == "production")
    needed = {"model:requests:rate5m", "model:requests:increase5m", "model:request_errors:ratio_rate5m"}
    for group in production.fleet:
        for rule in group.rules:
            if isinstance(rule, Recording) and rule.record in {*needed, "model:requests_active:sum"}:
                value = evaluate(rule.expr, storage, now_ms).value
                assert isinstance(value, VectorValue)
                for each in value.samples:
                    named = {**dict(each.labels), "__name__": rule.record}
                    storage.add(tuple(sorted(named.items())), [now_ms], [each.value])
    model = next(each for each in production.models if each.model == "complete-service")
    found: set[str] = set()
    for group in model.groups:
        for rule in group.rules:
            if isinstance(rule, Alerting) and rule.alert in STATES:
                value = evaluate(rule.expr, storage, now_ms).value
                assert isinstance(value, VectorValue)
                found |= {rule.alert} if value.samples else set()
    return found


@pytest.mark.parametrize(
    ("state", "reports", "answers", "rate", "errors", "active", "alerts"),
    [
        ("healthy", 40, 40, 5, 0, 2, set()),
        ("broken", 40, 40, 5, 0.5, 2, {"ErrorRateHigh"}),
        ("stuck", 40, 20, 5, 0, 8, {"NoResponses"}),
        ("idle", 40, 20, 5, 0, 0, {"ModelIdle"}),
        ("seldom used", 40, 20, 0.01, 0, 0, set()),
        ("stale", 37, 37, 5, 0, 2, {"TelemetryStale"}),
        ("missing", 30, 30, 5, 0, 2, {"TelemetryMissing"}),
    ],
)
def test_each_state_of_a_service_fires_its_own_alerts(
    state: str, reports: float, answers: float, rate: float, errors: float, active: float, alerts: set[str]
) -> None:
    start = 1_700_000_000_000
    storage = series(start, reports, answers, rate, errors, active)
    assert firing(storage, start + MINUTES * 60_000) == alerts, state
