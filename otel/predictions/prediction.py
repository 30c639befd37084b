"""One prediction while it is made: its spans, and what its service says of it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, TypeAlias

from opentelemetry import context as context_api
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

from otel.llm.requests import LlmRequest
from otel.predictions.model import ObservedModel
from otel.predictions.outcomes import Outcome
from otel.recording.answers import single
from otel.recording.bins import as_number
from otel.recording.cells import safe_text
from otel.recording.errors import CANCELLED
from otel.recording.inputs import Columns, Inputs
from otel.recording.notices import guarded, guards_itself, report_failure
from otel.recording.spans import enter_span, fail_span, leave_span
from otel.semconv import ERROR_TYPE, PREDICTION_CLASS, PREDICTION_CONFIDENCE, PREDICTION_FALLBACK, REQUEST_ID

Stage: TypeAlias = Literal["feature_vectorize", "model_infer", "post_process"]
"""The parts of a prediction, in their order; each becomes a span inside ``receive_request``."""

REQUEST_SPAN: Final = "receive_request"
INFER_SPAN: Final = "model_infer"

_CURRENT: Final = context_api.create_key("watchspec-prediction")


def current() -> Prediction | None:
    """Return the prediction that is being made here, if any."""
    return context_api.get_value(_CURRENT)  # type: ignore[return-value]


def stage(name: Stage) -> AbstractContextManager[object]:
    """Open the span of a part of the current prediction, if any: ``with otel.stage("model_infer"):``."""
    prediction = current()
    return nullcontext() if prediction is None else prediction.stage(name)


@guarded
class Prediction:
    """A context manager around one request, from its arrival to its answer.  Nothing in it raises.

    ``id`` joins a label to it later; a label for the request id reaches all predictions of the
    request.  ``context`` is the one in which its
    span is current.  ``started`` is in seconds of ``time.perf_counter``.
    """

    __slots__ = (
        "_inputs", "_inside", "_llm", "_outcome", "_outside", "_stage", "context", "model", "span", "started",
    )  # fmt: skip

    def __init__(self, model: ObservedModel, request_id: str | None = None, prediction_id: str | None = None) -> None:
        self.model = model
        ids = [None if each is None else safe_text(each) for each in (request_id, prediction_id)]
        self._outcome = Outcome(request_id=ids[0], prediction_id=ids[1])
        self._inputs: Inputs | None = None
        self._llm: LlmRequest | None = None
        self._stage: Span | None = None
        self._inside: Context | None = None
        self._outside = Context()
        self.context = Context()
        self.span: Span = trace.INVALID_SPAN
        self.started = 0.0

    @property
    def id(self) -> str:
        """What identifies the prediction when its label arrives."""
        return self._outcome.id

    @property
    def rows(self) -> int:
        """How many rows of features it answers for."""
        return self._inputs.rows if isinstance(self._inputs, Columns) else 1

    @property
    def request_id(self) -> str | None:
        """The caller's X-Request-ID, if there was one."""
        return self._outcome.request_id

    @property
    def llm(self) -> LlmRequest:
        """What an LLM application says of this request: ``with p.llm(tier="small") as call:``."""
        if self._llm is None:
            self._llm = LlmRequest(self.model.llm.counts)
        return self._llm

    # --- what the service says ----------------------------------------------------------------------------------

    def features(self, values: Any) -> None:
        """Say what the model reads; values of any kind, counted by bin and checked.  More calls add to the first.

        ``values`` maps features to values, or is one of what `otel.recording.inputs` reads: a row of pandas, an array
        in the order of the spec, a dataclass or pydantic object, or several rows.
        """
        found = self.model.read(values)
        if found is not None:
            self.take(found)

    def take(self, inputs: Inputs) -> None:
        """Take inputs that are read already."""
        before = self._inputs
        if before is not None and not isinstance(before, Columns) and not isinstance(inputs, Columns):
            inputs = {**before, **inputs}
        self._inputs = inputs

    def output(
        self,
        predicted: Any = None,
        *,
        score: float | None = None,
        confidence: float | None = None,
        interval: tuple[float, float] | None = None,
    ) -> None:
        """Say what the model answered.

        ``predicted`` is a class or a number, ``score`` that of the positive class and ``confidence`` that of the
        answer, both from 0 to 1; without a confidence, that of a score follows: how likely the predicted side of two
        is.  ``interval`` is the 90 % interval of a number.
        """
        outcome = self._outcome
        predicted = self.model.answer(predicted)
        outcome.predicted = predicted
        outcome.score = as_number(score)
        outcome.interval = interval
        sure = self.model.confidence(predicted, score) if confidence is None else as_number(single(confidence))
        outcome.confidence = sure
        attributes: dict[str, Any] = {}
        if isinstance(predicted, str):
            attributes[PREDICTION_CLASS] = safe_text(predicted)
        if sure is not None:
            attributes[PREDICTION_CONFIDENCE] = sure
        (self._stage or self.span).set_attributes(attributes)

    def answers(self, predicted: list[Any]) -> None:
        """Say what the model answered for several rows, one after the other."""
        self._outcome.answers = [self.model.answer(each) for each in predicted]

    def segment(self, **values: Any) -> None:
        """Say which segments the request belongs to: ``segment(site="hamburg")``."""
        texts = {name: safe_text(value) for name, value in values.items()}
        self._outcome.segments = {**(self._outcome.segments or {}), **texts}

    def group(self, **values: Any) -> None:
        """Say which groups of protected attributes the person belongs to: ``group(gender="female")``.

        A value that the spec does not list counts as ``other`` where that is listed, else as ``unseen``. Groups are
        counted, and wait with the prediction for its label; they go to no span and no log.
        """
        self._outcome.groups = {**(self._outcome.groups or {}), **self.model.outcomes.groups(values)}

    def fallback(self, reason: str) -> None:
        """Say that the fallback policy answered instead of the model, and why."""
        self._outcome.fallback = safe_text(reason)
        self.span.set_attribute(PREDICTION_FALLBACK, self._outcome.fallback)

    def guard(self, features: Any, *, complete: bool = False) -> str | None:
        """Check inputs before the model sees them.

        Returns None if the model may answer, ``outlier`` if the fallback policy should (a number further than three
        standard deviations from the baseline; counted as fallback), ``schema`` if the request should be refused (a
        value of the wrong type, or with ``complete`` one that is missing; counted as rejected).
        """
        reason = self.model.verdict(features, complete=complete)
        if reason == "outlier":
            self.fallback(reason)
        elif reason is not None:
            self.model.reject(reason)
        return reason

    def override(self, direction: str, reason: str) -> None:
        """Count that a person changed this decision."""
        self.model.override(direction, reason)

    def label(self, actual: Any, at: float | datetime | str | None = None, source: str | None = None) -> None:
        """Say what turned out to be true while the prediction is still made: it is counted when it ends."""
        self._outcome.labels = [*(self._outcome.labels or ()), (actual, at, source)]

    def error(self, error: str) -> None:
        """Say that the request failed although no exception leaves the block: a declared ``error.type``."""
        self._outcome.error = safe_text(error)

    def stage(self, name: Stage) -> _StageSpan:
        """Open the span of a part of the prediction: ``with p.stage("model_infer"):``."""
        return _StageSpan(self, name)

    # --- its life -----------------------------------------------------------------------------------------------

    def __enter__(self) -> Prediction:
        self.open()
        self.attach()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.detach()
        self.close(exception)

    async def __aenter__(self) -> Prediction:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, exception, traceback)

    @guards_itself
    def open(self) -> None:
        """Begin: start the clock and the span."""
        model = self.model
        attributes = model.span_attributes
        if self.request_id is not None:
            attributes = {**attributes, REQUEST_ID: self.request_id}
        model.began()
        try:
            self.span = model.tracer.start_span(REQUEST_SPAN, kind=SpanKind.SERVER, attributes=attributes)
        except Exception as error:  # processors of somebody else
            report_failure("Prediction.open", error)
        self.context = context_api.set_value(_CURRENT, self, trace.set_span_in_context(self.span))
        self.started = time.perf_counter()

    # Contexts are set, not reset with tokens: a stream may be taken up in another task than it was left in.

    @guards_itself
    def attach(self) -> None:
        """Make it the current prediction: its span is current, or the stage that was when it was left."""
        self._outside = context_api.get_current()
        context_api.attach(self._inside or self.context)

    @guards_itself
    def detach(self) -> None:
        """Give the context back that was current before."""
        self._inside = context_api.get_current()
        context_api.attach(self._outside)

    @guards_itself
    def close(self, exception: BaseException | None = None) -> None:
        """End: stop the clock, end the span, count."""
        outcome = self._outcome
        outcome.seconds = time.perf_counter() - self.started
        try:
            if exception is not None:
                self._fail(exception)
            if outcome.error is not None:
                fail_span(self.span, outcome.error)
            self.span.end()
        except Exception as error:  # as above
            report_failure("Prediction.close", error)
        if self._llm is not None:
            self._llm.finish()
        outcome.context = self.context
        self.model.ended(outcome, self._inputs)

    def _fail(self, exception: BaseException) -> None:
        """Say why it ended early; who left, or was cancelled, is no failure unless the spec counts that as one."""
        outcome = self._outcome
        error = CANCELLED if isinstance(exception, GeneratorExit) else self.model.error_type(exception)
        if error == CANCELLED and not self.model.counts_as_error(CANCELLED):
            outcome.cancelled = True
            self.span.set_attribute(ERROR_TYPE, CANCELLED)
            return
        outcome.error = error
        self.model.record_exception(self.span, exception)


class _StageSpan:
    """The span of one stage, current while its block runs."""

    __slots__ = ("_name", "_outside", "_prediction", "_span")

    def __init__(self, prediction: Prediction, name: Stage) -> None:
        self._prediction = prediction
        self._name = safe_text(name)
        self._span: Span = trace.INVALID_SPAN
        self._outside = Context()

    def __enter__(self) -> Span:
        model = self._prediction.model
        self._span = span = model.tracer.start_span(self._name, attributes=model.span_attributes)
        self._outside = enter_span(span)
        if self._name == INFER_SPAN:
            self._prediction._stage = span
        return span

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> None:
        prediction, span = self._prediction, self._span
        leave_span(span, self._outside)
        if prediction._stage is span:
            prediction._stage = None
        if exception is not None and not isinstance(exception, GeneratorExit):
            error = prediction.model.error_type(exception)
            if error != CANCELLED:
                fail_span(span, error)
        span.end()
