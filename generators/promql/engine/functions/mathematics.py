"""Functions of single values: roots, logarithms, trigonometry, rounding, clamping, and the calendar in UTC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from generators.promql.engine.results import Floats

DATE_PARTS = frozenset(
    ("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year")
)
_DAY = 86_400
_END_OF_TIME = 2**63 - 1


def date_part(part: str, seconds: Floats) -> Floats:
    """A part of the date of each time; fractions of seconds are cut off towards zero."""
    values: Floats = _part(part, _whole_seconds(seconds)).astype(np.float64)
    return values


def _part(part: str, whole: NDArray[np.int64]) -> NDArray[np.int64]:
    hours, days = np.floor_divide(whole, 3600), np.floor_divide(whole, _DAY)
    cyclic = {"hour": (hours, 24), "minute": (np.floor_divide(whole, 60), 60), "day_of_week": (days + 4, 7)}
    if part in cyclic:
        counted, length = cyclic[part]
        rest: NDArray[np.int64] = np.mod(counted, length)
        return rest
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    if part == "month":
        return np.mod(months.astype(np.int64), 12) + 1
    if part == "year":
        return months.astype("datetime64[Y]").astype(np.int64) + 1970
    first = months.astype("datetime64[D]").astype(np.int64)
    if part == "day_of_month":
        return days - first + 1
    if part == "days_in_month":
        return (months + 1).astype("datetime64[D]").astype(np.int64) - first
    return days - months.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + 1


def _whole_seconds(seconds: Floats) -> NDArray[np.int64]:
    """Seconds as integers; what does not fit becomes the last moment, as Go's conversions have it on amd64."""
    fits = (seconds >= -(2.0**63)) & (seconds < 2.0**63)
    cut = np.trunc(np.where(fits, seconds, 0.0)).astype(np.int64)
    return np.where(fits, cut, _END_OF_TIME)


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def _radians(values: Floats) -> Floats:
    return values * np.pi / 180


def _degrees(values: Floats) -> Floats:
    return values * 180 / np.pi


ELEMENTWISE: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": _degrees,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": _radians,
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def greater(left: Floats, right: Floats) -> Floats:
    """The greater of two values; NaN if either is NaN, but +Inf comes before that, as in Go."""
    infinite = np.isposinf(left) | np.isposinf(right)
    return np.where(infinite, np.inf, np.maximum(left, right))


def lesser(left: Floats, right: Floats) -> Floats:
    """The lesser of two values; NaN if either is NaN, but -Inf comes before that, as in Go."""
    infinite = np.isneginf(left) | np.isneginf(right)
    return np.where(infinite, -np.inf, np.minimum(left, right))


def clamp(values: Floats, low: Floats, high: Floats) -> Floats:
    """Values held between two bounds per step."""
    return greater(low, lesser(high, values))


def round_to(values: Floats, nearest: Floats) -> Floats:
    """Values rounded to multiples of ``nearest``, halves upwards.

    The inverse is used, as Prometheus does, since multiples of 0.1 come out closer.
    """
    inverse = 1.0 / nearest
    rounded: Floats = np.floor(values * inverse + 0.5) / inverse
    return rounded
