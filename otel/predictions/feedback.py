"""What people say of an answer, and what they do with it."""

from __future__ import annotations

from otel.recording.notices import Emit, guarded
from otel.recording.recorder import Recorder
from otel.semconv import (
    FEEDBACK_RECEIVED,
    FEEDBACK_SOURCE,
    FEEDBACK_VERDICT,
    METRIC_PREFIX,
    PREDICTION_ID,
    REQUEST_ID,
)


@guarded
class Feedback:
    """Counts feedback of people, explicit and implicit, and writes an event for each.

    The event joins feedback with its prediction, for metrics carry no ids.  ``prefix`` is that of the platform.
    """

    def __init__(self, recorder: Recorder, emit: Emit, prefix: str = METRIC_PREFIX) -> None:
        self._recorder = recorder
        self._emit = emit
        self._prefix = prefix

    def explicit(
        self,
        verdict: str,
        category: str | None = None,
        *,
        prediction_id: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Count what a user said of an answer.

        ``verdict`` is ``up``, ``down`` or ``report``; ``category`` the reason given with the last two: ``wrong``,
        ``unhelpful``, ``slow``, ``harmful``, ``other``.
        """
        self._recorder.add("feedback", 1, verdict, category)
        self._received("explicit", verdict, prediction_id, request_id)

    def implicit(self, reaction: str, *, prediction_id: str | None = None, request_id: str | None = None) -> None:
        """Count what a user did with an answer: ``copied``, ``kept``, ``regenerated``, ``edited``, ``abandoned``."""
        self._recorder.add("reactions", 1, reaction)
        self._received("implicit", reaction, prediction_id, request_id)

    def _received(self, source: str, verdict: str, prediction_id: str | None, request_id: str | None) -> None:
        prefix = self._prefix
        attributes = {f"{prefix}.{FEEDBACK_SOURCE}": source, f"{prefix}.{FEEDBACK_VERDICT}": verdict}
        if prediction_id is not None:
            attributes[PREDICTION_ID] = prediction_id
        if request_id is not None:
            attributes[REQUEST_ID] = request_id
        self._emit(f"{prefix}.{FEEDBACK_RECEIVED}", attributes)
