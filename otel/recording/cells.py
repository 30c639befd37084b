"""Values of one metric in plain arrays: a cell for each combination of attribute values that the spec allows.

All cells of counters and histograms exist from the start, at zero: a series that is born with its first increment would
lose it in Prometheus' ``increase``, and so the first error of each kind in each process.  A value that the spec does
not declare never makes a cell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, Final, TypeAlias

from otel.manifest import Attribute, Metric
from otel.recording.bins import OTHER
from otel.recording.derived import Rule, derived_attributes

Values: TypeAlias = tuple[str | None, ...]
"""Values of a metric's given attributes, in their order; None where an optional one is absent."""

Observed: TypeAlias = tuple[float, Mapping[str, str]]
"""The value of a series, and its attributes."""

Strangers: TypeAlias = Callable[[Metric, Attribute, Any], None]
"""Told about a value that the spec does not declare."""


class Places:
    """Where each combination of attribute values is counted, and the attributes of each place.

    There may be ten thousands of them: attributes are made when they are asked for, and what is derived is shared.
    """

    __slots__ = ("_common", "_derived", "_given", "_keys", "_made", "_metric", "_places")

    def __init__(
        self,
        metric: Metric,
        common: Mapping[str, str],
        rules: Mapping[str, Rule],
        combinations: Iterable[Values] | None = None,
    ) -> None:
        self._metric = metric
        self._given = metric.given
        self._keys = tuple(each.key for each in self._given)
        self._common = common
        self._made: dict[int, Mapping[str, str]] = {}
        wanted = metric.combinations() if combinations is None else combinations
        self._places: dict[Values, int] = {values: place for place, values in enumerate(wanted)}
        shared: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        self._derived: list[Mapping[str, str]] = []
        if any(each.derived for each in metric.attributes):
            for values in self._places:
                found = derived_attributes(metric, rules, self._named(values))
                self._derived.append(shared.setdefault(tuple(found.items()), found))

    def _named(self, values: Values) -> dict[str, str]:
        return {key: value for key, value in zip(self._keys, values, strict=True) if value is not None}

    def attributes(self) -> Iterator[dict[str, str]]:
        """Return the attributes of each place, in their order."""
        for values, derived in zip(self._places, self._derived or repeat({}), strict=False):
            yield {**self._common, **self._named(values), **derived}

    def at(self, place: int) -> Mapping[str, str]:
        """Return the attributes of one place, which is remembered."""
        if place not in self._made:
            self._made[place] = next(islice(self.attributes(), place, None))
        return self._made[place]

    def __len__(self) -> int:
        return len(self._places)

    def find(self, values: Sequence[Any], strangers: Strangers) -> int | None:
        """Return the place of a combination; None, and word to ``strangers``, if the spec does not declare it."""
        try:
            return self._places[values]  # type: ignore[index]  # a tuple, in all that is usual
        except (KeyError, TypeError):
            return self._search(values, strangers)

    def _search(self, values: Sequence[Any], strangers: Strangers) -> int | None:
        wanted = []
        for attribute, value in zip(self._given, (*values, *(None,) * len(self._given)), strict=False):
            text = attribute_text(value)
            declared = attribute.optional if text is None else text in attribute.values
            if not declared:
                strangers(self._metric, attribute, value)
                text = OTHER
            wanted.append(text)
        return self._places.get(tuple(wanted))


LONGEST: Final = 256
"""Characters of a text that somebody else chose, on spans and in events."""


def attribute_text(value: Any) -> str | None:
    """Return a value as an attribute carries it: booleans in lower case, None as absent; never raises."""
    return None if value is None else safe_text(value)


def safe_text(value: object) -> str:
    """Return a value of any kind as text that can be sent: valid Unicode, bounded; its type if it has no text."""
    try:
        text = value if isinstance(value, str) else str(value)
        text = text.lower() if isinstance(value, bool) else text[:LONGEST]
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
    except Exception:  # whatever its __str__ raises
        return type(value).__name__


class Cells:
    """A counter (cells start at zero) or a gauge (a cell exists once it is set)."""

    __slots__ = ("_counts", "_set", "places", "values")

    def __init__(self, places: Places, *, counts: bool) -> None:
        self.places = places
        self.values: list[float] = [0] * len(places)
        self._counts = counts
        self._set = [counts] * len(places)

    def add(self, place: int, amount: float) -> None:
        """Add to a cell."""
        self.values[place] += amount

    def set(self, place: int, value: float) -> None:
        """Set a cell."""
        self.values[place] = value
        self._set[place] = True

    def clear(self) -> None:
        """Start again at zero; a gauge still says of this process what it said of its parent."""
        if self._counts:
            self.values = [0] * len(self.values)

    def observed(self) -> Iterator[Observed]:
        """Return what is exported."""
        triples = zip(self.values, self.places.attributes(), self._set, strict=True)
        return ((value, attributes) for value, attributes, exists in triples if exists)


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
