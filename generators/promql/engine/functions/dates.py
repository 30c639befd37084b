"""Calendar functions in UTC: year, month, day_of_week and the like, of times in Unix seconds.

The civil calendar is computed from day numbers with the proleptic Gregorian rules, so any year works.
"""

from __future__ import annotations

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
