"""Distances between two distributions over the same bins: p of now, q of the baseline.

All are zero for equal distributions. All but chi-square and the Wasserstein distance are symmetric, and all but
chi-square and PSI have an upper bound. Distances over bins are never above those of the values behind them (data
processing inequality): bins can hide a shift and cannot invent one.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
PSEUDO_COUNT: Final = 0.5
"""Added to each count by Jeffreys' prior; of the forms that were simulated only its false alarms stay as declared."""

EPSILON: Final = 1e-4
"""What evidently and others write into empty bins."""


def additive_shares(counts: ArrayLike, pseudo: float = PSEUDO_COUNT) -> Array:
    """Shares (c + a)/(n + a B) of counts c in B bins, n in all: never zero, and they add up to 1.

    With a = 1/2 the posterior mean under Jeffreys' prior (Jeffreys 1946). Without a single count all shares are 1/B.
    """
    found = np.asarray(counts, np.float64)
    bins = found.shape[-1]
    return np.asarray((found + pseudo) / (found.sum(axis=-1, keepdims=True) + pseudo * bins))


def epsilon_shares(counts: ArrayLike, epsilon: float = EPSILON) -> Array:
    """Shares c/n, with ``epsilon`` instead of zero, so that they add up to a little more than 1.

    For comparison with tools that do so: PSI of these fires up to 700 times as often as declared at n = 50.
    """
    found = np.asarray(counts, np.float64)
    shares = found / np.maximum(found.sum(axis=-1, keepdims=True), 1)
    return np.where(shares > 0, shares, epsilon)


def psi(p: ArrayLike, q: ArrayLike) -> Array:
    """Population stability index: sum of (p - q) ln(p/q), in nats, without upper bound (Lewis 1994).

    The same as Jeffreys' divergence KL(p, q) + KL(q, p). Shares must not be zero: smooth them first.
    """
    now, then = _pair(p, q)
    return np.asarray(((now - then) * np.log(now / then)).sum(axis=-1))


def jensen_shannon(p: ArrayLike, q: ArrayLike, base: float = math.e) -> Array:
    """Jensen-Shannon *distance*: the root of (KL(p, m) + KL(q, m))/2 with m = (p + q)/2 (Endres, Schindelin 2003).

    From 0 to sqrt(ln 2) = 0.83 in nats, to 1 in base 2, whose values are 1.201 times as large. The divergence is
    its square.
    """
    now, then = _pair(p, q)
    middle = (now + then) / 2
    divergence = (_relative(now, middle) + _relative(then, middle)).sum(axis=-1) / 2
    return np.asarray(np.sqrt(np.maximum(divergence, 0) / math.log(base)))


def hellinger(p: ArrayLike, q: ArrayLike) -> Array:
    """Hellinger distance: sqrt(1 - sum of sqrt(p q)), from 0 to 1; shares may be zero (Hellinger 1909).

    Computed as sqrt(sum of (sqrt p - sqrt q)^2 / 2), the same where shares add up to 1, without loss of digits near
    zero.
    """
    now, then = _pair(p, q)
    return np.asarray(np.sqrt(((np.sqrt(now) - np.sqrt(then)) ** 2).sum(axis=-1) / 2))


def l_infinity(p: ArrayLike, q: ArrayLike) -> Array:
    """Largest difference of a share: max |p - q|, from 0 to 1; what Vertex and SageMaker use for categories."""
    now, then = _pair(p, q)
    return np.asarray(np.abs(now - then).max(axis=-1))


def kolmogorov_smirnov(p: ArrayLike, q: ArrayLike) -> Array:
    """Kolmogorov-Smirnov distance over the edges of ordered bins: max |F - G|, from 0 to 1.

    Below the distance of the values behind it by at most the largest share that a bin has on both sides.
    """
    return np.asarray(np.abs(_gaps(p, q)).max(axis=-1))


def wasserstein(p: ArrayLike, q: ArrayLike) -> Array:
    """Wasserstein-1 distance in the quantile space of the baseline: integral of |F - G| over G, from 0 to 1/2.

    The sum of q_k (|D_(k-1)| + |D_k|)/2 with D = F - G at the edges of ordered bins: the mean shift in ranks of the
    baseline, exact where values are spread evenly inside a bin. In units of the values deciles would be wrong by a
    third or more.
    """
    then = np.asarray(q, np.float64)
    gaps = np.abs(_gaps(p, q))
    before = np.concatenate((np.zeros_like(gaps[..., :1]), gaps[..., :-1]), axis=-1)
    return np.asarray((then * (before + gaps)).sum(axis=-1) / 2)


def chi_square(counts: ArrayLike, q: ArrayLike) -> Array:
    """Pearson's statistic of counts c against shares q: the sum of (c - n q)^2/(n q) (Pearson 1900).

    Chi-square with B - 1 degrees of freedom without drift. Bins that are expected to hold fewer than five are to be
    pooled first (``pooled``), else rare bins decide it.
    """
    now, then = _pair(counts, q)
    expected = now.sum(axis=-1, keepdims=True) * then
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = (now - expected) ** 2 / expected
    return np.asarray(np.where((expected == 0) & (now == 0), 0, parts).sum(axis=-1))


def pooled(counts: ArrayLike, q: ArrayLike, least: float = 5) -> tuple[Array, Array]:
    """Counts and shares with neighbouring bins put together until each expects ``least`` values (Cochran 1954).

    One bin is left where all together expect less.
    """
    now, then = np.asarray(counts, np.float64), np.asarray(q, np.float64)
    expected = now.sum() * then
    kept: list[list[float]] = []
    waiting = np.zeros(3)
    for each in zip(now, then, expected, strict=True):
        waiting = waiting + each
        if waiting[2] >= least:
            kept.append(waiting.tolist())
            waiting = np.zeros(3)
    if waiting.any() or not kept:
        last = kept.pop() if kept else [0.0, 0.0, 0.0]
        kept.append((waiting + last).tolist())
    columns = np.array(kept)
    return columns[:, 0], columns[:, 1]


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    return np.asarray(p, np.float64), np.asarray(q, np.float64)


def _relative(p: Array, m: Array) -> Array:
    """Return p ln(p/m), which is zero where p is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / m), 0.0)


def _gaps(p: ArrayLike, q: ArrayLike) -> Array:
    now, then = _pair(p, q)
    gaps: Array = np.cumsum(now - then, axis=-1)
    return gaps
