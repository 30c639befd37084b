"""Shares and means of two samples: intervals and tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generators.baseline.statistics.quantiles import normal_quantile, normal_tail, student_tail


@dataclass(frozen=True, slots=True)
class Test:
    """A statistic with its degrees of freedom, infinite for a normal one, and its two-sided p-value."""

    statistic: float
    freedom: float
    p_value: float


def wilson_interval(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Two-sided interval of a share: (p + z^2/(2n) -+ z sqrt(p(1-p)/n + z^2/(4n^2)))/(1 + z^2/n) (Wilson 1927).

    It holds at small n and at shares of 0 and 1, where the normal one has no width. From 0 to 1 without any value.
    """
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile((1 + level) / 2)
    share = successes / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def two_proportions(left: float, n_left: float, right: float, n_right: float, design_effect: float = 1.0) -> Test:
    """Whether two shares differ: z = (p1 - p2)/sqrt(p(1-p) deff (1/n1 + 1/n2)) with the pooled share p.

    Standard normal without a difference; each sample should hold five successes and failures. z is 0 where p is 0 or 1.
    """
    pooled = (left + right) / (n_left + n_right)
    deviation = math.sqrt(pooled * (1 - pooled) * design_effect * (1 / n_left + 1 / n_right))
    z = (left / n_left - right / n_right) / deviation if deviation else 0.0
    return Test(z, math.inf, 2 * normal_tail(abs(z)))


def welch(
    mean_left: float, variance_left: float, n_left: float, mean_right: float, variance_right: float, n_right: float
) -> Test:
    """Whether two means differ, variances of their own: t = (m1 - m2)/sqrt(v1/n1 + v2/n2) (Welch 1947).

    Variances are those of samples (n - 1). Student's t without a difference, with Satterthwaite's degrees of freedom.
    """
    left, right = variance_left / n_left, variance_right / n_right
    error = left + right
    if error == 0:
        equal = mean_left == mean_right
        return Test(0.0 if equal else math.copysign(math.inf, mean_left - mean_right), math.inf, float(equal))
    freedom = error**2 / (left**2 / (n_left - 1) + right**2 / (n_right - 1))
    t = (mean_left - mean_right) / math.sqrt(error)
    return Test(t, freedom, 2 * student_tail(abs(t), freedom))
