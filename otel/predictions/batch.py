"""Batches: columns of values, counted row by row, without a loop in Python where numpy is at hand.

numpy is never imported: who passes arrays has it loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from otel.predictions.model import ObservedModel
from otel.predictions.outcomes import copied, listed
from otel.recording.bins import is_missing
from otel.recording.inputs import WHAT_CAN_BE_READ, Columns, read_inputs
from otel.recording.recorder import name_in_words


def count_batch(
    model: ObservedModel,
    features: Any,
    predicted: Sequence[Any] | None = None,
    *,
    score: Sequence[float] | None = None,
    confidence: Sequence[float] | None = None,
    seconds: float | None = None,
    segments: Mapping[str, Sequence[str]] | None = None,
    groups: Mapping[str, Sequence[Any]] | None = None,
) -> int:
    """Count a batch and return its number of rows.

    ``features`` maps a feature to its column, a sequence or a numpy array, or is a DataFrame or a two-dimensional array
    (`otel.recording.inputs`); a feature without a column is missing in every row.  ``predicted``, ``score``,
    ``confidence`` and the values of ``segments`` and ``groups`` (of protected attributes) are columns too.  ``seconds``
    is how long the batch took, and counts once for each row: that is how long its caller waited.  Raises ``ValueError``
    if columns differ in length, before anything is counted.
    """
    outcomes, recorder = model.outcomes, model.recorder
    features = _columns(features, outcomes.names)
    columns = [*features.values(), *(each for each in (predicted, score, confidence) if each is not None)]
    lengths = {len(column) for column in (*columns, *(segments or {}).values(), *(groups or {}).values())}
    if len(lengths) != 1:
        raise ValueError(f"a batch needs columns of one length, and these have {sorted(lengths) or 'none'}")
    (rows,) = lengths
    for name in set(features.keys()) - set(outcomes.names):
        recorder.undeclared("feature", f"feature {name_in_words(name)}")
    copies = [copied(features[each.name]) if each.name in features else None for each in outcomes.bins]
    answers = [None if column is None else listed(column) for column in (predicted, score, confidence)]
    parts = {name: listed(values) for name, values in (segments or {}).items()}
    recorder.defer(outcomes.count_columns, copies, rows)
    recorder.defer(_count_outcomes, model, answers, parts, seconds, rows)
    if groups and answers[0] is not None:
        recorder.defer(_count_groups, model, {name: listed(column) for name, column in groups.items()}, answers[0])
    return rows


def _columns(features: Any, names: Sequence[str]) -> Mapping[str, Any]:
    if isinstance(features, Mapping):
        return features
    inputs = read_inputs(features, names)
    if inputs is None:
        raise ValueError(f"a {type(features).__name__} is no batch; pass a mapping of columns, or {WHAT_CAN_BE_READ}")
    return inputs.columns if isinstance(inputs, Columns) else {name: [value] for name, value in inputs.items()}


def _count_groups(model: ObservedModel, groups: Mapping[str, list[Any]], predicted: list[Any]) -> None:
    outcomes = model.outcomes
    for name, values in groups.items():
        said = [place for place, value in enumerate(values) if not is_missing(value)]
        found = (outcomes.group(name, values[place]) for place in said)
        outcomes.count_groups(name, found, (predicted[place] for place in said))


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
        confidences = [
            sure for answer, score in pairs if (sure := model.confidence(model.answer(answer), score)) is not None
        ]
    outcomes.count_confidences(confidences or [])
    if seconds is not None:
        outcomes.count_durations([seconds] * rows, None)
    for name, values in segments.items():
        outcomes.count_segments(name, values, "ok")
