"""Bins of features and predictions: from the baseline, else from what the spec declares."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language_cases import organisation

from generators.diagnostics import Severity
from generators.language.catalog import Bins, Deployment, Metric
from generators.language.resolve.bins import counted, named, profiled, spread
from generators.language.resolve.stage import resolve
from generators.language.sources import Source

MODEL = """
apiVersion: watchspec/v1
kind: Model
metadata: {name: prices, tenant: retail, team: growth}
spec:
  task: regression
  service: prices-api
  features:
    age: {type: number, range: [0, 140]}
    size: {type: number}
    plan: {type: category, values: [basic, plus, pro]}
    adult: {type: boolean}
    note: {type: text}
    shop: {type: category, values: [SHOPS]}
  prediction: {range: [0, 14]}
"""
SHOPS = [f"s{number}" for number in range(25)]
BASELINE = """
apiVersion: watchspec/v1
kind: Baseline
metadata: {name: march, tenant: retail}
spec:
  model: prices
  version: "7"
  rows: 200
  source: March
  features:
    size: {edges: [1, 2.5], shares: [0.25, 0.5, 0.25], missing: 0.125, mean: 2, deviation: 0.5}
    plan: {values: [pro, basic], shares: [0.75, 0.25]}
  prediction: {edges: [3], shares: [0.5, 0.5]}
"""


def resolved(*more: str) -> Deployment:
    texts = (MODEL.replace("SHOPS", ", ".join(SHOPS)), *more)
    own = (Source(f"specs/{number}.yaml", text.encode()) for number, text in enumerate(texts))
    catalog, problems = resolve((*organisation(), *own))
    assert {problem.severity for problem in problems} <= {Severity.INFO}
    assert catalog is not None
    return next(each for each in catalog.deployments if each.model.name == "prices")


@pytest.mark.parametrize(
    ("features", "more", "told"),
    [
        ("{age: {type: number, range: [0, 140]}}", (), True),
        ("{note: {type: text}, adult: {type: boolean}}", (), True),
        ("{note: {type: text}}", (), False),
        ("{}", (), False),
        ("{size: {type: number}, plan: {type: category, values: [basic, pro]}}", (BASELINE,), False),
    ],
)
def test_a_model_whose_features_nothing_is_compared_with_is_told_so(
    features: str, more: tuple[str, ...], told: bool
) -> None:
    start, end = MODEL.index("  features:"), MODEL.index("  prediction:")
    texts = (f"{MODEL[:start]}  features: {features}\n{MODEL[end:]}", *more)
    own = (Source(f"specs/{number}.yaml", text.encode()) for number, text in enumerate(texts))
    assert {problem.code for problem in resolve((*organisation(), *own))[1]} == ({"R340"} if told else set())


def values(metric: Metric) -> Mapping[str, tuple[str, ...]]:
    return {each.key: each.values for each in metric.attributes}


def cells(metric: Metric) -> list[tuple[str, str]]:
    return [(name, bin_) for (_, names), (_, bins) in metric.cells for name in names for bin_ in bins]


def test_without_a_baseline_ranges_make_sixteen_bins_and_values_their_own() -> None:
    model = resolved().model
    bins = {each.name: each.bins for each in model.features}
    assert bins["age"] == Bins(edges=tuple(map(Decimal, range(0, 150, 10))))
    assert bins["plan"] == Bins(values=("basic", "plus", "pro"))
    assert bins["adult"] == Bins(values=("false", "true"))
    assert bins["shop"] == Bins(values=tuple(SHOPS[:20]))
    assert bins["size"] is bins["note"] is None
    assert model.prediction_bins == Bins(edges=tuple(map(Decimal, range(15))))


def test_only_the_cells_that_exist_are_counted() -> None:
    metric = resolved().metrics["feature_bins"]
    found = cells(metric)
    assert len(found) == len(set(found)) == (16 + 2) + (3 + 4) + (2 + 4) + (20 + 4)
    assert {name for name, _ in found} == set(values(metric)["ml.feature"]) == {"age", "plan", "adult", "shop"}
    assert {bin_ for _, bin_ in found} == set(values(metric)["ml.bin"])
    assert [bin_ for name, bin_ in found if name == "plan"] == [
        *("00", "01", "02"),
        *("other", "unseen", "missing", "invalid"),
    ]
    assert {"baseline.version"} & values(metric).keys() == set()


def test_a_baseline_decides_the_bins_of_what_it_profiles() -> None:
    deployment = resolved(BASELINE)
    model, metrics = deployment.model, deployment.metrics
    bins = {each.name: each.bins for each in model.features}
    assert bins["size"] == Bins(edges=(Decimal(1), Decimal("2.5")))
    assert bins["plan"] == Bins(values=("pro", "basic"))
    assert bins["age"] is not None
    assert model.prediction_bins == Bins(edges=(Decimal(3),))
    assert values(metrics["prediction_bins"])["ml.bin"] == ("00", "01", "missing", "invalid")
    assert model.baseline is not None
    assert model.baseline.features["size"].missing == Decimal("0.125")
    assert "specs/1.yaml" in deployment.files
    for id_ in ("feature_bins", "prediction_bins", "baseline_shares", "baseline_size"):
        (version,) = (each for each in metrics[id_].attributes if each.key == "baseline.version")
        assert version.derived


def test_shares_are_those_of_numbered_bins_and_of_missing_values() -> None:
    metric = resolved(BASELINE).metrics["baseline_shares"]
    assert cells(metric) == [
        *((".prediction", each) for each in ("00", "01", "missing")),
        *(("plan", each) for each in ("00", "01", "missing")),
        *(("size", each) for each in ("00", "01", "02", "missing")),
    ]


def test_a_model_that_says_nothing_of_its_values_counts_none() -> None:
    metrics = resolved().metrics
    assert not metrics.keys() & {"baseline_shares", "baseline_size", "score_bins"}


@settings(derandomize=True, deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6),
    st.decimals(allow_nan=False, allow_infinity=False, min_value="0.000001", max_value=10**12, places=6),
)
def test_edges_of_a_range_rise_hold_its_ends_and_are_equally_far_apart(low: Decimal, width: Decimal) -> None:
    edges = spread(low, low + width)
    assert len(edges) == 15
    assert edges[0] == low
    assert edges[-1] == low + width
    steps = [above - below for below, above in pairwise(edges)]
    assert all(abs(step * 14 - width) <= width / 10**4 for step in steps)
    assert len({float(edge) for edge in edges}) == 15 or width < abs(low) / 10**9


def test_blocks_stand_for_products() -> None:
    deployment = resolved(BASELINE)
    for id_, found in (("feature_bins", counted(deployment.model)), ("baseline_shares", profiled(deployment.model))):
        blocks = deployment.metrics[id_].cells
        assert sum(prod(len(listed) for _, listed in block) for block in blocks) == sum(map(len, found.values()))


def test_a_hundred_bins_have_two_digits_each() -> None:
    names = named(Bins(edges=tuple(map(Decimal, range(99)))))
    assert (len(names), names[0], names[99], names[100:]) == (102, "00", "99", ("missing", "invalid"))
