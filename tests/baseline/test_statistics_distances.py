"""Distances against scipy and scikit-learn, and the laws that they follow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import distance
from sklearn.metrics import roc_auc_score

from generators.baseline.statistics import distances

Counts = NDArray[np.int64]
SYMMETRIC = (
    distances.psi,
    distances.jensen_shannon,
    distances.hellinger,
    distances.l_infinity,
    distances.kolmogorov_smirnov,
)
BOUNDS = {
    distances.jensen_shannon: math.sqrt(math.log(2)),
    distances.hellinger: 1.0,
    distances.l_infinity: 1.0,
    distances.kolmogorov_smirnov: 1.0,
    distances.wasserstein: 0.5,
}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Counts, Counts]:
    bins = draw(st.integers(2, 30))
    counts = st.lists(st.integers(0, 5000), min_size=bins, max_size=bins).filter(any)
    return np.array(draw(counts)), np.array(draw(counts))


def shares(counts: Counts) -> NDArray[np.float64]:
    return counts / counts.sum()


@given(pairs())
def test_psi_is_the_sum_of_both_relative_entropies_of_scipy(pair: tuple[Counts, Counts]) -> None:
    p, q = map(distances.additive_shares, pair)
    assert distances.psi(p, q) == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p), abs=1e-9)


@given(pairs())
def test_the_jensen_shannon_distance_is_that_of_scipy(pair: tuple[Counts, Counts]) -> None:
    p, q = map(shares, pair)
    for base in (math.e, 2):
        # scipy may take the root of a divergence a rounding below or above zero
        assert distances.jensen_shannon(p, q, base) ** 2 == pytest.approx(
            np.nan_to_num(distance.jensenshannon(p, q, base)) ** 2, abs=1e-9
        )


@given(pairs())
def test_hellinger_is_one_minus_the_overlap_of_roots(pair: tuple[Counts, Counts]) -> None:
    p, q = map(shares, pair)
    assert distances.hellinger(p, q) ** 2 == pytest.approx(1 - np.sqrt(p * q).sum(), abs=1e-9)


@given(pairs())
def test_chebyshev_of_scipy_is_the_largest_difference(pair: tuple[Counts, Counts]) -> None:
    p, q = map(shares, pair)
    assert distances.l_infinity(p, q) == pytest.approx(distance.chebyshev(p, q), abs=1e-9)


@given(pairs())
def test_the_ks_distance_over_bins_is_that_of_scipy_on_the_numbers_of_the_bins(pair: tuple[Counts, Counts]) -> None:
    left, right = (np.repeat(np.arange(len(each)), np.minimum(each, 200)) for each in pair)
    if len(left) and len(right):
        p, q = (np.bincount(each, minlength=len(pair[0])) / len(each) for each in (left, right))
        found = stats.ks_2samp(left, right, method="asymp").statistic
        assert distances.kolmogorov_smirnov(p, q) == pytest.approx(found, abs=1e-9)


@given(pairs())
def test_chi_square_is_that_of_scipy(pair: tuple[Counts, Counts]) -> None:
    q = distances.additive_shares(pair[1])
    expected = stats.chisquare(pair[0], q * pair[0].sum(), sum_check=False).statistic
    assert distances.chi_square(pair[0], q) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(pairs())
def test_pooling_keeps_all_counts_and_leaves_no_rare_bin(pair: tuple[Counts, Counts]) -> None:
    counts, q = distances.pooled(pair[0], distances.additive_shares(pair[1]))
    assert counts.sum() == pytest.approx(pair[0].sum())
    assert q.sum() == pytest.approx(1)
    assert len(q) == 1 or (q * counts.sum() >= 5 - 1e-9).all()


@given(pairs())
def test_the_wasserstein_distance_is_the_area_between_distribution_functions(pair: tuple[Counts, Counts]) -> None:
    p, q = map(distances.additive_shares, pair)
    gaps = np.concatenate(([0], np.abs(np.cumsum(p - q))))
    assert distances.wasserstein(p, q) == pytest.approx(
        np.trapezoid(gaps, np.concatenate(([0], np.cumsum(q)))), abs=1e-9
    )


def test_the_wasserstein_distance_of_many_bins_is_that_of_scipy_in_ranks() -> None:
    random = np.random.default_rng(1)
    reference, now = random.normal(size=20_000), random.normal(0.3, 1.2, size=20_000)
    ranks = np.searchsorted(np.sort(reference), now) / len(reference)
    exact = stats.wasserstein_distance(ranks, np.linspace(0, 1, len(reference)))
    edges = np.quantile(reference, np.arange(1, 200) / 200)
    p, q = (
        np.bincount(np.searchsorted(edges, each, side="right"), minlength=200) / len(each) for each in (now, reference)
    )
    assert distances.wasserstein(p, q) == pytest.approx(exact, abs=2e-3)


@given(pairs())
def test_equal_distributions_have_no_distance(pair: tuple[Counts, Counts]) -> None:
    p = distances.additive_shares(pair[0])
    for each in (*SYMMETRIC, distances.wasserstein):
        assert each(p, p) == 0
    assert distances.chi_square(p, p) == pytest.approx(0, abs=1e-12)


@given(pairs())
def test_distances_are_symmetric_and_within_their_bounds(pair: tuple[Counts, Counts]) -> None:
    p, q = map(distances.additive_shares, pair)
    for each in SYMMETRIC:
        assert each(p, q) == pytest.approx(float(each(q, p)), abs=1e-12)
    for each, bound in BOUNDS.items():
        assert 0 <= each(shares(pair[0]), shares(pair[1])) <= bound + 1e-12


@given(pairs())
def test_each_distance_is_below_the_one_that_bounds_it(pair: tuple[Counts, Counts]) -> None:
    p, q = map(distances.additive_shares, pair)
    assert 8 * distances.jensen_shannon(p, q) ** 2 <= distances.psi(p, q) + 1e-12
    assert 8 * distances.hellinger(p, q) ** 2 <= distances.psi(p, q) + 1e-12
    assert distances.wasserstein(p, q) <= distances.kolmogorov_smirnov(p, q) + 1e-12


@given(pairs(), st.data())
def test_putting_bins_together_hides_drift_and_never_makes_any(
    pair: tuple[Counts, Counts], data: st.DataObject
) -> None:
    p, q = map(distances.additive_shares, pair)
    cut = data.draw(st.integers(0, len(p) - 2))
    merged = [np.concatenate((each[:cut], [each[cut] + each[cut + 1]], each[cut + 2 :])) for each in (p, q)]
    for each in (distances.psi, distances.jensen_shannon, distances.hellinger, distances.kolmogorov_smirnov):
        assert each(*merged) <= each(p, q) + 1e-12


@given(pairs())
def test_many_windows_at_once_are_what_each_is_alone(pair: tuple[Counts, Counts]) -> None:
    stacked = np.stack(pair)
    q = distances.additive_shares(pair[1])
    smooth = distances.additive_shares(stacked)
    for each in (*SYMMETRIC, distances.wasserstein):
        assert each(smooth, q) == pytest.approx([float(each(row, q)) for row in smooth], abs=1e-12)
    assert distances.chi_square(stacked, q) == pytest.approx([float(distances.chi_square(row, q)) for row in stacked])


def test_smoothed_shares_add_up_to_one_and_epsilon_is_not_spread() -> None:
    assert distances.additive_shares([0, 3, 1]) == pytest.approx([0.5 / 5.5, 3.5 / 5.5, 1.5 / 5.5])
    assert distances.additive_shares([0, 0]) == pytest.approx([0.5, 0.5])
    assert distances.epsilon_shares([0, 3, 1]) == pytest.approx([1e-4, 0.75, 0.25])


def test_the_area_under_the_curve_is_that_of_scikit_learn_on_bins() -> None:
    from generators.baseline.statistics.quality import area_under_curve

    random = np.random.default_rng(2)
    bins, truth = random.integers(0, 20, 500), random.random(500) < 0.3
    good, bad = np.bincount(bins[truth], minlength=20), np.bincount(bins[~truth], minlength=20)
    assert area_under_curve(good, bad) == pytest.approx(roc_auc_score(truth, bins), abs=1e-9)
    assert math.isnan(area_under_curve(good, np.zeros(20)))
