"""A profile holds what numpy, scikit-learn and the runtime itself count of the same rows."""

import math
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from baseline_world import NAMES, Frame, counted, frame, model, opened, usual
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, roc_auc_score

from generators.baseline.counting import text
from generators.baseline.decimals import below
from generators.baseline.profile import Counts
from generators.baseline.profiling import LEVELS, SHOWN, profile
from generators.baseline.roles import Names, assign
from generators.baseline.statistics.quality import area_under_curve
from generators.baseline.windows import window
from otel.recording.bins import CategoryBins, NumberBins, score_bin


def test_edges_are_the_quantiles_of_numpy_with_six_digits() -> None:
    income = frame()["Income"]
    quantiles = np.quantile(income[~np.isnan(income)], LEVELS)
    assert list(usual().features["income"].bins.edges) == sorted({below(each) for each in quantiles.tolist()})


def test_mean_deviation_and_quantiles_are_those_of_numpy() -> None:
    income = frame()["Income"]
    there = income[~np.isnan(income)]
    numbers = usual().features["income"].numbers
    assert numbers is not None
    assert numbers.mean == pytest.approx(there.mean(), rel=1e-9)
    assert numbers.deviation == pytest.approx(there.std(), rel=1e-8)
    assert (numbers.least, numbers.greatest) == (there.min(), there.max())
    for name, level in SHOWN.items():
        assert numbers.quantiles[name] == pytest.approx(np.quantile(there, level), rel=1e-12)


def test_a_spike_has_a_bin_of_its_own() -> None:
    counts, debts = usual().features["debts"], frame()["debts"]
    place = counts.bins.edges.index(Decimal(0))
    assert counts.counts[place + 1] == (debts == 0).sum()
    assert counts.bins.edges[place + 1] <= debts[debts > 0].min()


values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True, width=64),
    st.integers(-5, 5).map(float),
    st.just(0.0),
    st.just(1e300),
)


def columns(each: Any, rows: int) -> Frame:
    """Usual rows, a column of them replaced."""
    return {**{name: column[:rows] for name, column in frame(rows).items()}, **each}


@given(st.lists(values, min_size=1, max_size=60))
def test_numbers_are_counted_as_the_runtime_counts_them(given_: list[float]) -> None:
    data = {"income": np.array(given_), "debts": np.array(given_)}
    table = opened(columns(data, len(given_)) | {"Income": np.array(given_)})
    roles, missing = assign(model(), table.columns, Names(), ["debts"])
    found = profile(table, model(), roles).features["debts"]
    assert not missing
    feature: Any = SimpleNamespace(
        name="debts", edges=tuple(map(float, found.bins.edges)), range=None, mean=None, deviation=None
    )
    runtime = NumberBins(feature)
    runtime.count(given_)
    assert found.counts.tolist() == runtime.counts


@given(st.lists(st.sampled_from(["basic", "plus", "pro", "3", "gold", "", None]), min_size=1, max_size=40))
def test_categories_are_counted_as_the_runtime_counts_them(given_: list[str | None]) -> None:
    table = opened(columns({"plan": np.array([*given_, "basic"], object)}, len(given_) + 1))
    roles, _ = assign(model(), table.columns, Names(), ["plan"])
    found = profile(table, model(), roles).features["plan"]
    feature: Any = SimpleNamespace(
        name="plan", type="category", values=("basic", "plus", "pro", "3"), bin_values=found.bins.values
    )
    runtime = CategoryBins(feature)
    runtime.count([*given_, "basic"])
    assert found.counts.tolist() == runtime.counts


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_scores_are_counted_as_the_runtime_counts_them(scores: list[float]) -> None:
    table = opened(columns({"score": np.array(scores)}, len(scores)))
    roles, _ = assign(model(), table.columns, Names(score="score"), [])
    found = profile(table, model(), roles).score
    assert found is not None
    assert found.own.tolist() == np.bincount([score_bin(each) for each in scores], minlength=20).tolist()


