"""Series in memory: sorted timestamps and float values, with native histograms kept as opaque samples.

Series that were scraped together share one timestamp array (arrays with equal content are made one object), so that
the engine looks up windows once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from generators.promql.engine.results import Floats, Mask, Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, get

STALE_BITS = 0x7FF0000000000002
"""Bit pattern of the NaN that marks the end of a series."""

STALE: float = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])
"""The stale marker. Take care: most arithmetic turns it into an ordinary NaN."""

NO_TIMES: Times = np.empty(0, dtype=np.int64)
NO_VALUES: Floats = np.empty(0, dtype=np.float64)


def is_stale(values: Floats) -> Mask:
    """Which values are stale markers."""
    bits: Mask = np.ascontiguousarray(values).view(np.uint64) == STALE_BITS
    return bits


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One series; timestamps are ms, strictly ascending. ``histogram_times`` are those of opaque histograms.

    ``starts`` says since when each sample's counter counts (ms, 0 unknown); it is empty if no sample tells.
    """

    labels: Labels
    timestamps: Times
    values: Floats
    histogram_times: Times = field(default_factory=lambda: NO_TIMES)
    stale: bool = False
    starts: Times = field(default_factory=lambda: NO_TIMES)

    def known_starts(self) -> Times:
        """Start times of `samples`."""
        return self.starts[~is_stale(self.values)] if self.stale and self.starts.size else self.starts

    def samples(self) -> tuple[Times, Floats]:
        """Timestamps and values without stale markers."""
        if not self.stale:
            return self.timestamps, self.values
        kept = ~is_stale(self.values)
        return self.timestamps[kept], self.values[kept]


def _merge(old: Series, timestamps: Times, values: Floats) -> tuple[Times, Floats]:
    if not old.timestamps.size or not timestamps.size:
        return (timestamps, values) if timestamps.size else (old.timestamps, old.values)
    if timestamps[0] > old.timestamps[-1]:
        return np.concatenate((old.timestamps, timestamps)), np.concatenate((old.values, values))
    fresh = ~np.isin(timestamps, old.timestamps)
    times = np.concatenate((old.timestamps, timestamps[fresh]))
    order = np.argsort(times, kind="stable")
    return times[order], np.concatenate((old.values, values[fresh]))[order]


def _starts_or_zeros(starts: Times, times: Times) -> Times:
    return starts if starts.size else np.zeros(times.size, dtype=np.int64)


class Storage:
    """A growing set of series. Selecting never copies samples."""

    def __init__(self) -> None:
        """An empty storage."""
        self._series: dict[Labels, Series] = {}
        self._by_name: dict[str, dict[Labels, None]] = {}
        self._postings: dict[str | None, dict[str, dict[str, list[Labels]]]] = {}
        self._shared: dict[int, list[Times]] = {}
        self._known: dict[int, Times] = {}
        self._parts: dict[tuple[int, bytes], Times] = {}

    def __len__(self) -> int:
        """How many series there are."""
        return len(self._series)

    def __contains__(self, labels: Labels) -> bool:
        """Whether there is a series of these labels."""
        return labels in self._series

    def __iter__(self) -> Iterator[Series]:
        """All series, in the order in which they came."""
        return iter(self._series.values())

    def add(
        self,
        labels: Labels,
        timestamps: Times | Sequence[int],
        values: Floats | Sequence[float],
        histogram_times: Times | Sequence[int] = (),
        starts: Times | Sequence[int] = (),
    ) -> None:
        """Add samples to a series; a sample at a time that the series already has is ignored, as in Prometheus.

        ``starts`` are start times of the samples, one each, where they are known; times must then be new and ascending.
        """
        times = np.asarray(timestamps, dtype=np.int64)
        numbers = np.asarray(values, dtype=np.float64)
        if times.size > 1 and id(times) not in self._known and not (np.diff(times) > 0).all():
            times, first = np.unique(times, return_index=True)
            numbers = numbers[first]
        old = self._series.get(labels)
        opaque = np.asarray(histogram_times, dtype=np.int64) if len(histogram_times) else NO_TIMES
        begun = np.asarray(starts, dtype=np.int64) if len(starts) else NO_TIMES
        if old is not None:
            if begun.size or old.starts.size:
                begun = np.concatenate((_starts_or_zeros(old.starts, old.timestamps), _starts_or_zeros(begun, times)))
            times, numbers = _merge(old, times, numbers)
            opaque = np.union1d(old.histogram_times, opaque) if opaque.size else old.histogram_times
        else:
            self._index(labels)
        stale = bool(np.count_nonzero(np.isnan(numbers)) and is_stale(numbers).any())
        self._series[labels] = Series(labels, self.share(times), numbers, opaque, stale, begun)

    def _index(self, labels: Labels) -> None:
        """Take a new series up in the lists by which it is found."""
        name = get(labels, METRIC_NAME)
        self._by_name.setdefault(name, {})[labels] = None
        for key in (name, None):
            for label, values in self._postings.get(key, {}).items():
                values.setdefault(get(labels, label), []).append(labels)

    def share(self, times: Times) -> Times:
        """The one array that stands for all arrays with this content."""
        if id(times) in self._known:
            return times
        like = self._shared.setdefault(hash(times.tobytes()), [])
        found = next((each for each in like if np.array_equal(each, times)), None)
        if found is None:
            found = times
            like.append(times)
            self._known[id(times)] = times
        return found

    def share_some(self, times: Times, where: Mask) -> Times:
        """The one array for some of the times of a shared array: many series of a rule lack the same ones."""
        key = id(times), where.tobytes()
        if key not in self._parts:
            self._parts[key] = self.share(times[where])
        return self._parts[key]

    def arrange(self, ranks: Mapping[Labels, int]) -> None:
        """Put series in the order of their ranks, those that have none first; equal ones stay as they are."""
        order = sorted(self._series, key=lambda labels: ranks.get(labels, -1))
        if order == list(self._series):
            return
        self._series = {labels: self._series[labels] for labels in order}
        self._by_name, self._postings = {}, {}
        for labels in order:
            self._by_name.setdefault(get(labels, METRIC_NAME), {})[labels] = None

    def named(self, name: str | None) -> list[Series]:
        """The series of a metric, or all of them when the name is None."""
        if name is None:
            return list(self._series.values())
        return [self._series[labels] for labels in self._by_name.get(name, ())]

    def with_label(self, name: str | None, label: str, value: str) -> list[Series]:
        """The series of a metric (or of all, when the name is None) that have a label of this value.

        The first question about a label makes a list of its values, so that the later ones cost what they find.
        """
        by_label = self._postings.setdefault(name, {})
        if label not in by_label:
            values = by_label[label] = {}
            for series in self.named(name):
                values.setdefault(get(series.labels, label), []).append(series.labels)
        return [self._series[labels] for labels in by_label[label].get(value, ())]
