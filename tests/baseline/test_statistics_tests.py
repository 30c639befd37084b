"""Tests, intervals, isotonic regression and design effects against scipy, statsmodels' formulas and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import accuracy_score, homogeneity_score

from generators.baseline.statistics.clusters import design_effect
from generators.baseline.statistics.proportions import two_proportions, welch, wilson_interval
from generators.baseline.statistics.quality import accuracy, calibration_error, isotonic, uncertainty_coefficient


@given(st.integers(1, 2000), st.floats(0, 1), st.floats(0.5, 0.9999))
def test_wilsons_interval_is_that_of_scipy(n: int, share: float, level: float) -> None:
    successes = round(n * share)
    expected = stats.binomtest(successes, n).proportion_ci(level, "wilson")
    assert wilson_interval(successes, n, level) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_without_values_any_share_is_possible() -> None:
    assert wilson_interval(0, 0) == (0, 1)


@given(st.lists(st.integers(1, 500), min_size=4, max_size=4))
def test_the_square_of_z_is_chi_square_of_the_table(cells: list[int]) -> None:
    a, b, c, d = cells
    found = two_proportions(a, a + b, c, c + d)
    expected = stats.chi2_contingency([[a, b], [c, d]], correction=False)
    assert found.statistic**2 == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


def test_equal_shares_of_zero_do_not_differ_and_repeated_rows_say_less() -> None:
    assert two_proportions(0, 10, 0, 20).statistic == 0
    assert two_proportions(30, 100, 50, 100, 4).statistic == pytest.approx(
        two_proportions(30, 100, 50, 100).statistic / 2
    )


samples = st.lists(st.floats(-100, 100).map(lambda each: round(each, 3)), min_size=3, max_size=50)


@given(samples, samples)
def test_welchs_test_is_that_of_scipy(left: list[float], right: list[float]) -> None:
    a, b = np.array(left), np.array(right)
    if a.var() + b.var() > 0:
        expected = stats.ttest_ind(a, b, equal_var=False)
        found = welch(a.mean(), a.var(ddof=1), len(a), b.mean(), b.var(ddof=1), len(b))
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-9)
        assert found.freedom == pytest.approx(expected.df, rel=1e-9)
        assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


def test_constants_differ_surely_or_not_at_all() -> None:
    assert welch(1, 0, 5, 1, 0, 5).p_value == 1
    assert welch(2, 0, 5, 1, 0, 5).statistic == math.inf


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 50)), min_size=1, max_size=30))
def test_isotonic_regression_is_that_of_scikit_learn(points: list[tuple[float, int]]) -> None:
    values, weights = (np.array(each, float) for each in zip(*points, strict=True))
    found = isotonic(values, weights)
    assert (np.diff(found) >= -1e-12).all()
    if (filled := weights > 0).any():
        places = np.arange(len(values))
        expected = IsotonicRegression().fit(places[filled], values[filled], weights[filled]).predict(places[filled])
        assert found[filled] == pytest.approx(expected, abs=1e-9)


def test_accuracy_is_that_of_scikit_learn() -> None:
    actual, predicted = ["a", "b", "b", "c"], ["a", "b", "c", "c"]
    cells = dict.fromkeys(zip(actual, predicted, strict=True), 0)
    for pair in zip(actual, predicted, strict=True):
        cells[pair] += 1
    assert accuracy(cells) == accuracy_score(actual, predicted)


def test_scores_that_say_the_share_of_positives_are_calibrated() -> None:
    assert calibration_error([10, 80], [100, 100], [10, 80]) == 0
    assert calibration_error([10, 80], [100, 100], [20, 70]) == pytest.approx(0.1)


def test_rows_of_one_each_have_no_design_effect_and_copies_multiply_it() -> None:
    random = np.random.default_rng(3)
    entities, bins = 20_000, 8
    values = random.integers(0, bins, entities)
    single = np.eye(bins)[values]
    for copies in (1, 5, 20):
        counts = single * copies
        found = design_effect(
            counts.sum(axis=0), (counts**2).sum(axis=0), (counts * copies).sum(axis=0), entities * copies**2
        )
        assert found == pytest.approx(copies, rel=0.01)
    assert design_effect([5, 0], [5, 0], [5, 0], 5) == 1


def test_what_bins_tell_of_a_class_is_the_homogeneity_of_scikit_learn() -> None:
    random = np.random.default_rng(4)
    classes, bins = random.integers(0, 3, 400), random.integers(0, 5, 400)
    bins = np.where(random.random(400) < 0.5, classes, bins)
    table = np.zeros((3, 5))
    np.add.at(table, (classes, bins), 1)
    assert uncertainty_coefficient(table) == pytest.approx(homogeneity_score(classes, bins), abs=1e-9)
    assert uncertainty_coefficient([[5, 3], [0, 0]]) == 0
    assert uncertainty_coefficient([[0, 0]]) == 0
