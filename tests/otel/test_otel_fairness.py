"""Groups of protected attributes: counted from the call that counts the prediction, and joined with its label."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_world import DOCUMENT, LABELS, World, manifest, metric

import otel
from otel.labels.stores import Joined, MemoryStore
from otel.manifest import Manifest
from otel.predictions.batch import count_batch

GENDERS, AGES = ["female", "male", "other"], ["old", "young", "unseen"]
GROUPS = {"gender": GENDERS, "age": AGES}
CELLS = ["true_positive", "false_positive", "true_negative", "false_negative"]
EACH = [{"ml.protected": [name], "ml.group": groups} for name, groups in GROUPS.items()]


def counter(name: str, **last: list[str]) -> dict[str, Any]:
    groups = [*GENDERS, *AGES]
    found = metric(name, protected=["gender", "age"], group=groups, **last)
    return {**found, "cells": EACH}


def fair() -> Manifest:
    metrics = {
        "group_predictions": counter("ml.group.prediction", decision=["positive", "negative"]),
        "group_outcomes": counter("ml.group.label", cell=CELLS),
        "group_minimum": metric("ml.group.minimum", "gauge"),
        "labels": LABELS,
    }
    return manifest(fairness={"groups": GROUPS, "minimum_group": 50}, metrics={**DOCUMENT["metrics"], **metrics})


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["female", "male", "other", "Female", "x", None, float("nan"), 7]),
        st.sampled_from(["old", "young", "unseen", "ancient", None]),
        st.sampled_from(["stay", "churn"]),
        st.sampled_from(["stay", "churn"]),
    ),
    max_size=20,
)
"""Gender, age, answer and truth."""


def expected(rows: list[tuple[Any, ...]], last: int) -> Counter[tuple[str, str, str]]:
    """Counts of a plain loop: by decision (``last`` 0) or by cell (1)."""
    found: Counter[tuple[str, str, str]] = Counter()
    for gender, age, answer, truth in rows:
        said = "positive" if answer == "churn" else "negative"
        name = (said, f"{'true' if answer == truth else 'false'}_{said}")[last]
        if gender is not None and gender == gender:  # noqa: PLR0124  not a number
            found["gender", gender if gender in GENDERS else "other", name] += 1
        if age is not None:
            found["age", age if age in AGES else "unseen", name] += 1
    return found


@settings(derandomize=True, deadline=None, max_examples=40)
@given(ROWS)
def test_one_by_one_in_batches_and_with_labels_groups_are_counted_alike(rows: list[tuple[Any, ...]]) -> None:
    one, recorded, batch = World(fair(), store=MemoryStore()), World(fair()), World(fair())
    for gender, age, answer, truth in rows:
        with one.monitor.prediction() as p:
            p.output(answer)
            p.group(gender=gender)
            p.group(age=age)
        one.monitor.label(p.id, truth)
        recorded.monitor.record(predicted=answer, groups={"gender": gender, "age": age})
        recorded.monitor.label_with(answer, truth, groups={"gender": gender, "age": age})
    if rows:
        genders, ages, answers, _ = map(list, zip(*rows, strict=True))
        batch.monitor.predictions({}, answers, groups={"gender": genders, "age": ages})
    for world in (one, recorded, batch):
        assert world.values("ml.group.prediction") == expected(rows, 0)
        assert world.values("ml.telemetry.undeclared") == {}
    for world in (one, recorded):
        assert world.values("ml.group.label") == expected(rows, 1)


def test_what_is_no_group_of_the_spec_never_leaves() -> None:
    world = World(fair(), store=MemoryStore())
    with world.monitor.prediction() as p:
        p.output("churn")
        p.group(gender="Ada Lovelace, 12 St James's Square", age=207, postcode="10115")
    world.monitor.label(p.id, "churn")
    assert world.values("ml.group.prediction") == {("gender", "other", "positive"): 1, ("age", "unseen", "positive"): 1}
    assert world.values("ml.group.label") == {
        ("gender", "other", "true_positive"): 1,
        ("age", "unseen", "true_positive"): 1,
    }
    assert sum(world.values("ml.telemetry.undeclared").values()) == 2, "an attribute that the spec does not protect"
    said = str([world.spans(), *world.logs.get_finished_logs()])
    assert "Lovelace" not in said
    assert "10115" not in said


def test_a_group_is_on_no_span_and_in_no_log() -> None:
    world = World(fair())
    with world.monitor.prediction() as p:
        p.output("stay")
        p.group(gender="female")
    for span in world.spans().values():
        assert "female" not in (span.attributes or {}).values()


def test_the_minimum_and_every_cell_exist_from_the_start() -> None:
    world = World(fair())
    assert world.values("ml.group.minimum") == {(): 50}
    assert len(world.points("ml.group.prediction")) == 2 * len([*GENDERS, *AGES])
    assert len(world.points("ml.group.label")) == 4 * len([*GENDERS, *AGES])


def test_a_failed_request_and_one_without_an_answer_decide_nothing() -> None:
    world = World(fair())
    world.monitor.record(predicted="churn", error="timeout", groups={"gender": "male"})
    world.monitor.record(groups={"gender": "male"})
    world.monitor.predictions({"age": [1, 2]}, groups={"gender": ["male", "female"]})
    assert world.values("ml.group.prediction") == {}


def test_a_decorated_function_says_groups_with_its_answer() -> None:
    world = World(fair())

    @world.monitor.inference
    def predict(features: dict[str, Any]) -> otel.Answer:
        return otel.Answer("churn", groups={"gender": "male"})

    predict({"age": 30})
    assert world.values("ml.group.prediction") == {("gender", "male", "positive"): 1}


def test_columns_of_groups_have_the_length_of_the_batch() -> None:
    world = World(fair())
    with pytest.raises(ValueError, match="columns of one length"):
        count_batch(world.monitor.model, {"age": [1, 2]}, ["stay", "churn"], groups={"gender": ["male"]})
    assert world.values("ml.group.prediction") == {}


def test_a_waiting_prediction_keeps_its_groups_and_older_rows_are_still_read() -> None:
    row = Joined(1.0, "churn", 0.5, ("region:emea",), None, None, (("gender", "female"),))
    assert Joined.load(row.dump()) == row
    assert Joined.load('[1.0,"churn",0.5,["region:emea"],null,null]').groups == ()
