"""Functions that fit a trend to windows: deriv, predict_linear, double exponential smoothing."""

from __future__ import annotations

import numpy as np

from generators.promql.engine.ranges.rates import Outcome
from generators.promql.engine.ranges.windows import Windows, kahan_add, walk
from generators.promql.engine.results import Floats, Times


def _regression(windows: Windows, origin: Times) -> tuple[Floats, Floats]:
    """Slope per second and value at ``origin`` (ms, [S]) of the least-squares line through each window."""
    shape, line = windows.shape, (1, windows.low.size)  # the times are the same for all series
    totals = {"x": np.zeros(line), "y": np.zeros(shape), "xy": np.zeros(shape), "xx": np.zeros(line)}
    errors = {name: np.zeros_like(total) for name, total in totals.items()}
    first = windows.take(windows.oldest)
    constant = np.ones(shape, dtype=bool)
    for _, columns, values, times in walk(windows):
        x = ((times - origin[columns]) / 1000)[None]
        constant[:, columns] &= values == first[:, columns]
        for name, term in (("x", x), ("y", values), ("xy", x * values), ("xx", x * x)):
            added = kahan_add(term, totals[name][:, columns], errors[name][:, columns])
            totals[name][:, columns], errors[name][:, columns] = added
    count = np.maximum(windows.counts, 1)
    x, y, xy, xx = (totals[name] + errors[name] for name in totals)
    slope = (xy - x * y / count) / (xx - x * x / count)
    intercept = y / count - slope * x / count
    infinite = np.isinf(first)
    slope = np.where(constant, np.where(infinite, np.nan, 0.0), slope)
    return slope, np.where(constant, np.where(infinite, np.nan, first), intercept)


def deriv(windows: Windows) -> Outcome:
    """Slope per second of the line through each window."""
    slope, _ = _regression(windows, windows.times[windows.oldest])
    return slope, windows.counts >= 2


def predict_linear(windows: Windows) -> Outcome:
    """Value of the line through each window, the argument's seconds after the evaluation time."""
    slope, intercept = _regression(windows, windows.at)
    return slope * windows.arguments[0] + intercept, windows.counts >= 2


def double_exponential_smoothing(windows: Windows) -> Outcome:
    """Holt's double exponential smoothing; the arguments are the smoothing factor and the trend factor."""
    smoothing, trend_factor = windows.arguments
    shape = windows.shape
    before, smoothed, trend = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for position, columns, values, _ in walk(windows):
        if position == 0:
            smoothed[:, columns] = values
            continue
        old, current = before[:, columns], smoothed[:, columns]
        factor, share = trend_factor[columns], smoothing[columns]
        later = factor * (current - old) + (1 - factor) * trend[:, columns]
        slope = values - current if position == 1 else later
        trend[:, columns] = slope
        before[:, columns] = current
        smoothed[:, columns] = share * values + (1 - share) * (current + slope)
    return smoothed, windows.counts >= 2
