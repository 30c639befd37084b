"""Labels that come late: what was true is joined with what was predicted, and counted.

A label is counted once, when it arrives.  Counters only rise, so a correction is not applied: a second label for the
same prediction finds nothing waiting, returns False and counts as ``undeclared`` of kind ``label``, as do a label for a
prediction that is unknown or forgotten and one that says nothing (None, NaN).  Deliver labels when they are final.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from otel.labels.stores import Joined, LabelStore, Row
from otel.labels.terms import (
    SCORE_LABELS,
    Interval,
    Segments,
    age_class,
    error_sign,
    interval_position,
    segment_texts,
)
from otel.manifest import Manifest
from otel.recording.bins import OTHER, as_number, is_missing, score_bin
from otel.recording.cells import attribute_text
from otel.recording.notices import Once
from otel.recording.recorder import Recorder

PENDING: Final = 100_000
"""Predictions that wait in memory to be stored, at most."""


class Labels:
    """Joins labels with predictions and counts what the spec declares of both.

    ``store`` keeps predictions until their label comes; without one only :meth:`label_with` counts.
    """

    def __init__(
        self,
        recorder: Recorder,
        manifest: Manifest,
        store: LabelStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._recorder = recorder
        self._store = store
        self._clock = clock
        self._output = manifest.output
        self._classes = frozenset(manifest.output.classes)
        self._source = manifest.labels.source
        self._delay = manifest.labels.delay_seconds or 0.0
        self._declared = frozenset(manifest.metrics)
        self._pending: deque[Row] = deque(maxlen=PENDING)
        self._once = Once()
        if store is not None:
            recorder.after_fold(self.store_pending)

    def keep_in(self, store: LabelStore) -> None:
        """Keep predictions in another store from now on."""
        self.store_pending()
        if self._store is None:
            self._recorder.after_fold(self.store_pending)
        self._store = store

    # --- the two ways in ------------------------------------------------------------------------------------

    def remember(self, prediction_id: str, joined: Joined) -> None:
        """Keep what a label of this prediction will be compared with; the end of each fold stores it."""
        if self._store is not None:
            self._pending.append((prediction_id, joined))

    def label(
        self, prediction_id: str, actual: Any, at: float | datetime | None = None, source: str | None = None
    ) -> bool:
        """Count the label of a prediction made here; say whether it was counted.

        ``at`` is when the truth was known (seconds since 1970, or a datetime; now unless given), ``source`` is
        ``human`` or ``system`` (what the spec says unless given).
        """
        truth = self._truth(actual)
        joined = None if truth is None else self._take(prediction_id)
        if joined is None:
            return self._uncounted()
        when = at.timestamp() if isinstance(at, datetime) else self._clock() if at is None else at
        self._recorder.defer(self._count, joined, truth, when - joined.at, source)
        return True

    def label_with(
        self,
        predicted: Any,
        actual: Any,
        score: float | None = None,
        segments: Segments = (),
        age_seconds: float | None = None,
        source: str | None = None,
        interval: Interval | None = None,
    ) -> bool:
        """Count a label together with the prediction that it is for; say whether it was counted.

        For services that keep their predictions themselves.  ``score`` is the probability of the positive class,
        ``age_seconds`` the time since the prediction (the delay of the spec unless given), ``interval`` the 90 %
        interval of a predicted number.
        """
        truth = self._truth(actual)
        answer = self._answer(predicted, truth)
        if truth is None or answer is None:
            return self._uncounted()
        joined = Joined(0.0, answer, as_number(score), segment_texts(segments), interval)
        self._recorder.defer(self._count, joined, truth, self._delay if age_seconds is None else age_seconds, source)
        return True

    def store_pending(self) -> None:
        """Store what waits in memory, in one go; runs at the end of each fold."""
        rows: list[Row] = []
        while self._pending:
            rows.append(self._pending.popleft())
        if not rows or self._store is None:
            return
        try:
            forgotten = self._store.put(rows)
        except Exception as error:  # a store of any kind may fail in any way
            forgotten = len(rows)
            self._once.warn("put", "predictions cannot be stored, so their labels will not count: %s", error)
        if forgotten:
            self._once.warn("forgotten", "predictions are forgotten before their label comes: enlarge the store")
            self._add("labels_forgotten", forgotten)

    def reset(self) -> None:
        """Forget what waits: in a forked child, whose parent stores it."""
        self._pending.clear()

    def close(self) -> None:
        """Store what waits, and close the store."""
        self.store_pending()
        if self._store is not None:
            self._store.close()

    # --- reading values -------------------------------------------------------------------------------------

    def _take(self, prediction_id: str) -> Joined | None:
        """Return the prediction, also one that the folding thread has not stored yet."""
        if self._store is None:
            self._once.warn("store", "a label came for a prediction, and no store keeps predictions: pass one")
            return None
        try:
            found = self._store.take(prediction_id)
            if found is None:
                self._recorder.fold()
                found = self._store.take(prediction_id)
        except Exception as error:  # as above
            self._once.warn("take", "predictions cannot be read, so their labels do not count: %s", error)
            return None
        return found

    def _truth(self, actual: Any) -> str | float | bool | None:
        """Return a class, a number, or a plain verdict; None if the label says nothing that the spec knows."""
        if isinstance(actual, str) and actual in self._classes:
            return str(actual)
        if is_missing(actual):
            return None
        if self._classes:
            return self._class_name(actual)
        if "residuals" in self._declared:
            return as_number(actual)
        return actual if isinstance(actual, bool) else attribute_text(_plain(actual))

    def _answer(self, predicted: Any, truth: Any) -> str | float | None:
        if isinstance(truth, bool) and predicted is None:
            return "true"  # the verdict itself says whether the answer was right
        found = self._truth(predicted)
        return attribute_text(found) if isinstance(found, bool) else found

    def _class_name(self, value: Any) -> str | None:
        """Return the declared class: flags name the positive class or the other one, whole numbers themselves."""
        plain = _plain(value)
        text = attribute_text(plain)
        if text in self._classes:
            return text
        if isinstance(plain, bool) and self._output.positive and len(self._classes) == 2:
            (negative,) = self._classes - {self._output.positive}
            return self._output.positive if plain else negative
        if isinstance(plain, float) and plain.is_integer() and str(int(plain)) in self._classes:
            return str(int(plain))
        if OTHER in self._classes:
            return OTHER
        self._recorder.undeclared("class", "class of a label")
        return None

    def _uncounted(self) -> bool:
        self._recorder.undeclared("label", "label: unknown or forgotten prediction, second label, or no value")
        return False

    # --- counting, in the folding thread --------------------------------------------------------------------

    def _count(self, joined: Joined, truth: str | float | bool, age_seconds: float, source: str | None) -> None:
        self._add("labels", 1, age_class(age_seconds), source or self._source)
        if isinstance(truth, float):
            self._count_number(joined, truth)
        else:
            self._count_class(joined, truth)

    def _count_class(self, joined: Joined, truth: str | bool) -> None:
        actual, predicted = attribute_text(truth), self._answer(joined.predicted, truth)
        if predicted is None:
            return
        self._add("confusion", 1, actual, predicted)
        result = "correct" if actual == predicted else "incorrect"
        for segment in joined.segments:
            self._add("segment_labels", 1, segment, result)
        if joined.score is None:
            return
        if not 0 <= joined.score <= 1:
            self._recorder.undeclared_now("value", "score outside 0 to 1")
            return
        self._count_score(score_bin(joined.score), joined.score, positive=actual == self._output.positive)

    def _count_score(self, position: int, score: float, *, positive: bool) -> None:
        self._add("scores", 1, SCORE_LABELS[position], "positive" if positive else "negative")
        self._add("scores_sum", score, SCORE_LABELS[position])
        if not positive:
            self._add("scores_below", 0.5, SCORE_LABELS[position])
            for above in SCORE_LABELS[position + 1 :]:
                self._add("scores_below", 1, above)

    def _count_number(self, joined: Joined, actual: float) -> None:
        predicted = as_number(joined.predicted)
        error = math.inf if predicted is None else abs(predicted - actual)
        if predicted is None or not math.isfinite(error * error):
            self._recorder.undeclared_now("value", "predicted number")
            return
        self._add("residuals", 1, error_sign(predicted, actual))
        self._add("residual_absolute", error)
        self._add("residual_square", error * error)
        self._add("target_absolute", abs(actual))
        if joined.interval is not None:
            self._add("intervals", 1, interval_position(joined.interval, actual))
        for segment in joined.segments:
            self._add("segment_residuals", 1, segment)
            self._add("segment_residual_absolute", error, segment)
            self._add("segment_target_absolute", abs(actual), segment)

    def _add(self, metric: str, amount: float, *values: Any) -> None:
        if metric in self._declared:
            self._recorder.add_now(metric, amount, values)


def _plain(value: Any) -> Any:
    """Return a numpy scalar as the Python value that it holds, anything else as it is."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", 1) == 0 else value
