"""What one answered request means in metrics: counted row by row, or a whole batch at once."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Any

from opentelemetry.context import Context

from otel.manifest import Feature, Manifest
from otel.recording.answers import ClassNames
from otel.recording.bins import (
    OTHER,
    STALE_CHECK,
    UNSEEN,
    NumberBins,
    as_number,
    feature_bins,
    is_missing,
    score_bin,
)
from otel.recording.cells import attribute_text
from otel.recording.inputs import Columns, Inputs
from otel.recording.recorder import Recorder, name_in_words


def segment_value(segment: str, value: object) -> str:
    """Return the attribute value of a segment, such as ``region:emea``."""
    return f"{segment}:{value}"


@dataclass(slots=True)
class Outcome:
    """One request: inputs, answer, score and confidence from 0 to 1, seconds, why it failed or fell back.

    ``row`` holds the features in the manifest's order, None if they were not looked at, or ``columns`` those of so many
    ``rows``; ``strangers`` are the names of features that the spec does not declare.  ``answers`` are those of several
    rows.  ``labels`` came before it ended: the truth, when, and from whom.  ``cancelled`` says that nobody waits for
    the answer any more.  ``interval`` is the 90 % interval of a predicted number, ``context`` the one in which the span
    of the prediction is current.  ``groups`` are those of protected attributes, as they are counted.
    """

    row: tuple[Any, ...] | None = None
    strangers: Collection[str] = ()
    predicted: Any = None
    score: float | None = None
    confidence: float | None = None
    seconds: float | None = None
    error: str | None = None
    fallback: str | None = None
    segments: Mapping[str, str] | None = None
    groups: Mapping[str, str] | None = None
    interval: tuple[float, float] | None = None
    request_id: str | None = None
    prediction_id: str | None = None
    context: Context | None = None
    columns: Sequence[Any] | None = None
    rows: int = 1
    answers: list[Any] | None = None
    cancelled: bool = False
    labels: list[tuple[Any, Any, str | None]] | None = None

    @property
    def id(self) -> str:
        """What identifies the prediction when its label arrives: no other prediction has it."""
        if self.prediction_id is None:
            self.prediction_id = os.urandom(16).hex()
        return self.prediction_id


class Outcomes:
    """Counts outcomes into the cells of one model; its methods run in the thread that folds."""

    def __init__(self, manifest: Manifest, recorder: Recorder) -> None:
        self._manifest = manifest
        self._recorder = recorder
        self.names = tuple(manifest.features)
        self.classes = ClassNames(manifest.output)
        self.bins = tuple(feature_bins(each) for each in manifest.features.values())
        self._declared = frozenset(self.names)
        self._in_order = _in_order(self.names)
        self._rows: list[tuple[Any, ...]] = []
        self._scores = recorder.declares("score_bins")
        self._confidence = recorder.declares("confidence")
        self._segments = recorder.declares("segment_predictions")
        self._groups = recorder.declares("group_predictions")
        self._answers = self._answer_bins()
        self._observe()
        recorder.after_fold(self._count_rows)

    def _answer_bins(self) -> NumberBins | None:
        if not self._recorder.declares("prediction_bins"):
            return None
        return NumberBins(Feature("prediction", "number", edges=self._manifest.output.edges))

    def _observe(self) -> None:
        recorder = self._recorder
        if recorder.declares("feature_bins"):
            pairs = [(each.name, label) for each in self.bins for label in each.bins]
            binned = [each for each in self.bins if each.bins]
            recorder.observe("feature_bins", pairs, lambda: [n for each in binned for n in each.counts])
        if recorder.declares("feature_quality"):
            pairs = [(each.name, check) for each in self.bins for check in each.failed]
            recorder.observe("feature_quality", pairs, lambda: [n for each in self.bins for n in each.failed.values()])
        if (answers := self._answers) is not None:
            recorder.observe("prediction_bins", [(label,) for label in answers.bins], lambda: answers.counts)

    def read(self, outcome: Outcome, inputs: Inputs) -> None:
        """Put the features of a request into its outcome, None for absent ones, and the names of undeclared ones."""
        if isinstance(inputs, Columns):
            columns, outcome.rows = inputs
            outcome.columns = [copied(columns[name]) if name in columns else None for name in self.names]
            outcome.strangers = columns.keys() - self._declared
            return
        try:
            outcome.row = self._in_order(inputs)
            if len(inputs) == len(outcome.row):
                return
        except KeyError:
            outcome.row = tuple(map(inputs.get, self.names))
        outcome.strangers = inputs.keys() - self._declared

    def count(self, outcome: Outcome) -> None:
        """Count one request."""
        recorder = self._recorder
        if outcome.row:
            self._rows.append(outcome.row)
        elif outcome.columns is not None:
            self.count_columns(outcome.columns, outcome.rows)
        for name in outcome.strangers:
            recorder.undeclared_now("feature", f"feature {name_in_words(name)}")
        if outcome.cancelled:
            return
        if outcome.seconds is not None:
            self.count_durations((outcome.seconds,), outcome.error)
        if outcome.fallback is not None:
            recorder.add_now("fallback", 1, (outcome.fallback,))
        for segment, value in (outcome.segments or {}).items():
            self.count_segments(segment, (value,), "ok" if outcome.error is None else "error")
        if outcome.error is None:
            answers = [outcome.predicted] if outcome.answers is None else outcome.answers
            self.count_predicted(answers)
            for attribute, group in (outcome.groups or {}).items():
                self.count_groups(attribute, repeat(group, len(answers)), answers)
            self.count_scores((outcome.score,))
            self.count_confidences((outcome.confidence,))

    def count_durations(self, seconds: Iterable[float], error: str | None) -> None:
        """Count how long requests took, in seconds, and why they failed."""
        for each in seconds:
            self._recorder.record_now("duration", each, (error,))

    def count_predicted(self, predicted: Sequence[Any]) -> None:
        """Count answers: classes by name, numbers by bin."""
        if self._manifest.output.classes:
            for value, times in _times(predicted):
                self._recorder.add_now("predictions", times, (self.classes.find(value) or value,))
        else:
            self._recorder.add_now("predictions", len(predicted))
        if self._answers is not None:
            self._answers.count(predicted)

    def count_unnamed(self, rows: int) -> None:
        """Count answers of which nobody says what they were."""
        self._recorder.add_now("predictions", rows, (None,) if self._manifest.output.classes else ())

    def count_scores(self, scores: Iterable[Any]) -> None:
        """Count scores of the positive class by bin."""
        if self._scores:
            numbers = (as_number(each) for each in scores)
            for place, times in _times([score_bin(each) for each in numbers if each is not None]):
                self._recorder.add_now("score_bins", times, (f"{place:02d}",))

    def count_confidences(self, confidences: Iterable[Any]) -> None:
        """Count how sure the model was, and how often too little."""
        if not self._confidence:
            return
        low = self._manifest.output.low_confidence
        for confidence in map(as_number, confidences):
            if confidence is not None:
                self._recorder.record_now("confidence", confidence)
                if low is not None and confidence < low:
                    self._recorder.add_now("unsure", 1)

    def count_segments(self, segment: str, values: Sequence[Any], result: str) -> None:
        """Count requests by a segment's values, with ``ok`` or ``error`` as their result."""
        if self._segments:
            for value, times in _times(values):
                self._recorder.add_now("segment_predictions", times, (segment_value(segment, value), result))

    def group(self, attribute: str, value: Any) -> str:
        """Return the group that a value of a protected attribute counts in, never a value that the spec omits."""
        listed, text = self._manifest.groups.get(attribute, ()), attribute_text(value)
        return text if text is not None and text in listed else OTHER if OTHER in listed else UNSEEN

    def groups(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return the group of each protected attribute; of one that is not known nothing is said."""
        return {name: self.group(name, value) for name, value in values.items() if not is_missing(value)}

    def count_groups(self, attribute: str, groups: Iterable[str], predicted: Iterable[Any]) -> None:
        """Count answers by the group of each, and by whether the answer is the positive class."""
        if self._groups:
            positive = self._manifest.output.positive
            classes = map(self.classes.find, predicted)
            for (group, found), times in Counter(zip(groups, classes, strict=False)).items():
                if found is not None:
                    decision = "positive" if found == positive else "negative"
                    self._recorder.add_now("group_predictions", times, (attribute, group, decision))

    def _count_rows(self) -> None:
        """Count the features of all rows that gathered, feature by feature."""
        rows = self._rows
        if not rows:
            return
        self._rows = []
        self.count_vectors(len(rows))
        for bins, column in zip(self.bins, zip(*rows, strict=True), strict=True):
            bins.count(column)

    def count_vectors(self, rows: int) -> None:
        """Count feature vectors that were checked."""
        if self._recorder.declares("vectors"):
            self._recorder.add_now("vectors", rows)

    def count_columns(self, columns: Sequence[Any], rows: int) -> None:
        """Count the columns of a batch, in the order of the features; None is one that is missing in every row."""
        if self.names:
            self.count_vectors(rows)
        numpy = sys.modules.get("numpy")
        numbers: dict[int, list[tuple[NumberBins, Any]]] = {}
        for bins, column in zip(self.bins, columns, strict=True):
            kind = getattr(getattr(column, "dtype", None), "kind", "")
            if numpy is not None and isinstance(bins, NumberBins) and kind in _NUMBERS:
                numbers.setdefault(len(bins.edges), []).append((bins, column))
            elif column is None:
                bins.count(repeat(None, rows))
            else:
                bins.count(column.tolist() if hasattr(column, "tolist") else column)
        for alike in numbers.values():
            _count_matrix(numpy, [bins for bins, _ in alike], [column for _, column in alike])

    def count_stale(self, feature: str) -> None:
        """Count a value that was older than allowed."""
        bins = next((each for each in self.bins if each.name == feature), None)
        if bins is None:
            self._recorder.undeclared_now("feature", f"feature {name_in_words(feature)}")
        else:
            bins.failed[STALE_CHECK] += 1

    def reset(self) -> None:
        """Start again at zero."""
        self._rows = []
        for each in (*self.bins, *((self._answers,) if self._answers else ())):
            each.clear()


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return what takes the features out of a mapping, as fast as may be; raises KeyError if one is absent."""
    match names:
        case []:
            return lambda _: ()
        case [name]:
            return lambda features: (features[name],)
        case _:
            return itemgetter(*names)


def _times(values: Sequence[Any]) -> Iterable[tuple[Any, int]]:
    """Return each value and how often it is there."""
    if len(values) == 1:
        return ((values[0], 1),)
    try:
        return Counter(values).items()
    except TypeError:  # one that cannot be hashed
        return ((value, 1) for value in values)


_NUMBERS = frozenset("fiu")
"""Kinds of numpy's element types that hold floats and integers."""


def _count_matrix(numpy: Any, bins: Sequence[NumberBins], columns: Sequence[Any]) -> None:
    """Count columns of numbers with equally many edges; all that is implausible value by value.

    Comparing with one edge after the other is quicker than looking each value up: no branch depends on a value.
    """
    values = numpy.array(columns, dtype=float)
    low, high = (numpy.array(ends)[:, None] for ends in zip(*((each.low, each.high) for each in bins), strict=True))
    plausible = (values >= low) & (values <= high)
    places = numpy.zeros(values.shape, dtype=numpy.uint8)
    for edges in numpy.array([each.edges for each in bins]).T:
        places += (values >= edges[:, None]).view(numpy.uint8)
    width = len(bins[0].counts) + 1  # the last place is for what is not plausible
    if not plausible.all():
        places[~plausible] = width - 1
    rows = numpy.arange(len(bins))[:, None] * width
    counts = numpy.bincount((places + rows).ravel(), minlength=len(bins) * width).reshape(-1, width).tolist()
    for each, row, fine, (*counted, unusual) in zip(bins, values, plausible, counts, strict=True):
        each.add(counted, {})
        if unusual:
            each.count(row[~fine].tolist())


def copied(column: Any) -> Any:
    """Return a column that its owner may change meanwhile."""
    array = column.to_numpy() if hasattr(column, "to_numpy") else column
    return array.copy() if hasattr(array, "copy") else list(array)


def listed(column: Any) -> list[Any]:
    """Return a column as plain Python values."""
    return column.tolist() if hasattr(column, "tolist") else list(column)
