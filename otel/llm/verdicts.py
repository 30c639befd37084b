"""What an application finds out about prompts, answers and conversations: counted without their content."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from otel.llm.counts import LlmCounts
from otel.recording.bins import as_number
from otel.recording.notices import guarded

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"
"""Name of the event that joins a verdict with its answer; metrics carry no ids."""

TURNS: Final = ((1, "1"), (2, "2"), (5, "3-5"), (10, "6-10"))
"""Last turn that each value of ``turn`` holds; the rest is ``more``."""


@guarded
class LlmVerdicts:
    """The small methods; each counts once, costs about a microsecond and never raises."""

    __slots__ = ("counts",)

    def __init__(self, counts: LlmCounts) -> None:
        self.counts = counts

    # --- safety -------------------------------------------------------------------------------------------------

    def guard(self, guard: str, action: str) -> None:
        """Count what a guard found (``prompt_injection``, ``pii_answer``, …): ``blocked``, ``redacted``, ``passed``."""
        self.counts.recorder.add("guard", 1, guard, action)

    def refused(self) -> None:
        """Count an answer in which the model refused."""
        self.counts.recorder.add("refusals", 1)

    def invalid(self, check: str) -> None:
        """Count an answer that failed validation: ``empty``, ``too_long``, ``repetition``, ``format`` and so on."""
        self.counts.recorder.add("invalid_answers", 1, check)

    # --- quality ------------------------------------------------------------------------------------------------

    def evaluated(
        self, evaluation: str, *, passed: bool, score: float | None = None, response_id: str | None = None, **ids: str
    ) -> None:
        """Count the verdict of an evaluator, and write it as an event of the GenAI conventions.

        ``score`` lies between 0 and 1, higher is better; without one, or with another number, a verdict adds 1 or 0, so
        that mean scores stay means.  ``ids``, such as ``prediction_id``, go to the event.
        """
        label = "pass" if passed else "fail"
        number = as_number(score)
        if number is not None and not 0 <= number <= 1:
            number = None
        self.counts.recorder.add("evaluations", 1, evaluation, label)
        self.counts.recorder.add("evaluation_scores", float(passed) if number is None else number, evaluation)
        names = self.counts.settings.profile.attributes
        if "evaluation" not in names:
            return
        attributes: dict[str, Any] = {names["evaluation"]: evaluation, names["evaluation_label"]: label}
        if number is not None:
            attributes[names["evaluation_score"]] = number
        if response_id is not None:
            attributes[names["response_id"]] = response_id
        self.counts.emit(EVALUATION_EVENT, attributes | {key.replace("_", "."): value for key, value in ids.items()})

    # --- cache and routing --------------------------------------------------------------------------------------

    def cache(self, result: str, *, age: float | None = None, saved: Decimal | float | None = None) -> None:
        """Count a look into the cache of answers: ``hit``, ``miss`` or ``expired``.

        ``age`` is that of the answer in seconds, ``saved`` what making it anew would have cost, in the spec's currency.
        """
        self.counts.recorder.add("cache", 1, result)
        if age is not None:
            self.counts.recorder.record("cache_age", age)
        if saved is not None:
            self.counts.recorder.add("cache_savings", float(saved))

    def cache_evicted(self, reason: str, entries: int = 1) -> None:
        """Count entries that left the cache: for ``size``, ``age``, or ``invalidated``."""
        self.counts.recorder.add("cache_evictions", entries, reason)

    def escalated(self, tier: str, reason: str) -> None:
        """Count a request that ``tier`` handed on: ``low_confidence``, ``too_long``, ``failure``, ``user_request``."""
        self.counts.recorder.add("escalations", 1, tier, reason)

    def retried(self, reason: str | BaseException) -> None:
        """Count a call that is made again, because of an exception, or ``rate_limit`` and the like."""
        self.counts.retried(reason)

    # --- documents ----------------------------------------------------------------------------------------------

    def cited(self, citation: str, citations: int = 1) -> None:
        """Count citations of an answer: ``valid``, ``unsupported`` (not said there), ``unknown_source``."""
        self.counts.recorder.add("citations", citations, citation)

    def indexed(self, at: float | datetime) -> None:
        """Say when the newest document entered the index, in seconds since 1970 or as a datetime."""
        self.counts.recorder.set("index_built", at.timestamp() if isinstance(at, datetime) else at)

    # --- conversations ------------------------------------------------------------------------------------------

    def turn(self, number: int) -> None:
        """Count a turn of a user, by its number in the conversation, from 1."""
        self.counts.recorder.add("turns", 1, next((name for last, name in TURNS if number <= last), "more"))

    def conversation(self, outcome: str) -> None:
        """Count a conversation that ended: ``solved``, ``handed_over``, ``abandoned``."""
        self.counts.recorder.add("conversations", 1, outcome)
