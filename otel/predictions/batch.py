"""Batches: columns of values, counted row by row, without a loop in Python where numpy is at hand.

numpy is never imported: who passes arrays has it loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from otel.predictions.model import ObservedModel
from otel.predictions.outcomes import Outcomes
from otel.recording.bins import NumberBins


def count_batch(
    model: ObservedModel,
    features: Mapping[str, Any],
    predicted: Sequence[Any] | None = None,
    *,
    score: Sequence[float] | None = None,
    confidence: Sequence[float] | None = None,
    seconds: float | None = None,
    segments: Mapping[str, Sequence[str]] | None = None,
) -> int:
    """Count a batch and return its number of rows.

    ``features`` maps a feature to its column, a sequence or a numpy array; a feature without a column is missing in
    every row.  ``predicted``, ``score``, ``confidence`` and the values of ``segments`` are columns too.  ``seconds`` is
    how long the batch took, and counts once for each row: that is how long its caller waited.  Raises ``ValueError`` if
    columns differ in length, before anything is counted.
    """
    outcomes, recorder = model.outcomes, model.recorder
    columns = [*features.values(), *(each for each in (predicted, score, confidence) if each is not None)]
    lengths = {len(column) for column in (*columns, *(segments or {}).values())}
    if len(lengths) != 1:
        raise ValueError(f"a batch needs columns of one length, and these have {sorted(lengths) or 'none'}")
    (rows,) = lengths
    for name in set(features.keys()) - set(outcomes.names):
        recorder.undeclared("feature", f"feature `{name}`")
    copies = [_copied(features[each.name]) if each.name in features else None for each in outcomes.bins]
    answers = [None if column is None else _listed(column) for column in (predicted, score, confidence)]
    parts = {name: _listed(values) for name, values in (segments or {}).items()}
    recorder.defer(_count_columns, outcomes, copies, rows)
    recorder.defer(_count_outcomes, model, answers, parts, seconds, rows)
    return rows


_NUMBERS = frozenset("fiu")
"""Kinds of numpy's element types that hold floats and integers."""


def _count_columns(outcomes: Outcomes, columns: Sequence[Any], rows: int) -> None:
    if outcomes.names:
        outcomes.count_vectors(rows)
    numpy = sys.modules.get("numpy")
    numbers: dict[int, list[tuple[NumberBins, Any]]] = {}
    for bins, column in zip(outcomes.bins, columns, strict=True):
        kind = getattr(getattr(column, "dtype", None), "kind", "")
        if numpy is not None and isinstance(bins, NumberBins) and kind in _NUMBERS:
            numbers.setdefault(len(bins.edges), []).append((bins, column))
        elif column is None:
            bins.count(repeat(None, rows))
        else:
            bins.count(column.tolist() if hasattr(column, "tolist") else column)
    for alike in numbers.values():
        _count_matrix(numpy, [bins for bins, _ in alike], [column for _, column in alike])


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


def _count_outcomes(
    model: ObservedModel,
    answers: Sequence[list[Any] | None],
    segments: Mapping[str, list[Any]],
    seconds: float | None,
    rows: int,
) -> None:
    outcomes = model.outcomes
    predicted, scores, confidences = answers
    if predicted is None:
        outcomes.count_unnamed(rows)
    else:
        outcomes.count_predicted(predicted)
    outcomes.count_scores(scores or [])
    if confidences is None and scores is not None:
        pairs = zip(predicted or repeat(None), scores, strict=False)
        confidences = [sure for answer, score in pairs if (sure := model.confidence(answer, score)) is not None]
    outcomes.count_confidences(confidences or [])
    if seconds is not None:
        outcomes.count_durations([seconds] * rows, None)
    for name, values in segments.items():
        outcomes.count_segments(name, values, "ok")


def _copied(column: Any) -> Any:
    """Return a column that its owner may change meanwhile."""
    array = column.to_numpy() if hasattr(column, "to_numpy") else column
    return array.copy() if hasattr(array, "copy") else list(array)


def _listed(column: Any) -> list[Any]:
    """Return a column as plain Python values."""
    return column.tolist() if hasattr(column, "tolist") else list(column)
