"""Histograms in plain arrays: every series is there from the start, with nothing in it.

The SDK makes a series of a histogram with its first value, and Prometheus' ``increase`` cannot see that one: the first
error of each kind, in each process, would be lost.
"""

from __future__ import annotations

from bisect import bisect_left

from otel.recording.cells import Places


class Buckets:
    """Counts by bucket and the sum of each place; a bucket holds ``lower < x <= upper``."""

    __slots__ = ("counts", "edges", "places", "sums")

    def __init__(self, places: Places, edges: tuple[float, ...]) -> None:
        self.places = places
        self.edges = edges
        self.clear()

    def clear(self) -> None:
        """Start again at zero."""
        self.counts = [[0] * (len(self.edges) + 1) for _ in range(len(self.places))]
        self.sums = [0.0] * len(self.places)

    def add(self, place: int, value: float) -> None:
        """Count a value, which must be finite and not negative: a sum that falls looks like a restart."""
        self.counts[place][bisect_left(self.edges, value)] += 1
        self.sums[place] += value
