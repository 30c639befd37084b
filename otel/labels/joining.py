"""Labels that come late: what was true is joined with what was predicted, and counted.

A label by the id of a request counts for all predictions of that request.  It is counted once, when it arrives.
Counters only rise, so a correction is not applied: a second label for the same prediction finds nothing waiting,
returns False and counts as ``undeclared`` of kind ``label``, as do a label for a prediction that is unknown or
forgotten and one that says nothing (None, NaN).  Deliver labels when they are final.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from otel.export.pipeline import Pump
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
from otel.recording.answers import ClassNames, single
from otel.recording.bins import OTHER, as_number, is_missing, score_bin
from otel.recording.cells import attribute_text
from otel.recording.derived import confusion_cell
from otel.recording.notices import Once, guarded
from otel.recording.recorder import Recorder

PENDING: Final = 100_000
"""Predictions that wait in memory to be stored, at most."""


LATE: Final = 10_000
"""Labels that wait for a store that is locked, at most."""
RETRY_SECONDS: Final = 1.0


class _Label(NamedTuple):
    """A label: for what, the truth, when it was known in seconds since 1970, and from whom."""

    identifier: str
    truth: str | float | bool
    at: float
    source: str | None


@guarded
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
        self._names = ClassNames(manifest.output)
        self._classes = frozenset(manifest.output.classes)
        self._source = manifest.labels.source
        self._delay = manifest.labels.delay_seconds or 0.0
        self._declared = frozenset(manifest.metrics)
        self._pending: deque[Row] = deque(maxlen=PENDING)
        self._late: deque[_Label] = deque(maxlen=LATE)
        self._storing = threading.Lock()
        self._pump = Pump("otel-labels", self._work, RETRY_SECONDS)
        self._once = Once()
        if store is not None:
            recorder.after_fold(self._wake)

    def keep_in(self, store: LabelStore) -> None:
        """Keep predictions in another store from now on."""
        self.store_pending()
        if self._store is None:
            self._recorder.after_fold(self._wake)
        self._store = store

    def _wake(self) -> None:
        """Let the thread of the store have what a fold has found."""
        if self._pending:
            self._pump.wake()

    def _work(self) -> None:
        self.store_pending()
        for _ in range(len(self._late)):
            label = self._late.popleft()
            if self._join(label) is None:
                self._late.append(label)
                break

    # --- the two ways in ------------------------------------------------------------------------------------

    def remember(self, prediction_id: str, joined: Joined) -> None:
        """Keep what a label of this prediction will be compared with; stored after the fold."""
        if self._store is not None:
            self._pending.append((prediction_id, joined))

    def label(
        self, identifier: str, actual: Any, at: float | datetime | str | None = None, source: str | None = None
    ) -> bool:
        """Count the label of what was predicted here; say whether it was counted.

        ``identifier`` is that of a prediction, or of a request, whose predictions then all count.  ``at`` is when the
        truth was known: seconds since 1970, a datetime, or a text as in ISO 8601; now unless given.  ``source`` is
        ``human`` or ``system`` (what the spec says unless given).  Where the store is locked by another process the
        label is taken, counted later, and True returned.
        """
        truth = self._truth(actual)
        if truth is None:
            return self._uncounted()
        when = self._time(at)
        counted = self._join(_Label(str(identifier), truth, when, source))
        if counted is None:
            self._late.append(_Label(str(identifier), truth, when, source))
            self._pump.wake(RETRY_SECONDS)
        return counted is not False

    def label_now(
        self, joined: Joined, actual: Any, at: float | datetime | str | None = None, source: str | None = None
    ) -> None:
        """Count the label of a prediction that was never stored; only for what runs in a fold."""
        truth = self._truth(actual)
        if truth is None:
            self._uncounted()
        else:
            self._count(joined, truth, self._time(at) - joined.at, source)

    def _join(self, label: _Label) -> bool | None:
        """Count a label with what it is for; say whether there was anything, None if the store cannot say now."""
        try:
            found = self._take(label.identifier)
        except Exception as error:  # a store of any kind may fail in any way
            self._once.warn("take", "predictions cannot be read now, their labels are tried again: %s", error)
            return None
        for joined in found:
            self._recorder.defer(self._count, joined, label.truth, label.at - joined.at, label.source)
        return True if found else self._uncounted()

    def _time(self, at: float | datetime | str | None) -> float:
        """Return seconds since 1970; now for what says no time, which counts as undeclared."""
        try:
            if isinstance(at, str):
                at = datetime.fromisoformat(at)
            found = self._clock() if at is None else at.timestamp() if isinstance(at, datetime) else float(at)
            if math.isfinite(found):
                return found
        except (TypeError, ValueError, OverflowError, OSError):
            pass
        self._recorder.undeclared("value", "time of a label: seconds since 1970, a datetime, or an ISO 8601 text")
        return self._clock()

    def label_with(
        self,
        predicted: Any,
        actual: Any,
        score: float | None = None,
        segments: Segments = (),
        age_seconds: float | None = None,
        source: str | None = None,
        interval: Interval | None = None,
        groups: Iterable[tuple[str, str]] = (),
    ) -> bool:
        """Count a label together with the prediction that it is for; say whether it was counted.

        For services that keep their predictions themselves.  ``score`` is the probability of the positive class,
        ``age_seconds`` the time since the prediction (the delay of the spec unless given), ``interval`` the 90 %
        interval of a predicted number, ``groups`` protected attributes with the group that is counted.
        """
        truth = self._truth(actual)
        answer = self._answer(predicted, truth)
        if truth is None or answer is None:
            return self._uncounted()
        joined = Joined(0.0, answer, as_number(score), segment_texts(segments), interval, groups=tuple(groups))
        self._recorder.defer(self._count, joined, truth, self._delay if age_seconds is None else age_seconds, source)
        return True

    def store_pending(self) -> None:
        """Store what waits in memory, in one go; what cannot be stored now waits on, within bounds."""
        with self._storing:
            rows: list[Row] = []
            while self._pending:
                rows.append(self._pending.popleft())
            if not rows or self._store is None:
                return
            try:
                forgotten = self._store.put(rows)
            except Exception as error:  # a store of any kind may fail in any way
                self._once.warn("put", "predictions cannot be stored now, which is tried again: %s", error)
                room = PENDING - len(self._pending)
                self._pending.extendleft(reversed(rows[-room:] if room else []))
                forgotten = max(len(rows) - room, 0)
                self._pump.wake(RETRY_SECONDS)
        if forgotten:
            self._once.warn("forgotten", "predictions are forgotten before their label comes: enlarge the store")
            self._recorder.defer(self._add, "labels_forgotten", forgotten)

    def flush(self, timeout: float) -> bool:
        """Store what waits and try late labels again, in at most ``timeout`` seconds; whether nothing waits."""
        if self._pending or self._late:
            self._pump.flush(timeout)
        return not (self._pending or self._late)

    def reset(self) -> None:
        """Forget what waits: in a forked child, whose parent stores it."""
        self._pending.clear()
        self._late.clear()
        self._storing = threading.Lock()
        self._pump.forked()

    def close(self) -> None:
        """Store what waits, and close the store."""
        self.store_pending()
        if self._store is not None:
            self._store.close()

    # --- reading values -------------------------------------------------------------------------------------

    def _take(self, identifier: str) -> Sequence[Joined]:
        """Return what was predicted under an id, also what is not stored yet; raises what the store raises."""
        if self._store is None:
            self._once.warn("store", "a label came for a prediction, and no store keeps predictions: pass one")
            return ()
        found = self._stored(self._store, identifier)
        if not found:
            self._recorder.fold()
            self.store_pending()
            found = self._stored(self._store, identifier)
        return found

    def _stored(self, store: LabelStore, identifier: str) -> Sequence[Joined]:
        one = store.take(identifier)
        if one is not None:
            return (one,)
        take_request = getattr(store, "take_request", None)
        return () if take_request is None else take_request(identifier)

    def _truth(self, actual: Any) -> str | float | bool | None:
        """Return a class, a number, or a plain verdict; None if the label says nothing that the spec knows."""
        if self._classes:
            return None if is_missing(actual) else self._class_name(actual)
        if is_missing(actual):
            return None
        if "residuals" in self._declared:
            return as_number(actual)
        return actual if isinstance(actual, bool) else attribute_text(single(actual))

    def _answer(self, predicted: Any, truth: Any) -> str | float | None:
        if isinstance(truth, bool) and predicted is None:
            return "true"  # the verdict itself says whether the answer was right
        found = self._truth(predicted)
        return attribute_text(found) if isinstance(found, bool) else found

    def _class_name(self, value: Any) -> str | None:
        """Return the declared class that a value stands for."""
        found = self._names.find(value)
        if found is not None or OTHER in self._classes:
            return found or OTHER
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
        for attribute, group in joined.groups:
            cell = confusion_cell(self._output.positive, str(actual), str(predicted))
            self._add("group_outcomes", 1, attribute, group, cell)
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
