"""Drift is said where there is some, and only there; with its size, its noise and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from baseline_world import Frame, counted, frame, model
from hypothesis import given
from hypothesis import strategies as st

from generators.baseline.comparison import (
    Question,
    Rate,
    Report,
    Sample,
    State,
    compared,
    difference,
    drift,
)
from generators.baseline.document import About, document
from generators.baseline.measures import MEASURES
from generators.baseline.reading import read_baseline
from generators.baseline.roles import Names
from generators.baseline.statistics import distances, nulls
from generators.language.catalog import Baseline, Bins
from generators.language.sources import Source

SOME = Names(label="outcome", score="score", classes={"0": "paid", "1": "lost"})
FEATURES = ("income", "debts", "plan", "employed")
USUAL = Question()


def baseline(data: Frame, names: Names = SOME) -> Baseline:
    text = document(counted(data, names)[0], model(), {}, About("1", "x"))
    found, _, problems = read_baseline(Source("loans.yaml", text.encode()))
    assert found is not None, problems
    return found


@pytest.fixture(scope="module")
def reference() -> Baseline:
    return baseline(frame(20_000))


def reported(reference: Baseline, changes: Frame, rows: int = 4000, question: Question = USUAL) -> Report:
    bins = {name: each.bins for name, each in reference.features.items()}
    found = counted({**frame(rows, seed=2), **changes}, SOME, given=bins)[0]
    return drift(reference, found, FEATURES, question)


def states(report: Report) -> dict[str, State]:
    return {each.name: each.state for each in (*report.features, *report.outputs)}


def test_more_of_the_same_is_no_drift(reference: Baseline) -> None:
    report = reported(reference, {})
    assert set(states(report).values()) == {State.OK}
    assert not report.drifts
    assert report.share == 0


CHANGES: dict[str, tuple[str, Frame]] = {
    "a shift": ("income", {"Income": frame(4000, 2)["Income"] * 1.6}),
    "a unit bug": ("income", {"Income": frame(4000, 2)["Income"] * 1000}),
    "a frozen feature": ("debts", {"debts": np.full(4000, 120.0)}),
    "a missing column": ("debts", {"debts": np.full(4000, np.nan)}),
    "one in ten missing": ("debts", {"debts": np.where(np.arange(4000) % 10 == 0, np.nan, frame(4000, 2)["debts"])}),
    "one in ten unseen": ("plan", {"plan": np.where(np.arange(4000) % 10 == 0, "gold", frame(4000, 2)["plan"])}),
    "a tail": ("income", {"Income": np.where(np.arange(4000) % 50 == 0, 9e4, frame(4000, 2)["Income"])}),
    "a flipped flag": ("employed", {"employed": ~frame(4000, 2)["employed"]}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_moved_is_found_and_nothing_else(case: str, reference: Baseline) -> None:
    name, changes = CHANGES[case]
    report = reported(reference, changes)
    assert [each.name for each in report.drifted] == [name]
    assert report.drifts
    assert report.share == 0.25


@pytest.mark.parametrize("statistic", MEASURES)
def test_values_and_noise_are_those_of_the_statistics(statistic: str, reference: Baseline) -> None:
    changes = {"debts": frame(4000, 2)["debts"] * 3}
    report = reported(reference, changes, question=Question(statistic=statistic))
    each = next(one for one in report.features if one.name == "debts")
    profile = reference.features["debts"]
    edges = np.array(profile.bins.edges, float)
    counts = np.bincount(np.searchsorted(edges, changes["debts"], side="right"), minlength=len(edges) + 1)
    q = distances.additive_shares(np.array(profile.shares, float) * 20_000)
    found = each.distances[statistic]
    assert each.statistic == statistic
    assert each.state is State.DRIFT
    assert found.value == pytest.approx(
        float(getattr(distances, statistic)(distances.additive_shares(counts), q)), rel=1e-6
    )
    level = nulls.family_level(1e-4, 6)
    assert report.level == level
    assert found.floor == pytest.approx(float(MEASURES[statistic].bound(level, q, 4000, 20_000, 1.0)), rel=1e-6)


def test_few_values_say_nothing_unless_the_shift_is_plain(reference: Baseline) -> None:
    small = states(reported(reference, {}, rows=60))
    assert small["income"] is State.FEW
    tiny = reported(reference, {"Income": frame(60, 2)["Income"] * 1000}, rows=60)
    assert states(tiny)["income"] is State.DRIFT
    assert states(reported(reference, {}, rows=30))["employed"] is State.FEW
    needed = next(each.needed for each in reported(reference, {}, rows=60).features if each.name == "income")
    assert needed is not None
    assert 100 < needed < 1000


def test_thresholds_of_a_question_decide(reference: Baseline) -> None:
    changes = {"Income": frame(4000, 2)["Income"] * 1.25}
    assert states(reported(reference, changes, question=Question(warning=0.01, critical=0.02)))["income"] is State.DRIFT
    assert states(reported(reference, changes, question=Question(warning=5, critical=9)))["income"] is State.OK


def test_rows_of_the_same_few_need_more_to_say_something(reference: Baseline) -> None:
    bins = Bins(edges=tuple(map(Decimal, range(1, 16))))
    random = np.random.default_rng(3)
    old, new = random.multinomial(20_000, np.full(16, 1 / 16)), random.multinomial(80, np.full(16, 1 / 16)) * 10
    then = Sample(bins, old.astype(float), {}, 20_000.0)
    now = Sample(bins, new.astype(float), {}, 800.0)
    plain = compared({"x": (then, now)}, {}, USUAL)
    knowing = compared({"x": (then, replace(now, design_effect=10.0))}, {}, USUAL)
    assert plain.features[0].state is State.DRIFT
    assert knowing.features[0].state is not State.DRIFT


def test_what_cannot_be_compared_says_why(reference: Baseline) -> None:
    known = Sample(Bins(edges=(Decimal(1),)), np.array([50.0, 50.0]), {}, 100.0)
    other = Sample(Bins(values=("a", "b")), np.array([50.0, 50.0]), {}, 100.0)
    report = compared({"new": (None, known), "gone": (known, None), "kind": (known, other)}, {}, USUAL)
    assert [each.state for each in report.features] == [State.UNKNOWN, State.UNKNOWN, State.MISMATCH]
    assert not report.drifts


def test_a_rate_matters_by_a_point_and_above_chance() -> None:
    assert Rate(0.05, 0.01, 0.03).drifts
    assert not Rate(0.05, 0.01, 0.06).drifts
    assert not Rate(0.015, 0.01, 0.012).drifts


def test_baselines_with_other_edges_are_compared_by_interpolation(reference: Baseline) -> None:
    same = difference(reference, baseline(frame(20_000, seed=3)), USUAL)
    assert {each.state for each in same.features} == {State.OK}
    assert {each.name for each in same.features if each.interpolated} == {"income", "debts"}
    moved = {**frame(20_000, seed=3), "Income": frame(20_000, seed=3)["Income"] * 1.6}
    report = difference(reference, baseline(moved), USUAL)
    assert [each.name for each in report.drifted] == ["income"]
    direct = reported(reference, {"Income": moved["Income"][:4000]})
    values = [
        next(each.distances["psi"].value for each in one.features if each.name == "income") for one in (report, direct)
    ]
    assert values[0] == pytest.approx(values[1], rel=0.25)


def test_a_baseline_does_not_differ_from_itself(reference: Baseline) -> None:
    report = difference(reference, reference, USUAL)
    assert all(one.value == 0 for each in report.features for one in each.distances.values())
    assert not report.drifts


def test_values_that_only_the_newer_baseline_has_are_a_bin(reference: Baseline) -> None:
    then = Sample(Bins(values=("a", "b")), np.array([500.0, 500.0]), {}, 1000.0)
    now = Sample(Bins(values=("a", "b", "c")), np.array([400.0, 300.0, 300.0]), {}, 1000.0)
    (found,) = compared({"x": (then, now)}, {}, USUAL).features
    assert found.state is State.DRIFT
    assert found.distances["l_infinity"].value == pytest.approx(0.3, abs=0.01)


def test_the_feature_that_costs_accuracy_is_named_first(reference: Baseline) -> None:
    data = frame(8000, seed=4)
    risk = np.where(data["debts"] > 900, 1 - data["score"], data["score"])
    wrong = (np.random.default_rng(5).random(8000) < risk).astype(np.int64)
    report = reported(reference, {**data, "outcome": wrong}, rows=8000)
    assert report.accuracy is not None
    assert report.accuracy.now < report.accuracy.before - 0.03
    assert report.accuracy.blames[0].name == "debts"
    for each in report.accuracy.blames:
        assert each.loss.mix + each.loss.within == pytest.approx(report.accuracy.before - report.accuracy.now, abs=1e-9)


def test_without_labels_nothing_is_said_of_accuracy(reference: Baseline) -> None:
    bins = {name: each.bins for name, each in reference.features.items()}
    found = counted(frame(500), Names(score="score"), given=bins)[0]
    assert drift(reference, found, FEATURES, USUAL).accuracy is None


counts = st.lists(st.integers(0, 500), min_size=8, max_size=8).filter(lambda each: sum(each) >= 60)


@given(counts, counts)
def test_no_comparison_is_drift_below_its_noise(old: list[int], new: list[int]) -> None:
    bins = Bins(values=tuple("abcdefgh"))
    then, now = (Sample(bins, np.array(each, float), {}, float(sum(each))) for each in (old, new))
    (found,) = compared({"x": (then, now)}, {}, USUAL).features
    deciding = found.distances["psi"]
    if found.state is State.DRIFT:
        assert deciding.value > deciding.floor
        assert deciding.value >= deciding.warning
    else:
        assert deciding.value <= deciding.floor or deciding.value < deciding.warning
