from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from planning_specs import alerts, laid_over, model, planned

from generators.language.catalog import Latency, Level
from generators.planning.plan import Plan

LAYERS = ("packs/scoring.yaml", "platform.yaml", "environments/production.yaml", "models/churn.yaml", "in production")
"""Most general first; platform and environments state theirs under ``defaults``, the last is what the model says of one
environment."""
ONLY_BELOW = ("a list",)
"""What a model does not say of one environment: what is measured is the same everywhere."""


def threshold(result: Plan) -> object:
    (alert,) = [each for each in model(result).deployment.alerts if each.name == "ErrorsHigh"]
    return alert.thresholds[0].value.amount


def duration(result: Plan) -> object:
    return next(rule.for_ms for rule in alerts(model(result)) if rule.alert == "ErrorsHigh")


def quality(result: Plan) -> object:
    return next(rule.threshold for rule in alerts(model(result)) if rule.alert == "LatencyP95High")


def objective(result: Plan) -> object:
    return next(slo.objective for slo in model(result).deployment.slos if slo.name == "availability")


def bound(result: Plan) -> object:
    (slo,) = [slo for slo in model(result).deployment.slos if slo.name == "latency"]
    assert isinstance(slo.indicator, Latency)
    assert slo.objective == Decimal("0.99")
    return slo.indicator.below.amount


def text(result: Plan) -> object:
    return dict(next(rule.annotations for rule in alerts(model(result)) if rule.alert == "ErrorsHigh"))["summary"]


def listed(result: Plan) -> object:
    metric = model(result).deployment.metrics["duration"]
    return next(each.values for each in metric.attributes if each.key == "error.type")


def switched(result: Plan) -> object:
    return any(rule.alert == "ErrorsHigh" for rule in alerts(model(result)))


def figure(result: Plan) -> object:
    return next(each.thresholds[0].value.amount for each in model(result).deployment.kpis if each.name == "saved")


KINDS: dict[str, tuple[Any, Any, list[Any]]] = {
    "a threshold of an alert": (
        lambda value: {"alerts": {"ErrorsHigh": {"above": {"warning": f"{value}%"}}}},
        threshold,
        [1, 2, 3, 4, 5],
    ),
    "a duration": (lambda value: {"alerts": {"ErrorsHigh": {"for": f"{value}m"}}}, duration, [1, 2, 3, 4, 5]),
    "a threshold of a measure": (
        lambda value: {"quality": {"latency_p95": {"warning": f"{value}ms"}}},
        quality,
        [1, 2, 3, 4, 5],
    ),
    "an objective": (lambda value: {"slos": {"availability": {"objective": f"9{value}%"}}}, objective, [5, 6, 7, 8, 9]),
    "a quantile": (lambda value: {"slos": {"latency": {"p99": f"{value}s"}}}, bound, [1, 2, 3, 4, 5]),
    "a text": (lambda value: {"alerts": {"ErrorsHigh": {"summary": value}}}, text, ["a", "b", "c", "d", "e"]),
    "a list": (
        lambda value: {"metrics": {"duration": {"attributes": {"error.type": {"values": value}}}}},
        listed,
        [["a"], ["b"], ["c"], ["d"]],
    ),
    "a switch": (
        lambda value: {"alerts": {"ErrorsHigh": {"enabled": value}}},
        switched,
        [False, True, False, True, False],
    ),
    "a comparison of a figure": (
        lambda value: {"kpis": {"saved": {"unit": "{USD}", "value": "accuracy * 1000", "warning": f"< {value}"}}},
        figure,
        [1, 2, 3, 4, 5],
    ),
}  # fmt: skip


def stated(kind: str, upto: int) -> Plan:
    say, _, values = KINDS[kind]
    changes: dict[str, Any] = {}
    for layer, value in zip(LAYERS[: upto + 1], values, strict=False):
        said = say(value)
        if layer == LAYERS[-1]:
            changes["models/churn.yaml"] = laid_over(
                changes["models/churn.yaml"], {"environments": {"production": said}}
            )
        else:
            changes[layer] = said if layer.startswith(("packs", "models")) else {"defaults": said}
    base = {"packs/scoring.yaml": {"slos": {"availability": {"objective": "95%", "events": EVENTS}}}}
    own = {"models/churn.yaml": {"labels": {"delay": "1d"}, "slos": {"availability": {"objective": None}}}}
    without_own = laid_over(base, own)
    return planned({name: laid_over(without_own.get(name, {}), changes.get(name, {})) for name in LAYERS[:-1]})


EVENTS = {"bad": '$duration_count{error_type!=""}', "total": "$duration_count"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_most_specific_layer_wins(kind: str) -> None:
    _, read, values = KINDS[kind]
    found = [read(stated(kind, upto)) for upto in range(len(values))]
    again = [read(stated(kind, upto)) for upto in (3, 0)]
    assert again == [found[3], found[0]]
    assert len(values) == len(LAYERS) - (kind in ONLY_BELOW)
    assert len({str(each) for each in found}) == len({str(each) for each in values})
    if kind == "a switch":
        assert found == values


def test_a_severity_raises_or_lowers_all_levels_of_a_measure() -> None:
    change = {"alerts": {"ErrorsHigh": {"above": {"warning": "5%", "critical": "10%"}, "severity": "info"}}}
    found = [rule for rule in alerts(model(planned({"models/churn.yaml": change}))) if rule.alert == "ErrorsHigh"]
    assert [(rule.level, rule.threshold) for rule in found] == [(Level.INFO, "5 %")]


def test_a_threshold_that_a_model_states_is_never_lost() -> None:
    change = {"quality": {"error_ratio": {"critical": "50%"}}}
    found = {rule.alert: rule.threshold for rule in alerts(model(planned({"models/churn.yaml": change})))}
    assert found["ErrorsHigh"] == "5 %"
    assert found["ErrorRatioHigh"] == "50 %"
