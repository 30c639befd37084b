"""The statistics that drift is told by: distance, bound without drift, and from which value on it matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from numpy.typing import ArrayLike

from generators.baseline.statistics import nulls
from generators.baseline.statistics.distances import (
    Array,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    l_infinity,
    psi,
    wasserstein,
)

Bound = Callable[[float, Array, ArrayLike, float, float], Array]
"""Level, baseline shares, n, N and design effect → the value that is exceeded by chance with probability 1 - level."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A distance between smoothed shares, with its bound and its usual thresholds.

    ``ordered`` ones need bins in an order, which values of a category have not.
    """

    name: str
    distance: Callable[[ArrayLike, ArrayLike], Array]
    bound: Bound
    warning: float
    critical: float
    ordered: bool = False


MEASURES: Final = {
    each.name: each
    for each in (
        Measure("psi", psi, lambda level, q, n, m, d: nulls.psi_bound(level, len(q), n, m, d), 0.1, 0.25),
        Measure(
            "jensen_shannon",
            jensen_shannon,
            lambda level, q, n, m, d: nulls.jensen_shannon_bound(level, len(q), n, m, d),
            0.1,
            0.2,
        ),
        Measure(
            "hellinger", hellinger, lambda level, q, n, m, d: nulls.hellinger_bound(level, len(q), n, m, d), 0.15, 0.3
        ),
        Measure("l_infinity", l_infinity, nulls.l_infinity_bound, 0.1, 0.2),
        Measure(
            "kolmogorov_smirnov",
            kolmogorov_smirnov,
            lambda level, _, n, m, d: nulls.kolmogorov_smirnov_bound(level, n, m, d),
            0.1,
            0.2,
            ordered=True,
        ),
        Measure(
            "wasserstein",
            wasserstein,
            lambda level, _, n, m, d: nulls.wasserstein_bound(level, n, m, d),
            0.05,
            0.1,
            ordered=True,
        ),
    )
}
"""By name. Thresholds of PSI are the bands of credit scoring (Lewis), those of the Jensen-Shannon and KS distances what
evidently and nannyml take, that of Hellinger is whylogs'; the others are as far from no drift."""

FEWEST: Final = 50
"""Values below which no bound was tried, so that nothing is said."""