def test_texts_of_a_file_are_read_as_the_numbers_that_they_are() -> None:
    data = frame(200)
    whole = counted(data)[0]
    written = {
        name: np.array(
            [None if isinstance(each, float) and math.isnan(each) else str(each).lower() for each in column.tolist()],
            object,
        )
        for name, column in data.items()
        if name in ("Income", "debts", "employed")
    }
    read = counted({**data, **written})[0]
    for name in ("income", "debts", "employed"):
        assert read.features[name].counts.tolist() == whole.features[name].counts.tolist()
        assert read.features[name].bins == whole.features[name].bins


def test_the_most_frequent_values_have_bins_where_a_spec_lists_many() -> None:
    spec = model().features
    wide = [f"v{place:02}" for place in range(40)]
    random = np.random.default_rng(5)
    drawn = np.array(wide, object)[np.minimum(random.geometric(0.08, 3000) - 1, 39)]
    from baseline_world import SPEC

    many = model(SPEC.replace('values: [basic, plus, pro, "3"]', f"values: [{', '.join(wide)}]"))
    assert spec
    found = counted({**frame(), "plan": drawn}, of=many)[0].features["plan"]
    often = sorted(wide, key=lambda name: (-(drawn == name).sum(), name))[:20]
    assert found.bins.values == tuple(sorted(often))
    assert found.other("other") == 3000 - np.isin(drawn, often).sum()
    assert found.counts.sum() == 3000


def test_confusion_and_scores_by_label_are_those_of_scikit_learn() -> None:
    data, found = frame(), usual().labels
    assert found is not None
    predicted = np.where(data["score"] >= 0.5, 1, 0)
    expected = confusion_matrix(data["outcome"], predicted)
    classes = ("paid", "lost")
    assert {
        (a, b): int(expected[i, j]) for i, a in enumerate(classes) for j, b in enumerate(classes)
    } == found.confusion
    assert found.positives is not None
    assert found.negatives is not None
    bins = np.minimum((data["score"] * 20).astype(int), 19)
    assert area_under_curve(found.positives, found.negatives) == pytest.approx(roc_auc_score(data["outcome"], bins))
    assert found.score_sums is not None
    assert found.score_sums.tolist() == pytest.approx(np.bincount(bins, weights=data["score"], minlength=20), abs=1e-8)
    north = data["region"] == "north"
    assert sum(found.segments["region"]["north"].values()) == north.sum()


def test_right_answers_are_counted_by_bin() -> None:
    data, counts = frame(), usual().features["debts"]
    assert counts.right is not None
    assert counts.labelled is not None
    places = np.searchsorted(np.array(counts.bins.edges, float), data["debts"], side="right")
    right = (data["score"] >= 0.5) == (data["outcome"] == 1)
    assert counts.right[: len(counts.own)].tolist() == np.bincount(places[right], minlength=len(counts.own)).tolist()
    assert counts.labelled.tolist() == counts.counts.tolist()
    assert sum(each.sum() for each in counts.answers.values()) == 3000
    assert counts.segments["region"]["south"].sum() == (data["region"] == "south").sum()


