"""What is switched off goes, alone, and comes back under no other name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from language_models import TASKS, catalog

from generators.language.catalog import Deployment

SECTIONS = ("alerts", "slos", "measures")


def names(deployment: Deployment, section: str) -> set[str]:
    """The names of a section's items."""
    match section:
        case "alerts":
            return {each.name for each in deployment.alerts}
        case "slos":
            return {each.name for each in deployment.slos}
        case _:
            return set(deployment.measures)


@cache
def full(task: str) -> Deployment:
    """A model of a task that has all that its pack offers."""
    (deployment,) = catalog({"silent": {"task": task}}).deployments
    return deployment


def without(task: str, switches: Iterator[Mapping[str, Any]]) -> Iterator[Deployment]:
    """Models of a task, each with one switch."""
    found = catalog({f"m{index}": {"task": task, **each} for index, each in enumerate(switches)}).deployments
    yield from sorted(found, key=lambda each: int(each.model.name[1:]))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("section", ["alerts", "slos"])
def test_what_is_switched_off_goes_alone(task: str, section: str) -> None:
    before = {each: names(full(task), each) for each in SECTIONS}
    assert before[section]
    switched = sorted(before[section])
    left = list(without(task, ({section: {name: {"enabled": False}}} for name in switched)))
    assert len(left) == len(switched)
    for name, deployment in zip(switched, left, strict=True):
        assert names(deployment, section) == before[section] - {name}
        for other in {*SECTIONS} - {section}:
            assert names(deployment, other) == before[other]


@pytest.mark.parametrize("task", TASKS)
def test_without_a_measure_nothing_reads_it_and_nothing_takes_its_place(task: str) -> None:
    before = full(task)
    switched = sorted(before.measures)[::8]
    for name, deployment in zip(
        switched, without(task, ({"measures": {name: {"enabled": False}}} for name in switched)), strict=True
    ):
        assert name not in deployment.measures
        for section in SECTIONS:
            assert names(deployment, section) <= names(before, section)
        assert all(each.measure != name for each in deployment.alerts)


@pytest.mark.parametrize("task", TASKS)
def test_without_thresholds_a_measure_has_no_alert_but_those_with_levels_of_their_own(task: str) -> None:
    before = full(task)
    compared = sorted({each.measure for each in before.alerts if each.measure})[::3]
    for name, deployment in zip(
        compared, without(task, ({"quality": {name: "off"}} for name in compared)), strict=True
    ):
        assert names(deployment, "alerts") <= names(before, "alerts")
        gone = names(before, "alerts") - names(deployment, "alerts")
        assert {each.name for each in before.alerts if each.name in gone} <= {
            each.name for each in before.alerts if each.measure == name
        }


def test_an_alert_that_nobody_wrote_is_tuned_and_silenced_by_its_name() -> None:
    stated = {"task": "regression", "quality": {"latency_p50": {"warning": "1s"}}}
    own = catalog(
        {
            "m0": stated,
            "m1": {**stated, "alerts": {"LatencyP50High": {"for": "10m"}}},
            "m2": {**stated, "alerts": {"LatencyP50High": {"enabled": False}}},
            "m3": {**stated, "quality": {"latency_p50": "off"}},
        }
    ).deployments
    found = [[each.for_ms for each in one.alerts if each.name == "LatencyP50High"] for one in own]
    assert found == [[120_000], [600_000], [], []]
    assert names(own[2], "alerts") == names(own[3], "alerts") == names(own[0], "alerts") - {"LatencyP50High"}
