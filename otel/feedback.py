"""What people say of an answer, and what they do with it."""

from __future__ import annotations

from typing import Any

from otel.notices import Emit
from otel.recorder import Recorder

FEEDBACK_EVENT = "ml.feedback.received"
"""Name of the event that joins feedback with its prediction; metrics carry no ids."""


class Feedback:
    """Counts feedback of people, explicit and implicit, and writes an event for each."""

    def __init__(self, recorder: Recorder, emit: Emit) -> None:
        self._recorder = recorder
        self._emit = emit

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
        attributes: dict[str, Any] = {"ml.feedback.source": source, "ml.feedback.verdict": verdict}
        if prediction_id is not None:
            attributes["prediction.id"] = prediction_id
        if request_id is not None:
            attributes["request.id"] = request_id
        self._emit(FEEDBACK_EVENT, attributes)