def test_hours_are_rows_by_hour_and_windows_compare_each_with_all() -> None:
    data = frame(20_000)
    found = counted(data)[0]
    assert found.hourly is not None
    hours = (data["at"] // 3600).astype(int)
    assert found.first_hour == hours.min()
    assert found.hourly.tolist() == np.bincount(hours - hours.min()).tolist()
    counts = found.features["debts"]
    told = window(counts, found.first_hour, 6, 1.0)
    assert told is not None
    from generators.baseline.statistics.distances import additive_shares, psi

    edges, day = np.array(counts.bins.edges, float), (data["at"] // 21600).astype(int)
    places = np.searchsorted(edges, data["debts"], side="right")
    q = additive_shares(np.bincount(places, minlength=len(edges) + 1))
    each = [
        float(psi(additive_shares(np.bincount(places[day == one], minlength=len(edges) + 1)), q))
        for one in np.unique(day)
        if (day == one).sum() >= 50
    ]
    assert told.windows == len(each)
    assert told.statistics["psi"].mean == pytest.approx(np.mean(each), rel=1e-9)
    assert told.statistics["psi"].p99 == pytest.approx(np.quantile(each, 0.99), rel=1e-9)
    assert window(counts, found.first_hour, 168, 1.0) is None


def test_copies_of_rows_have_a_design_effect_and_single_ones_have_none() -> None:
    single = {name: column for name, column in frame(2000).items() if name != "at"}
    names = Names(key="person", classes=NAMES.classes)
    plain = counted({**single, "person": np.arange(2000)}, names)[0]
    copied = counted(
        {name: np.repeat(column, 4) for name, column in single.items()} | {"person": np.repeat(np.arange(2000), 4)},
        names,
    )[0]
    for name in ("income", "debts", "plan"):
        assert plain.features[name].effects[""] == pytest.approx(1, abs=0.01)
        assert copied.features[name].effects[""] == pytest.approx(4, rel=0.01)


def test_the_order_of_rows_and_the_number_of_threads_change_nothing() -> None:
    data = frame()
    order = np.random.default_rng(9).permutation(len(data["row"]))
    shuffled = counted({name: column[order] for name, column in data.items()}, threads=2)[0]
    assert shuffled.content == usual().content
    for name, counts in usual().features.items():
        assert shuffled.features[name].numbers == counts.numbers
        assert shuffled.features[name].bins == counts.bins


def test_other_data_have_another_fingerprint() -> None:
    data = frame()
    changed = {**data, "debts": np.where(data["row"] == 7, 1.25, data["debts"])}
    assert counted(changed)[0].content != usual().content
    assert counted(changed)[0].query == usual().query
    assert counted(data, Names(time="at"))[0].query != usual().query


def test_errors_of_predicted_numbers_are_those_of_numpy() -> None:
    from baseline_world import SPEC

    spec = SPEC.replace("binary-classification", "regression").replace(
        "prediction: {classes: [paid, lost], positive: lost, threshold: 0.5}", 'prediction: {unit: "1"}'
    )
    data = frame(500)
    random = np.random.default_rng(6)
    truth, said = random.normal(100, 30, 500), random.normal(103, 30, 500)
    truth[3] = np.nan
    found = counted({**data, "truth": truth, "said": said}, Names(label="truth", prediction="said"), model(spec))[0]
    assert found.labels is not None
    error = (said - truth)[~np.isnan(truth)]
    assert found.labels.rows == 499
    assert found.labels.errors == pytest.approx(
        (np.abs(error).mean(), math.sqrt((error**2).mean()), error.mean()), rel=1e-6
    )
    assert found.prediction is not None
    assert found.prediction.own.sum() == 500


def test_a_column_named_like_what_a_query_selects_is_no_obstacle() -> None:
    data = frame(300)
    odd = {
        **data,
        "bin": data["row"],
        "rows": data["row"],
        "hour": data["row"],
        "watchspec": data["row"],
        'a "b"': data["row"],
    }
    assert counted(odd)[0].features["debts"].counts.tolist() == counted(data)[0].features["debts"].counts.tolist()


def test_numbers_of_a_category_are_texts_without_a_point() -> None:
    from generators.baseline.engines import TableColumn
    from generators.baseline.sql import Query

    table = opened({"n": np.array([3.0, 2.5, np.nan]), "k": np.array([3, 2, 1])})
    for name, type_, expected in (("n", "DOUBLE", ["2.5", "3"]), ("k", "BIGINT", ["1", "2", "3"])):
        rows = table.rows(Query((("t", text(TableColumn(name, "number", type_))),), "rows"))
        assert sorted(each for (each,) in rows if each is not None and each.lower() != "nan") == expected


def empty(counts: Counts) -> bool:
    return counts.numbers is None


def test_a_column_without_values_has_a_profile_all_the_same() -> None:
    data = {**frame(200), "debts": np.full(200, np.nan)}
    found = counted(data)[0].features["debts"]
    assert empty(found)
    assert found.other("missing") == 200
