"""Values into bins: where each value of a feature, score or prediction is counted, whatever it is.

A bin of a number holds ``edges[k-1] <= x < edges[k]``; its label is ``k`` in two digits.  Everything
else lands in a bin with a name: ``missing`` (None, NaN), ``invalid`` (wrong type, ±Inf), ``other`` (a declared category
without a bin of its own), ``unseen`` (a category that nobody declared).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import Any, Final

from otel.manifest import Feature

MISSING: Final = "missing"
INVALID: Final = "invalid"
OTHER: Final = "other"
UNSEEN: Final = "unseen"

MISSING_CHECK, SCHEMA_CHECK, RANGE_CHECK, OUTLIER_CHECK, UNSEEN_CHECK, STALE_CHECK = CHECKS = (
    "missing", "schema", "range", "outlier", "unseen", "stale",
)  # fmt: skip
"""Why a value counts as bad: the values of the attribute ``check``."""

OUTLIER_Z: Final = 3.0
"""Standard deviations from the baseline's mean beyond which a number is an outlier."""

SCORE_BINS: Final = 20
"""Bins of equal width of a score from 0 to 1."""


def bin_labels(edges: int) -> tuple[str, ...]:
    """Return the labels of the bins that so many inner edges make."""
    return tuple(f"{position:02d}" for position in range(edges + 1))


def score_bin(score: float) -> int:
    """Return the bin of a score from 0 to 1; what lies outside goes to the nearest bin."""
    return min(max(int(score * SCORE_BINS), 0), SCORE_BINS - 1)


class FeatureBins:
    """Counts of one feature: values by bin, and values that failed a check.  One thread counts."""

    __slots__ = ("bins", "counts", "failed", "name")

    def __init__(self, name: str, bins: tuple[str, ...], places: int) -> None:
        self.name = name
        self.bins = bins
        self.counts = [0] * places
        self.failed = dict.fromkeys(CHECKS, 0)

    def count(self, values: Iterable[Any]) -> None:
        """Count values of any kind; a text is only looked at for being one."""
        for value in values:
            for check in self.checks(value):
                self.failed[check] += 1

    def checks(self, value: Any) -> tuple[str, ...]:
        """Return the checks that a value fails."""
        if is_missing(value):
            return (MISSING_CHECK,)
        return () if isinstance(value, str) else (SCHEMA_CHECK,)

    def add(self, counts: Sequence[int], failed: Mapping[str, int]) -> None:
        """Add what was counted elsewhere, bin by bin and check by check."""
        self.counts = list(map(add, self.counts, counts))
        for check, amount in failed.items():
            self.failed[check] += int(amount)

    def clear(self) -> None:
        """Start again at zero."""
        self.counts = [0] * len(self.counts)
        self.failed = dict.fromkeys(CHECKS, 0)


class NumberBins(FeatureBins):
    """A number: its bins, then missing and invalid."""

    __slots__ = ("deviation", "edges", "high", "low", "mean", "range")

    def __init__(self, feature: Feature) -> None:
        edges = feature.edges
        super().__init__(feature.name, (*bin_labels(len(edges)), MISSING, INVALID) if edges else (), len(edges) + 3)
        self.edges = edges
        self.range = feature.range or (-math.inf, math.inf)
        self.mean, self.deviation = feature.mean or 0.0, feature.deviation or math.inf
        # Between these a value is finite and passes every check.
        reach, largest = OUTLIER_Z * self.deviation, math.nextafter(math.inf, 0)
        self.low = max(self.range[0], self.mean - reach, -largest)
        self.high = min(self.range[1], self.mean + reach, largest)

    def count(self, values: Iterable[Any]) -> None:
        """Count values of any kind."""
        counts, edges, low, high = self.counts, self.edges, self.low, self.high
        for value in values:
            try:
                position = bisect_right(edges, value) if low <= value <= high else -1
            except Exception:  # a value's own comparison may raise anything
                position = -1
            if position >= 0:
                counts[position] += 1
            else:
                self._count_unusual(value)

    def _count_unusual(self, value: Any) -> None:
        for check in self.checks(value):
            self.failed[check] += 1
        number = as_number(value)
        if number is not None:
            self.counts[bisect_right(self.edges, number)] += 1
        else:
            self.counts[-2 if is_missing(value) else -1] += 1

    def checks(self, value: Any) -> tuple[str, ...]:
        """Return the checks that a value fails."""
        if is_missing(value):
            return (MISSING_CHECK,)
        number = as_number(value)
        if number is None:
            return (SCHEMA_CHECK,)
        out_of_range = not self.range[0] <= number <= self.range[1]
        outlier = abs(number - self.mean) > OUTLIER_Z * self.deviation
        return (RANGE_CHECK,) * out_of_range + (OUTLIER_CHECK,) * outlier


class CategoryBins(FeatureBins):
    """A category or a boolean: the bins of its values, then other, unseen, missing and invalid."""

    __slots__ = ("positions",)

    def __init__(self, feature: Feature) -> None:
        own = feature.bin_values
        super().__init__(
            feature.name, (*bin_labels(len(own) - 1), OTHER, UNSEEN, MISSING, INVALID) if own else (), len(own) + 4
        )
        positions: dict[Any, int] = {
            **dict.fromkeys(feature.values, len(own)),
            **{value: position for position, value in enumerate(own)},
        }
        if feature.type == "boolean":
            flags = {False: "false", True: "true"}
            positions |= {flag: positions.get(name, len(own)) for flag, name in flags.items()}
        self.positions = positions

    def count(self, values: Iterable[Any]) -> None:
        """Count values of any kind."""
        counts, positions = self.counts, self.positions
        for value in values:
            try:
                counts[positions[value]] += 1
            except Exception:  # a value's own hash may raise anything
                self._count_unusual(value)

    def _count_unusual(self, value: Any) -> None:
        for check in self.checks(value):
            self.failed[check] += 1
            self.counts[_SPECIAL[check]] += 1

    def checks(self, value: Any) -> tuple[str, ...]:
        """Return the checks that a value fails."""
        if is_missing(value):
            return (MISSING_CHECK,)
        try:
            if value in self.positions:
                return ()
        except Exception:  # not hashable
            return (SCHEMA_CHECK,)
        return (UNSEEN_CHECK,) if isinstance(value, str) else (SCHEMA_CHECK,)


_SPECIAL = {UNSEEN_CHECK: -3, MISSING_CHECK: -2, SCHEMA_CHECK: -1}
"""Where a category's special bins stand, from the end."""


def feature_bins(feature: Feature) -> FeatureBins:
    """Return the counts of a feature, by its type."""
    match feature.type:
        case "number":
            return NumberBins(feature)
        case "category" | "boolean":
            return CategoryBins(feature)
        case _:
            return FeatureBins(feature.name, (), 0)


def is_missing(value: Any) -> bool:
    """Say whether a value is None, NaN or what other libraries use for them."""
    try:
        return value is None or bool(value != value)  # noqa: PLR0124  how NaN shows itself in every library
    except Exception:  # arrays, and pandas.NA, which has no truth value
        return type(value).__name__ == "NAType"


def as_number(value: Any) -> float | None:
    """Return a finite number, whatever its type; None for text, ±Inf, arrays and all else."""
    if isinstance(value, (str, bytes, bytearray)):
        return None
    try:
        number = float(value)
    except Exception:  # whatever its __float__ raises
        return None
    return number if math.isfinite(number) else None
