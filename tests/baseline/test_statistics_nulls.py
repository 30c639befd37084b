"""What is said about data without drift, against data without drift; seeded, with bounds that allow for chance."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from generators.baseline.statistics import distances, nulls

RUNS = 20_000
SHARES = np.array([0.001, 0.009, 0.04, 0.05, *[0.1] * 8, 0.05, 0.04, 0.009, 0.001])
BASELINE = 20_000


def worlds(n: int, shares: NDArray[np.float64] = SHARES, seed: int = 7) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts of now and of a baseline, both of one distribution."""
    random = np.random.default_rng(seed + n)
    return random.multinomial(n, shares, RUNS), random.multinomial(BASELINE, shares, RUNS)


@pytest.mark.parametrize("n", [100, 300, 1000, 10_000])
def test_false_alarms_are_as_rare_as_the_level_says(n: int) -> None:
    now, then = worlds(n)
    p, q, bins, level = distances.additive_shares(now), distances.additive_shares(then), len(SHARES), 0.999
    alarms = {
        "psi": distances.psi(p, q) > nulls.psi_bound(level, bins, n, BASELINE),
        "jensen_shannon": distances.jensen_shannon(p, q) > nulls.jensen_shannon_bound(level, bins, n, BASELINE),
        "hellinger": distances.hellinger(p, q) > nulls.hellinger_bound(level, bins, n, BASELINE),
        "kolmogorov_smirnov": distances.kolmogorov_smirnov(p, q) > nulls.kolmogorov_smirnov_bound(level, n, BASELINE),
        "wasserstein": distances.wasserstein(p, q) > nulls.wasserstein_bound(level, n, BASELINE),
        "l_infinity": distances.l_infinity(p, q) > nulls.l_infinity_bound(level, SHARES, n, BASELINE),
    }
    rates = {name: found.mean() for name, found in alarms.items()}
    # 20 expected alarms in 20,000; more than 40 would be chance once in 10^5.
    assert max(rates.values()) <= 0.002, rates


@pytest.mark.parametrize("n", [300, 1000, 10_000])
def test_bounds_are_no_higher_than_they_need_to_be(n: int) -> None:
    now, then = worlds(n)
    p, q, bins = distances.additive_shares(now), distances.additive_shares(then), len(SHARES)
    assert np.quantile(distances.psi(p, q), 0.99) >= 0.85 * nulls.psi_bound(0.99, bins, n, BASELINE)
    assert np.quantile(distances.hellinger(p, q), 0.99) >= 0.85 * nulls.hellinger_bound(0.99, bins, n, BASELINE)
    assert np.quantile(distances.wasserstein(p, q), 0.99) >= 0.85 * nulls.wasserstein_bound(0.99, n, BASELINE)
    assert np.quantile(distances.kolmogorov_smirnov(p, q), 0.99) >= 0.8 * nulls.kolmogorov_smirnov_bound(
        0.99, n, BASELINE
    )


@pytest.mark.parametrize("n", [1000, 10_000])
def test_the_mean_of_psi_is_what_debiasing_takes_away(n: int) -> None:
    now, then = worlds(n)
    found = distances.psi(distances.additive_shares(now), distances.additive_shares(then)).mean()
    assert found == pytest.approx(float(nulls.psi_mean(16, n, BASELINE)), rel=0.05)
    assert nulls.debiased_psi(found / 2, 16, n, BASELINE) == 0


def test_pooled_chi_square_keeps_its_level_and_its_score_is_normal() -> None:
    now, _ = worlds(500)
    rows = [distances.pooled(row, SHARES) for row in now[:4000]]
    values = np.array([float(distances.chi_square(counts, q)) for counts, q in rows])
    freedom = len(rows[0][1]) - 1
    assert (values > nulls.chi_square_bound(0.99, freedom + 1, 500, 1e12)).mean() == pytest.approx(0.01, abs=0.006)
    scores = nulls.chi_square_score(values, freedom)
    assert scores.mean() == pytest.approx(0, abs=0.05)
    assert scores.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("freedom", [4, 9, 15, 30])
def test_wilson_and_hilfertys_score_is_nearly_the_exact_one(freedom: int) -> None:
    for tail in (0.1, 0.01, 1e-3, 1e-4):
        assert nulls.chi_square_score(stats.chi2.isf(tail, freedom), freedom) == pytest.approx(
            stats.norm.isf(tail), abs=0.07
        )


@pytest.mark.parametrize("share", [0.0005, 0.002, 0.05, 0.3])
@pytest.mark.parametrize("n", [200, 1000, 20_000])
def test_a_share_rarely_exceeds_its_bound(share: float, n: int) -> None:
    bound = float(nulls.share_bound(0.999, share, n, 1e12))
    exact = stats.binom.sf(np.floor(bound * n), n, share)
    assert exact <= 0.0015, (bound, exact)
    assert stats.binom.sf(np.floor(bound * n - 3), n, share) > 0.0001


def test_repeated_rows_raise_the_bound_as_much_as_the_statistic() -> None:
    random = np.random.default_rng(11)
    now = random.multinomial(200, SHARES, RUNS) * 5
    p = distances.additive_shares(now)
    loose = distances.psi(p, SHARES) > nulls.psi_bound(0.99, 16, 1000, 1e12)
    tight = distances.psi(p, SHARES) > nulls.psi_bound(0.99, 16, 1000, 1e12, design_effect=5)
    assert loose.mean() > 0.5
    assert tight.mean() < 0.05


@pytest.mark.parametrize(("level", "tabulated"), [(0.95, 0.5821), (0.99, 0.7518)])
def test_the_area_under_a_brownian_bridge_is_bounded_as_it_is_tabulated(level: float, tabulated: float) -> None:
    bound = float(nulls.wasserstein_bound(level, 1, np.inf))
    assert tabulated <= bound <= 1.03 * tabulated


def test_a_mean_is_scored_like_scipy_does_it_with_a_known_deviation() -> None:
    assert nulls.mean_shift(1.1, 400, 1.0, 2.0, 1e15) == pytest.approx(1.0, rel=1e-9)


def test_samples_that_a_threshold_needs_make_its_noise_equal_to_it() -> None:
    n = nulls.least_sample(0.999, 10, 0.1, 1e12)
    assert n == pytest.approx(279, abs=1)
    assert float(nulls.psi_bound(0.999, 10, n, 1e12)) == pytest.approx(0.1)
    assert nulls.least_sample(0.999, 10, 0.1, 100) == np.inf


def test_one_level_for_many_features_keeps_alarms_of_all_together() -> None:
    assert nulls.family_level(0.0001, 20) == pytest.approx(1 - 5e-6)
    assert nulls.family_level(0.01, 0) == pytest.approx(0.99)
