"""What data look like, as values: counts of every feature by bin, of answers, labels, time and entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generators.baseline.statistics.distances import Array
from generators.language.catalog import Bins

Confusion = Mapping[tuple[str, str], int]
"""Rows by actual and predicted class."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is told of finite numbers: least, greatest, quantiles by name, mean and deviation of these rows."""

    least: float
    greatest: float
    quantiles: Mapping[str, float]
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each bin was hit, numbered bins first, then those that ``others`` names.

    ``hours`` has a row for each hour from the profile's first on; ``segments`` counts by segment and value.
    ``labelled`` counts the rows whose answer is known to be right or wrong, ``right`` those that are right;
    ``answers`` counts by predicted class. ``effects`` are design effects by window, under an empty name that of all
    rows. ``wrong`` values have another type; ``unseen`` says how many different values the spec does not list, and
    the first of them.
    """

    bins: Bins
    others: tuple[str, ...]
    counts: Array
    hours: Array | None = None
    segments: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    labelled: Array | None = None
    right: Array | None = None
    answers: Mapping[str, Array] = field(default_factory=dict)
    effects: Mapping[str, float] = field(default_factory=dict)
    numbers: Numbers | None = None
    wrong: int = 0
    infinite: int = 0
    unseen: tuple[int, str] = (0, "")

    @property
    def own(self) -> Array:
        """Counts of the numbered bins, of all hours or of each."""
        return self.counts[: len(self.counts) - len(self.others)]

    def other(self, name: str) -> int:
        """Count of a named bin; 0 where there is none."""
        return int(self.counts[len(self.own) + self.others.index(name)]) if name in self.others else 0


@dataclass(frozen=True, slots=True)
class Labels:
    """What labels say of ``rows`` that have one.

    ``strange`` counts labels and predictions that are no class of the model. ``positives``, ``negatives`` and
    ``score_sums`` are by score bin. ``errors`` of predicted numbers are the mean absolute error, the root of the mean
    square, and the bias.
    """

    rows: int
    confusion: Confusion = field(default_factory=dict)
    strange: Mapping[str, int] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Confusion]] = field(default_factory=dict)
    positives: Array | None = None
    negatives: Array | None = None
    score_sums: Array | None = None
    errors: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """All that was counted of some rows.

    ``content`` and ``query`` are SHA-256 of the data and of what was asked. ``period`` is in seconds from 1970;
    ``untimed`` rows have no time; ``hourly`` are rows by hour, from the hour of the first one on. ``repeated`` rows
    have an id that another one has.
    """

    rows: int
    content: str
    query: str
    features: Mapping[str, Counts]
    prediction: Counts | None = None
    score: Counts | None = None
    labels: Labels | None = None
    period: tuple[float, float] | None = None
    untimed: int = 0
    first_hour: int = 0
    hourly: Array | None = None
    segments: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    repeated: int = 0
