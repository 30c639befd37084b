"""What distances are when nothing has drifted: mean and quantile, from the sizes of both samples.

``n`` counts the values of now and ``baseline`` those of the reference; ``design_effect`` divides both, for rows of
the same few entities say less than as many independent ones. Each bound is a constant of the level and of the bins
times a closed form of 1/n + 1/N, so that a rule can compute it. ``level`` is the probability to stay below.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from generators.baseline.statistics.distances import Array
from generators.baseline.statistics.quantiles import chi_square_quantile, kolmogorov_quantile, normal_quantile


def family_level(alarms: float, tests: int) -> float:
    """Level of each of several tests whose alarms together have probability ``alarms``: 1 - a/F (Bonferroni 1936)."""
    return 1 - alarms / max(tests, 1)


def spread(n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Variance of the difference of two shares over that of one value: deff (1/n + 1/N); infinite without a sample."""
    with np.errstate(divide="ignore"):
        return np.asarray(design_effect * (1 / np.asarray(n, np.float64) + 1 / baseline))


def psi_mean(bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Mean of PSI without drift: (B - 1) deff (1/n + 1/N)."""
    return (bins - 1) * spread(n, baseline, design_effect)


def debiased_psi(value: ArrayLike, bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """PSI without what noise alone adds on average, at least zero: for display, not for alerts."""
    return np.maximum(np.asarray(value) - psi_mean(bins, n, baseline, design_effect), 0)


def psi_bound(level: float, bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Quantile of PSI without drift: K deff (1/n + 1/N), K the chi-square quantile of B - 1 (Yurdakul 2018).

    PSI is twice a sum of squares of nearly normal variables in first order. With additive smoothing false alarms
    are 0.1 to 1.4 times the declared ones from n = 50 on, at 1e-3 to 5e-5; with an epsilon up to 700 times.
    """
    return _constant(level, bins) * spread(n, baseline, design_effect)


def jensen_shannon_bound(
    level: float, bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0, base: float = math.e
) -> Array:
    """Quantile of the Jensen-Shannon distance without drift: sqrt(K deff (1/n + 1/N)/8) in nats.

    Eight times the divergence is PSI in second order, and below it always, so that the bound is a safe one.
    """
    return np.sqrt(psi_bound(level, bins, n, baseline, design_effect) / (8 * math.log(base)))


def hellinger_bound(level: float, bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Quantile of the Hellinger distance without drift: sqrt(K deff (1/n + 1/N)/8); 8 H^2 is never above PSI."""
    return np.sqrt(psi_bound(level, bins, n, baseline, design_effect) / 8)


def chi_square_bound(level: float, bins: int, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Quantile of Pearson's statistic without drift: K deff (1 + n/N), since the shares q are estimates, too."""
    return np.asarray(n, np.float64) * psi_bound(level, bins, n, baseline, design_effect)


def chi_square_score(value: ArrayLike, freedom: float) -> Array:
    """Standard normal score of a chi-square value (Wilson, Hilferty 1931): ((x/k)^(1/3) - (1 - 2/(9k)))/sqrt(2/(9k)).

    Wrong by less than 0.07 up to tails of 1e-4 from four degrees of freedom on.
    """
    ninth = 2 / (9 * freedom)
    return np.asarray((np.cbrt(np.asarray(value, np.float64) / freedom) - (1 - ninth)) / math.sqrt(ninth))


def kolmogorov_smirnov_bound(level: float, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Quantile of the KS distance without drift: c(a) sqrt(deff (1/n + 1/N)) (Smirnov 1939).

    Safe over bins: fewer edges have a smaller maximum, 1.81 instead of 1.95 at 99.9 % with ten bins.
    """
    return kolmogorov_quantile(level) * np.sqrt(spread(n, baseline, design_effect))


def wasserstein_bound(level: float, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Quantile of the Wasserstein distance in quantile space without drift: 1.03 z sqrt(deff (1/n + 1/N)/12).

    The limit is the area under |Brownian bridge| (Shepp 1982; Johnson, Killeen 1983 tabulate it), whose tail is
    that of the bridge's signed area, a normal variable of variance 1/12; z is its two-sided quantile. From level
    0.95 on the factor makes it at least the tabulated one, and at most 3 % more.
    """
    return 1.03 * normal_quantile((1 + level) / 2) * np.sqrt(spread(n, baseline, design_effect) / 12)


def l_infinity_bound(
    level: float, shares: ArrayLike, n: ArrayLike, baseline: float, design_effect: float = 1.0
) -> Array:
    """Bound of the largest difference of a share without drift: the largest of any bin, at 1 - a/(2B) (Bonferroni).

    ``shares`` are the baseline's, in one dimension; for the bound of one share see ``share_bound``.
    """
    then = np.asarray(shares, np.float64)
    each = 1 - (1 - level) / (2 * len(then))
    excess = [share_bound(each, float(share), n, baseline, design_effect) - share for share in then]
    return np.asarray(np.max(excess, axis=0))


def share_bound(level: float, share: float, n: ArrayLike, baseline: float, design_effect: float = 1.0) -> Array:
    """Upper bound of a share of n values whose baseline has ``share``, without drift; at most 1.

    The binomial quantile by Cornish and Fisher (1937): q + z s + (z^2 - 1)(1 - 2q) v/6 + 1/(2n), with v = deff (1/n
    + 1/N) and s = sqrt(q (1 - q) v): normal, plus its skewness, plus half a count. A share below 1/(2N) counts as
    that.
    """
    q = min(max(share, 1 / (2 * baseline)), 1 - 1 / (2 * baseline))
    z = normal_quantile(level)
    variance = spread(n, baseline, design_effect)
    half = design_effect / (2 * np.maximum(np.asarray(n, np.float64), 1))
    bound = q + z * np.sqrt(q * (1 - q) * variance) + (z * z - 1) * (1 - 2 * q) * variance / 6 + half
    return np.asarray(np.minimum(bound, 1))


def mean_shift(
    mean: ArrayLike, n: ArrayLike, reference: float, deviation: float, baseline: float, design_effect: float = 1.0
) -> Array:
    """Standard normal score of a mean: (m - m0)/(s0 sqrt(deff (1/n + 1/N))), by the central limit theorem."""
    return np.asarray((np.asarray(mean) - reference) / (deviation * np.sqrt(spread(n, baseline, design_effect))))


def least_sample(level: float, bins: int, threshold: float, baseline: float, design_effect: float = 1.0) -> float:
    """Values from which noise of PSI stays below a threshold: K deff/(t - K deff/N); infinite for a small baseline."""
    constant = _constant(level, bins) * design_effect
    left = threshold - constant / baseline
    return constant / left if left > 0 else math.inf


def _constant(level: float, bins: int) -> float:
    return chi_square_quantile(level, bins - 1) if bins > 1 else 0.0
