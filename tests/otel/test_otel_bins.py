"""Laws of binning: every value is counted once, where numpy would put it, alone or in a batch."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from otel_world import DOCUMENT, GOOD, World, manifest

from otel.manifest import Feature
from otel.predictions.batch import count_batch
from otel.recording.bins import CategoryBins, FeatureBins, NumberBins, feature_bins, score_bin

NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers()
ANYTHING = (
    NUMBERS
    | st.none()
    | st.text(max_size=3)
    | st.booleans()
    | st.decimals(allow_nan=True)
    | st.lists(st.integers(), max_size=2)
    | st.floats(width=32).map(np.float32)
    | st.sampled_from(["basic", "plus", "pro", np.str_("plus"), np.bool_(True), object(), np.array([1.0, 2.0])])
)
EDGES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=15, unique=True).map(lambda edges: tuple(sorted(edges)))
FEATURES = st.sampled_from(
    [
        Feature("age", "number", range=(0.0, 100.0), edges=(20.0, 40.0, 60.0), mean=40.0, deviation=10.0),
        Feature("plan", "category", values=("basic", "plus", "pro"), bin_values=("basic", "plus")),
        Feature("member", "boolean", bin_values=("false", "true")),
    ]
)


@settings(derandomize=True, deadline=None)
@given(FEATURES, st.lists(ANYTHING, max_size=30))
def test_every_value_is_counted_once_and_nothing_raises(feature: Feature, values: list[Any]) -> None:
    bins = feature_bins(feature)
    bins.count(values)
    assert sum(bins.counts) == len(values)
    assert len(bins.counts) == len(bins.bins)


@settings(derandomize=True, deadline=None)
@given(EDGES, st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50))
def test_numbers_land_where_numpy_puts_them(edges: tuple[float, ...], values: list[float]) -> None:
    bins = NumberBins(Feature("x", "number", edges=edges))
    bins.count(values)
    expected = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    assert bins.counts == [*expected.tolist(), 0, 0]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=20))
def test_a_batch_counts_as_its_rows_do(rows: list[tuple[Any, Any, Any]]) -> None:
    one, many = World(), World()
    for age, plan, member in rows:
        one.monitor.record({"age": age, "plan": plan, "member": member, "comment": "x"}, "churn", score=0.4)
    columns = dict(zip(("age", "plan", "member"), map(list, zip(*rows, strict=True)), strict=True))
    counted = many.monitor.predictions(
        {**columns, "comment": ["x"] * len(rows)}, ["churn"] * len(rows), score=[0.4] * len(rows)
    )
    assert counted == len(rows)
    for name in ("ml.feature.bin", "ml.feature.quality", "ml.prediction.count", "ml.score.bin", "ml.prediction.unsure"):
        assert one.values(name) == many.values(name), name


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=50))
def test_an_array_counts_as_a_list_does(values: list[float]) -> None:
    array, plain = World(), World()
    array.monitor.predictions({"age": np.array(values)})
    plain.monitor.predictions({"age": values})
    for name in ("ml.feature.bin", "ml.feature.quality", "ml.feature.vector"):
        assert array.values(name) == plain.values(name), name


def test_columns_of_different_length_are_refused_before_anything_is_counted() -> None:
    world = World()
    assert world.monitor.predictions({"age": [1, 2]}, ["churn"]) == 0
    with pytest.raises(ValueError, match=r"columns of one length, and these have \[1, 2\]"):
        count_batch(world.monitor.model, {"age": [1, 2]}, ["churn"])
    assert world.values("ml.feature.vector") == {}


def test_an_array_may_change_once_it_was_handed_over() -> None:
    world = World()
    ages = np.full(10, 30.0)
    world.monitor.predictions({"age": ages})
    ages[:] = math.nan
    assert world.values("ml.feature.bin")[("age", "01", "b1")] == 10


@pytest.mark.parametrize(("score", "place"), [(0.0, 0), (0.05, 1), (0.6, 12), (1.0, 19), (-3.0, 0), (7.0, 19)])
def test_scores_have_twenty_bins(score: float, place: int) -> None:
    assert score_bin(score) == place


def test_what_has_no_bins_is_still_checked() -> None:
    text, free = feature_bins(Feature("comment", "text")), feature_bins(Feature("x", "number"))
    text.count(["a", None, 3])
    free.count([1, Decimal("NaN"), "1"])
    assert type(text) is FeatureBins
    assert text.bins == free.bins == ()
    assert {check: amount for check, amount in text.failed.items() if amount} == {"missing": 1, "schema": 1}
    assert {check: amount for check, amount in free.failed.items() if amount} == {"missing": 1, "schema": 1}


def test_a_model_without_a_baseline_uses_the_bins_of_its_spec() -> None:
    features = {"age": {"type": "number", "range": [0, 100], "bins": {"edges": [0, 50, 100]}}}
    world = World(manifest(features=features, baseline={}))
    world.monitor.record({"age": 60})
    assert world.values("ml.feature.bin") == {("age", "02"): 1}


def test_categories_know_booleans_under_both_names() -> None:
    bins = CategoryBins(Feature("member", "boolean", bin_values=("false", "true")))
    bins.count([True, "true", np.bool_(True), 1, False, "false"])
    assert bins.counts[:2] == [2, 4]


def test_the_example_manifest_is_one() -> None:
    assert set(GOOD) == set(DOCUMENT["features"])
