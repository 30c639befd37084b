"""Design effects: how much less rows of the same few entities say than as many independent ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from generators.baseline.statistics.distances import Array


def design_effect(counts: ArrayLike, squares: ArrayLike, products: ArrayLike, size_squares: float) -> float:
    """Design effect of binned counts from clusters: the mean eigenvalue of Rao and Scott (1981), at least 1.

    With c the count of a bin in one cluster and m the cluster's size: ``counts`` are the sums of c over clusters by
    bin, ``squares`` those of c^2, ``products`` those of c m, ``size_squares`` is the sum of m^2. The variance of a
    share is that of the sums of c - p m over clusters; over that of independent rows and averaged over bins it is
    sum of V_k/(n p_k) / (B - 1), by which chi-square and PSI grow on average.
    """
    totals, second, mixed = (np.asarray(each, np.float64) for each in (counts, squares, products))
    n = totals.sum()
    filled = totals > 0
    if filled.sum() < 2:
        return 1.0
    p: Array = totals / n
    variances = second - 2 * p * mixed + p * p * size_squares
    return max(float((variances[filled] / totals[filled]).sum() / (filled.sum() - 1)), 1.0)
