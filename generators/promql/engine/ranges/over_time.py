"""The ``…_over_time`` functions on windows: sums, means, extremes, quantiles, deviations and timestamps.

Every function takes `Windows` and gives values [n × S] and presence [S].
"""

from __future__ import annotations

import numpy as np

from generators.promql.engine.ranges.rates import Outcome
from generators.promql.engine.ranges.windows import (
    Windows,
    kahan_add,
    sorted_windows,
    walk,
    window_maxima,
    window_sums,
)
from generators.promql.engine.results import Floats, Mask


def sum_over_time(windows: Windows) -> Outcome:
    """Sum of each window; one that overflows stays infinite."""
    sums, errors = window_sums(windows)
    return np.where(np.isinf(sums), sums, sums + errors), windows.counts > 0


def avg_over_time(windows: Windows) -> Outcome:
    """Mean of each window; where the sum overflows, the mean is built up sample for sample instead."""
    counts = np.maximum(windows.counts, 1)
    sums, errors = window_sums(windows)
    values = sums / counts + errors / counts
    overflown = ~np.isfinite(sums) & (windows.counts > 0)
    rows = np.flatnonzero(overflown.any(axis=1))
    for row in rows:
        for step in np.flatnonzero(overflown[row]):
            values[row, step] = stable_mean(windows.values[row, windows.low[step] : windows.high[step]])
    return values, windows.counts > 0


def stable_mean(values: Floats) -> float:
    """Mean by a Kahan sum that turns into an incremental mean before it would overflow."""
    total, error, mean = np.array(values[0]), np.zeros(()), np.zeros(())
    incremental = False
    for count, value in enumerate(values[1:], start=2):
        if not incremental:
            new, new_error = kahan_add(value, total, error)
            if not np.isinf(new):
                total, error = new, new_error
                continue
            incremental = True
            mean, error = total / (count - 1), error / (count - 1)
        share = (count - 1) / count
        mean, error = kahan_add(value / count, share * mean, share * error)
    return float(mean + error if incremental else total / len(values) + error / len(values))


def count_over_time(windows: Windows) -> Outcome:
    """Number of samples in each window."""
    return np.broadcast_to(windows.counts.astype(float), windows.shape), windows.counts > 0


def present_over_time(windows: Windows) -> Outcome:
    """1 where a window has samples."""
    return np.ones(windows.shape), windows.counts > 0


def last_over_time(windows: Windows) -> Outcome:
    """The newest sample of each window."""
    return windows.take(windows.newest), windows.counts > 0


def first_over_time(windows: Windows) -> Outcome:
    """The oldest sample of each window."""
    return windows.take(windows.oldest), windows.counts > 0


def max_over_time(windows: Windows) -> Outcome:
    """Largest value of each window; NaN only where there is nothing else."""
    return window_maxima(windows), windows.counts > 0


def min_over_time(windows: Windows) -> Outcome:
    """Smallest value of each window; NaN only where there is nothing else."""
    return -window_maxima(windows, -windows.values), windows.counts > 0


def _time_of(windows: Windows, extremes: Floats) -> Outcome:
    moments = np.zeros(windows.shape)
    undefined = np.isnan(extremes)
    for _, columns, values, times in walk(windows):
        hit = (values == extremes[:, columns]) | undefined[:, columns]
        moments[:, columns] = np.where(hit, times / 1000, moments[:, columns])
    return moments, windows.counts > 0


def ts_of_max_over_time(windows: Windows) -> Outcome:
    """Time in seconds of the last largest sample of each window."""
    return _time_of(windows, window_maxima(windows))


def ts_of_min_over_time(windows: Windows) -> Outcome:
    """Time in seconds of the last smallest sample of each window."""
    return _time_of(windows, -window_maxima(windows, -windows.values))


def ts_of_first_over_time(windows: Windows) -> Outcome:
    """Time in seconds of the oldest sample of each window."""
    return np.broadcast_to(windows.times[windows.oldest] / 1000, windows.shape), windows.counts > 0


def ts_of_last_over_time(windows: Windows) -> Outcome:
    """Time in seconds of the newest sample of each window."""
    return np.broadcast_to(windows.times[windows.newest] / 1000, windows.shape), windows.counts > 0


def stdvar_over_time(windows: Windows) -> Outcome:
    """Population variance of each window: Welford's recurrence with compensated sums."""
    shape = windows.shape
    mean, mean_error, square, square_error = (np.zeros(shape) for _ in range(4))
    for position, columns, values, _ in walk(windows):
        delta = values - (mean[:, columns] + mean_error[:, columns])
        new_mean = kahan_add(delta / (position + 1), mean[:, columns], mean_error[:, columns])
        mean[:, columns], mean_error[:, columns] = new_mean
        spread = delta * (values - (new_mean[0] + new_mean[1]))
        new_square = kahan_add(spread, square[:, columns], square_error[:, columns])
        square[:, columns], square_error[:, columns] = new_square
    return (square + square_error) / np.maximum(windows.counts, 1), windows.counts > 0


def stddev_over_time(windows: Windows) -> Outcome:
    """Population standard deviation of each window."""
    variance, present = stdvar_over_time(windows)
    return np.sqrt(variance), present


def interpolated_rank(table: Floats, undefined: Mask, quantile: Floats, counts: Floats) -> Floats:
    """Quantile of sorted values along the last axis, between the two nearest ranks.

    ``table`` and ``undefined`` (NaN flags) are [… × steps × longest]; ``quantile`` and ``counts`` [… × steps].
    """
    rank = np.clip(np.nan_to_num(quantile), 0, 1) * (counts - 1)
    below = np.maximum(0, np.floor(rank)).astype(np.intp)
    above = np.minimum(counts - 1, below + 1).astype(np.intp)
    weight = rank - np.floor(rank)
    filled = np.where(undefined, np.nan, table)
    lower = np.take_along_axis(filled, np.maximum(below, 0)[..., None], axis=-1)[..., 0]
    upper = np.take_along_axis(filled, np.maximum(above, 0)[..., None], axis=-1)[..., 0]
    value = lower * (1 - weight) + upper * weight
    value = np.where(quantile < 0, -np.inf, np.where(quantile > 1, np.inf, value))
    result: Floats = np.where(np.isnan(quantile), np.nan, value)
    return result


def quantile_over_time(windows: Windows) -> Outcome:
    """φ-quantile of each window, φ being the function's argument."""
    values = np.zeros(windows.shape)
    counts = windows.counts.astype(float)
    for part, table, undefined in sorted_windows(windows):
        rows = table.shape[:2]
        quantile = np.broadcast_to(windows.arguments[0][part], rows)
        values[:, part] = interpolated_rank(table, undefined, quantile, np.broadcast_to(counts[part], rows))
    return values, windows.counts > 0


def mad_over_time(windows: Windows) -> Outcome:
    """Median absolute deviation from the median of each window; NaN where a sample is NaN."""
    values = np.zeros(windows.shape)
    half = np.array(0.5)
    for part, table, undefined in sorted_windows(windows):
        counts = np.broadcast_to(windows.counts[part].astype(float), table.shape[:2])
        absent = np.arange(table.shape[2]) >= counts[:, :, None]
        median = interpolated_rank(table, undefined, half, counts)
        distance = np.where(absent, np.inf, np.abs(table - median[:, :, None]))
        poisoned = (undefined | (np.isnan(distance) & ~absent)).any(axis=2)
        distance.sort(axis=2)
        result = interpolated_rank(distance, np.zeros_like(undefined), half, counts)
        values[:, part] = np.where(poisoned, np.nan, result)
    return values, windows.counts > 0
