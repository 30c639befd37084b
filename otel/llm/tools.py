"""What an application does around its calls: tools, runs of an agent, retrieval.  Context managers, sync and async."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

from otel.llm.counts import LlmCounts
from otel.llm.terms import call_error
from otel.recording.errors import TIMEOUT, UNAVAILABLE
from otel.recording.notices import guarded
from otel.recording.spans import enter_span, fail_span, leave_span

if TYPE_CHECKING:
    from typing import Self


EXECUTE_TOOL: Final = "execute_tool"
"""The operation, and the beginning of the name, of a tool's span."""

CANCELLED: Final = "CancelledError"
"""Name of asyncio's exception, which is not imported for it."""

LOOP_STEPS: Final = 3
"""Equal steps of a run from which it counts as a loop."""


class _Timed:
    """Measures the seconds of a block, and hands the exception that left it to ``_ended``."""

    __slots__ = ("_counts", "_started")

    def __init__(self, counts: LlmCounts) -> None:
        self._counts = counts
        self._started = 0.0

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        left = None if isinstance(exception, GeneratorExit) else exception
        self._ended(time.perf_counter() - self._started, left)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, exception, traceback)

    def _ended(self, seconds: float, exception: BaseException | None) -> None:
        raise NotImplementedError


@guarded
class ToolCall(_Timed):
    """A call of a tool: span ``execute_tool <name>``, ``ml.agent.tool`` and its duration in seconds."""

    __slots__ = ("_name", "_outcome", "_outside", "span")

    def __init__(self, counts: LlmCounts, name: str) -> None:
        super().__init__(counts)
        self._name = name
        self._outcome: str | None = None
        self._outside = Context()
        self.span: Span = trace.INVALID_SPAN

    def __enter__(self) -> Self:
        counts = self._counts
        names = counts.settings.profile.attributes
        self.span = counts.tracer.start_span(
            f"{EXECUTE_TOOL} {self._name}",
            kind=SpanKind.INTERNAL,
            attributes={**counts.attributes, names["operation"]: EXECUTE_TOOL, names["tool"]: self._name},
        )
        self._outside = enter_span(self.span)
        return super().__enter__()

    def denied(self) -> None:
        """Say that policy forbade the call."""
        self._outcome = "denied"

    def invalid_arguments(self) -> None:
        """Say that the model called the tool with arguments that it does not take."""
        self._outcome = "invalid_arguments"

    def failed(self, outcome: str = "error") -> None:
        """Say that the call failed although no exception leaves the block: ``error`` or ``timeout``."""
        self._outcome = outcome

    def _ended(self, seconds: float, exception: BaseException | None) -> None:
        leave_span(self.span, self._outside)
        failure = None
        if exception is not None:
            failure = TIMEOUT if call_error(exception) == TIMEOUT else "error"
        outcome = self._outcome or failure or "success"
        if outcome != "success":
            fail_span(self.span, outcome)
        self.span.end()
        self._counts.recorder.add("tools", 1, self._name, outcome)
        self._counts.recorder.record("tool_duration", seconds, self._name)


@guarded
class AgentRun(_Timed):
    """A run of an agent, from task to result: outcome, duration in seconds, steps, loops."""

    __slots__ = ("_looped", "_outcome", "_seen", "_steps")

    def __init__(self, counts: LlmCounts) -> None:
        super().__init__(counts)
        self._outcome: str | None = None
        self._seen: Counter[object] = Counter()
        self._steps = 0
        self._looped = False

    def step(self, action: object = None) -> int:
        """Count a step; return how often the run took the same ``action``, which is anything that can be hashed.

        From the third time on it counts as a loop, and the caller had better stop it.
        """
        self._steps += 1
        if action is None:
            return 1
        try:
            self._seen[action] += 1
        except TypeError:
            return 1
        if self._seen[action] >= LOOP_STEPS:
            self.looped()
        return self._seen[action]

    def looped(self) -> None:
        """Count that the run repeats itself, once a run."""
        if not self._looped:
            self._looped = True
            self._counts.recorder.add("loops", 1)

    def ended(self, outcome: str) -> None:
        """Say how the run ended: ``success``, ``failure``, ``handed_over``, ``limit`` (of steps), ``cancelled``."""
        self._outcome = outcome

    def handed_over(self) -> None:
        """Say that the run handed its task to a person."""
        self.ended("handed_over")

    def _ended(self, seconds: float, exception: BaseException | None) -> None:
        outcome = self._outcome
        if outcome is None and exception is not None:
            outcome = "cancelled" if type(exception).__name__ == CANCELLED else "failure"
        self._counts.recorder.add("runs", 1, outcome or "success")
        self._counts.recorder.record("run_duration", seconds)
        self._counts.recorder.record("steps", self._steps)


@guarded
class Retrieval(_Timed):
    """The search for documents of one question: its duration in seconds, and what it found."""

    __slots__ = ("_result",)

    def __init__(self, counts: LlmCounts) -> None:
        super().__init__(counts)
        self._result: str | None = None

    def found(self, relevant: int = 0, weak: int = 0) -> None:
        """Say how many documents were above the limit of relevance, and how many only below it."""
        self._result = "relevant" if relevant > 0 else "weak" if weak > 0 else "empty"

    def _ended(self, seconds: float, exception: BaseException | None) -> None:
        error = None
        if exception is not None:
            found = call_error(exception)
            error = found if found in (TIMEOUT, UNAVAILABLE) else "internal"
        elif self._result is not None:
            self._counts.recorder.add("retrievals", 1, self._result)
        self._counts.recorder.record("retrieval", seconds, error)
