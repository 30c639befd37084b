"""Quantiles and tails of the normal, chi-square, Student, binomial and Kolmogorov distributions, without scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_TINY: Final = 1e-300
_PRECISION: Final = 1e-16
_TERMS: Final = 100_000


def normal_quantile(level: float) -> float:
    """Value that a standard normal variable stays below with probability ``level`` (Wichura 1988, AS 241)."""
    return _NORMAL.inv_cdf(level)


def normal_tail(value: float) -> float:
    """Probability that a standard normal variable exceeds a value."""
    return 0.5 * math.erfc(value / math.sqrt(2))


def chi_square_tail(value: float, freedom: float) -> float:
    """Probability that a chi-square variable exceeds a value: the regularised incomplete gamma function Q(k/2, x/2).

    A series below its mean and a continued fraction above it (Press et al., Numerical Recipes, 6.2).
    """
    shape, point = freedom / 2, value / 2
    if point <= 0:
        return 1.0
    scale = math.exp(shape * math.log(point) - point - math.lgamma(shape))
    if point < shape + 1:
        term = total = 1 / shape
        for step in range(1, _TERMS):
            term *= point / (shape + step)
            total += term
            if term < total * _PRECISION:
                break
        return 1 - total * scale
    return scale * _fraction(point + 1 - shape, lambda step: (step * (shape - step), point + 1 - shape + 2 * step))


def chi_square_quantile(level: float, freedom: float) -> float:
    """Value that a chi-square variable stays below with probability ``level``.

    Newton steps from Wilson and Hilferty's approximation k (1 - 2/(9k) + z sqrt(2/(9k)))^3.
    """
    ninth = 2 / (9 * freedom)
    start = freedom * max(1 - ninth + normal_quantile(level) * math.sqrt(ninth), 0.01) ** 3
    return _root(lambda value: chi_square_tail(value, freedom), 1 - level, start)


def student_tail(value: float, freedom: float) -> float:
    """Probability that a variable of Student's t exceeds a value, by the incomplete beta function."""
    half = 0.5 * _beta(freedom / (freedom + value * value), freedom / 2, 0.5)
    return half if value >= 0 else 1 - half


def binomial_tail(count: int, trials: int, share: float) -> float:
    """Probability of at least so many successes, exact: the incomplete beta function I_p(c, n - c + 1)."""
    if count <= 0:
        return 1.0
    return 0.0 if count > trials else _beta(share, count, trials - count + 1)


def binomial_quantile(level: float, trials: int, share: float) -> int:
    """Least number of successes that is exceeded with a probability of at most 1 - ``level``, exact."""
    low, high = -1, trials
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_tail(middle + 1, trials, share) <= 1 - level else (middle, high)
    return high


def kolmogorov_quantile(level: float) -> float:
    """Closed form c(a) = sqrt(-ln(a/2)/2), a = 1 - ``level``: where sqrt(n) sup|F_n - F| stays with that probability.

    The first term of Kolmogorov's series (Smirnov 1948), above the exact quantile by less than 1e-4 from level 0.9 on.
    """
    return math.sqrt(-math.log((1 - level) / 2) / 2)


def _root(tail: Callable[[float], float], wanted: float, start: float) -> float:
    """Return where a falling tail has a value; the logarithm of a tail is nearly straight, so few steps are needed."""
    low, high = 0.0, start
    while tail(high) > wanted:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) > wanted else (low, middle)
        if high - low <= high * _PRECISION * 4:
            break
    return (low + high) / 2


def _beta(point: float, left: float, right: float) -> float:
    """Return the regularised incomplete beta function (Press et al., Numerical Recipes, 6.4)."""
    if point <= 0 or point >= 1:
        return float(point > 0)
    logarithm = math.lgamma(left + right) - math.lgamma(left) - math.lgamma(right)
    scale = math.exp(logarithm + left * math.log(point) + right * math.log1p(-point))
    if point > (left + 1) / (left + right + 2):
        return 1 - _beta(1 - point, right, left)

    def pair(step: int) -> tuple[float, float]:
        half = step // 2
        if step % 2:
            return -(left + half) * (left + right + half) * point / ((left + 2 * half) * (left + 2 * half + 1)), 1.0
        return half * (right - half) * point / ((left + 2 * half - 1) * (left + 2 * half)), 1.0

    return scale / left * _fraction(1.0, pair)


def _fraction(first: float, pair: Callable[[int], tuple[float, float]]) -> float:
    """Return 1/(b0 + a1/(b1 + a2/(b2 + …))) by Lentz's method; ``pair`` gives a and b of a step from 1 on."""
    below = 1 / (first or _TINY)
    above = 1 / _TINY
    result = below
    for step in range(1, _TERMS):
        numerator, denominator = pair(step)
        below = 1 / (denominator + numerator * below or _TINY)
        above = denominator + numerator / above or _TINY
        factor = below * above
        result *= factor
        if abs(factor - 1) < _PRECISION * 4:
            break
    return result
