"""What statistics were in the windows of data with times, and how rows are spread over the day and the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from generators.baseline.measures import FEWEST, MEASURES
from generators.baseline.profile import Counts
from generators.baseline.statistics.distances import Array, additive_shares

ENOUGH = 20
"""Windows from which on their distribution is told."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, deviation and 99th percentile of a statistic over windows."""

    mean: float
    deviation: float
    p99: float


@dataclass(frozen=True, slots=True)
class Window:
    """Windows with enough values, values in the median one, and what each statistic was."""

    windows: int
    values: int
    design_effect: float
    statistics: dict[str, Spread]


def chunks(hours: Array, first_hour: int, length: int) -> Array:
    """Sums of hourly rows over windows of so many hours, which begin at multiples of their length from 1970 on."""
    places = (first_hour + np.arange(len(hours))) // length
    summed: Array = np.add.reduceat(hours, np.flatnonzero(np.diff(places, prepend=places[0] - 1)), axis=0)
    return summed


def window(counts: Counts, first_hour: int, length: int, design_effect: float) -> Window | None:
    """Compare each window of so many hours with all of the data; None where fewer than 20 have 50 values."""
    if counts.hours is None:
        return None
    own = chunks(counts.hours, first_hour, length)[:, : len(counts.own)]
    filled = own[own.sum(axis=-1) >= FEWEST]
    if len(filled) < ENOUGH:
        return None
    p, q = additive_shares(filled), additive_shares(counts.own)
    found = {}
    for name, measure in MEASURES.items():
        if counts.bins.edges or not measure.ordered:
            values: np.ndarray[Any, Any] = measure.distance(p, q)
            found[name] = Spread(float(values.mean()), float(values.std()), float(np.quantile(values, 0.99)))
    return Window(len(filled), int(np.median(filled.sum(axis=-1))), design_effect, found)


def day_shape(hourly: Array, first_hour: int) -> Array:
    """Rows by hour of the day, UTC."""
    return np.asarray(np.bincount((first_hour + np.arange(len(hourly))) % 24, hourly, 24), np.float64)


def week_shape(hourly: Array, first_hour: int) -> Array:
    """Rows by day of the week, UTC, from Monday on; 1 January 1970 was a Thursday."""
    return np.asarray(np.bincount(((first_hour + np.arange(len(hourly))) // 24 + 3) % 7, hourly, 7), np.float64)
