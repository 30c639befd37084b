"""What is written is a Baseline that the language reads without a problem, and says what was counted."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from baseline_world import counted, frame, model, sources, usual
from hypothesis import given
from hypothesis import strategies as st

from generators.baseline.decimals import above, below, beside, share, significant
from generators.baseline.document import About, document, usual_version, windows
from generators.baseline.reading import read_baseline
from generators.baseline.roles import Names
from generators.language.catalog import Baseline
from generators.language.resolve.stage import resolve
from generators.language.sources import Source


def read(text: str) -> Baseline:
    """The baseline as the specs of its model read it."""
    from baseline_world import SPEC

    given_ = (Source("specs/models/loans.yaml", SPEC.encode()), Source("specs/baselines/loans.yaml", text.encode()))
    catalog, problems = resolve((*sources(), *given_))
    assert catalog is not None
    assert [each for each in problems if "loans" in each.position.file] == []
    baseline = next(each.model.baseline for each in catalog.deployments if each.model.name == "loans")
    assert baseline is not None
    return baseline


def test_a_written_profile_is_read_as_it_was_counted() -> None:
    told = windows(usual(), ("1d", "7d"))
    text = document(usual(), model(), told, About("7", "loans of 2025: all", ("N908",)))
    baseline = read(text)
    assert baseline.version == "7"
    assert baseline.rows == 3000
    assert baseline.source == "loans of 2025: all"
    for name, counts in usual().features.items():
        profile = baseline.features[name]
        assert profile.bins == counts.bins
        assert [float(each) for each in profile.shares] == pytest.approx(counts.own / counts.own.sum(), abs=1e-8)
        assert float(profile.missing) == pytest.approx(counts.other("missing") / 3000, abs=1e-8)
        assert (
            list(profile.labelled) == [int(each) for each in counts.labelled] if counts.labelled is not None else True
        )
        assert list(profile.right) == [int(each) for each in counts.right] if counts.right is not None else True
        assert profile.importance is not None
        assert 0 <= profile.importance <= 1
    assert baseline.features["income"].quantiles["p50"] == below(float(np.nanquantile(frame()["Income"], 0.5)))
    assert baseline.features["debts"].importance > baseline.features["plan"].importance  # type: ignore[operator]
    assert set(baseline.features["debts"].windows) == {"1d"}
    assert set(baseline.features["plan"].windows["1d"].statistics) == {
        "psi",
        "jensen_shannon",
        "hellinger",
        "l_infinity",
    }
    assert baseline.score is not None
    assert baseline.prediction is not None


def test_a_baseline_is_read_without_its_specs_as_with_them() -> None:
    text = document(usual(), model(), {}, About("7", "x"))
    alone, owner, problems = read_baseline(Source("loans.yaml", text.encode()))
    assert problems == ()
    assert alone is not None
    assert owner == "health/loans"
    assert alone.features == {
        name: type(each)(
            **{**{key: getattr(each, key) for key in each.__slots__}, "position": alone.features[name].position}
        )
        for name, each in read(text).features.items()
    }


def test_a_version_follows_from_data_and_question() -> None:
    few = Names(classes={"0": "paid", "1": "lost"})
    same, again, other = (counted(frame(200, seed), few)[0] for seed in (1, 1, 2))
    assert usual_version(same) == usual_version(again)
    assert usual_version(other) != usual_version(same)
    assert usual_version(same).split("-")[0] == usual_version(counted(frame(200))[0]).split("-")[0]


def test_values_that_yaml_could_take_for_something_else_are_quoted() -> None:
    from baseline_world import SPEC

    strange = ["yes", "3", "a, b", "it's", "null", "2026-01-01", "ä: ö"]
    listed = ", ".join(f'"{each}"' for each in strange)
    of = model(
        SPEC.replace('values: [basic, plus, pro, "3"]', f"values: [{listed}]").replace("name: loans", "name: loans")
    )
    data = {**frame(700), "plan": np.array(strange * 100, object)}
    text = document(counted(data, of=of)[0], of, {}, About("1.10", "yes"))
    baseline, _, problems = read_baseline(Source("loans.yaml", text.encode()))
    assert problems == ()
    assert baseline is not None
    assert baseline.features["plan"].bins.values == tuple(strange)
    assert (baseline.version, baseline.source) == ("1.10", "yes")


def test_no_line_is_longer_than_a_reader_likes() -> None:
    assert max(map(len, document(usual(), model(), {}, About("7", "x")).splitlines())) <= 120


finite = st.floats(-1e12, 1e12, allow_nan=False).filter(lambda each: each == 0 or abs(each) > 1e-12)


@given(finite)
def test_edges_have_six_digits_and_are_just_below(value: float) -> None:
    edge = below(value)
    assert len(edge.normalize().as_tuple().digits) <= 6
    assert float(edge) <= value + abs(value) * 1e-11
    assert float(edge) >= value - abs(value) * 1.1e-5
    assert above(edge) > edge


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=100).filter(any))
def test_shares_of_all_counts_add_up_to_one(counts: list[int]) -> None:
    total = sum(counts)
    assert abs(sum((share(each, total) for each in counts), Decimal()) - 1) < Decimal("1e-6")


@given(finite, st.floats(1e-6, 1e6))
def test_means_are_as_exact_as_their_deviation(mean: float, deviation: float) -> None:
    assert abs(float(beside(mean, deviation)) - mean) <= deviation * 1e-5 + abs(mean) * 1e-14


def test_rounded_numbers_rise_as_the_numbers_do() -> None:
    numbers = sorted(np.random.default_rng(1).normal(size=200).tolist())
    assert all(a <= b for a, b in pairwise(map(below, numbers)))
    assert all(a <= b for a, b in pairwise(map(significant, numbers)))
