"""How much a model is alerted on: three degrees, each within the next, and what is asked for exists in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from language_models import EVERYTHING, SPECS, TASKS, catalog

from generators.language.catalog import Deployment, Slo
from generators.language.resolve.stage import resolve
from generators.language.sources import Source
from generators.planning.objectives.objective import alerts as has_alerts

DEGREES = ("lean", "standard", "thorough")
OF_LLMS = {"llm", "agent", "llm-chat", "rag"}
MOST = {False: 20, True: 30}
"""As many alerts as a person can own, of a model and of an assistant. An alert is what has one name and one runbook."""


def degrees(task: str) -> tuple[Deployment, ...]:
    """A model of a task that declares all it can, under each degree."""
    found = catalog({degree: {"task": task, "alerting": degree} for degree in DEGREES}).deployments
    by_name = {each.model.name: each for each in found}
    return tuple(by_name[degree] for degree in DEGREES)


def names(deployment: Deployment) -> set[str]:
    """The names of all alerts, those of objectives included."""
    return {each.name for each in deployment.alerts} | {each.alert for each in deployment.slos if has_alerts(each)}


@pytest.mark.parametrize("task", TASKS)
def test_each_degree_lies_within_the_next_and_says_what_it_leaves_out(task: str) -> None:
    lean, standard, thorough = degrees(task)
    assert names(lean) < names(standard) < names(thorough)
    assert thorough.left_out == ()
    for each in (lean, standard):
        assert {alert.name for alert in each.left_out} == names(thorough) - names(each)


@pytest.mark.parametrize("task", TASKS)
def test_what_is_left_out_is_still_recorded_and_drawn(task: str) -> None:
    lean, _, thorough = degrees(task)
    assert set(lean.measures) == set(thorough.measures)
    assert [each.id for each in lean.panels] == [each.id for each in thorough.panels]


@pytest.mark.parametrize("task", TASKS)
def test_standard_alerting_is_as_much_as_a_person_can_own(task: str) -> None:
    _, standard, _ = degrees(task)
    assert len(names(standard)) <= MOST[task in OF_LLMS], sorted(names(standard))


def test_an_assistant_with_everything_is_as_much_as_a_person_can_own() -> None:
    everything = ["rag", "agent", "llm-chat", "llm-quality", "llm-safety", "llm-cost", "llm-cache", "resources"]
    (found,) = catalog({"m": {"task": "llm-chat", "packs": everything, "alerting": "standard"}}).deployments
    assert len(names(found)) <= MOST[True], sorted(names(found))


@pytest.mark.parametrize("task", TASKS)
def test_outages_objectives_and_lost_telemetry_are_never_left_out(task: str) -> None:
    lean, _, thorough = degrees(task)
    promised: tuple[Slo, ...] = thorough.slos
    assert {"NoResponses", "TelemetryMissing", *(each.alert for each in promised if has_alerts(each))} <= names(lean)


@pytest.mark.parametrize(
    "own",
    [
        {"alerts": {"PrecisionLow": {"enabled": True}}},
        {"alerts": {"PrecisionLow": {"for": "2h"}}},
        {"alerts": {"PrecisionLow": {"below": {"warning": "60%"}}}},
        {"quality": {"precision": {"warning": "60%"}}},
    ],
    ids=["switched on", "tuned", "levels", "thresholds"],
)
def test_what_a_model_names_exists_under_every_degree(own: Mapping[str, Any]) -> None:
    for each in catalog(
        {degree: {"task": "binary-classification", "alerting": degree, **own} for degree in DEGREES}
    ).deployments:
        assert "PrecisionLow" in names(each)
        assert "PrecisionLow" not in {alert.name for alert in each.left_out}


@pytest.mark.parametrize(
    ("defaults", "there"),
    [
        ({"alerts": {"PrecisionLow": {"enabled": True}}}, True),
        ({"quality": {"precision": {"warning": "60%"}}}, True),
        ({"alerts": {"PrecisionLow": {"for": "2h"}}}, False),
        ({"alerting": "thorough"}, True),
        ({"alerting": "thorough", "alerts": {"PrecisionLow": {"enabled": False}}}, False),
        ({"alerts": {"PrecisionLow": {"alerting": "standard"}}}, True),
        ({"quality": {"precision": {"warning": "60%"}}, "alerts": {"PrecisionLow": {"alerting": "thorough"}}}, False),
    ],
    ids=["switched on", "thresholds", "tuned", "thorough", "switched off", "moved", "thresholds and moved"],
)
def test_defaults_ask_for_what_they_switch_on_or_give_levels_to(defaults: Mapping[str, Any], there: bool) -> None:
    assert ("PrecisionLow" in names(with_defaults(defaults))) is there


def with_defaults(defaults: Mapping[str, Any]) -> Deployment:
    """A model under the defaults of an environment."""
    sources = []
    for each in SPECS:
        if each.file == "specs/environments/production.yaml":
            document = yaml.safe_load(each.data)
            document["spec"]["defaults"] = {**document["spec"].get("defaults", {}), **defaults}
            sources.append(Source(each.file, yaml.safe_dump(document).encode()))
        elif "/models/" not in each.file and "/baselines/" not in each.file:
            sources.append(each)
    spec = {**EVERYTHING, "task": "binary-classification"}
    del spec["alerting"]
    metadata = {"name": "m", "tenant": "wine", "team": "commerce"}
    document = {"apiVersion": "watchspec/v1", "kind": "Model", "metadata": metadata, "spec": spec}
    found, problems = resolve((*sources, Source("specs/models/m.yaml", yaml.safe_dump(document).encode())))
    assert found is not None, problems
    (deployment,) = found.deployments
    return deployment
