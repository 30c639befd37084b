"""The model that is observed: what its manifest declares, and where its predictions are counted, traced and logged."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from opentelemetry._logs import Logger
from opentelemetry.context import Context
from opentelemetry.trace import Span, Tracer

from otel.export import process
from otel.export.telemetry import Telemetry
from otel.labels.default import DefaultStore
from otel.labels.joining import Labels
from otel.labels.stores import LabelStore, time_to_live
from otel.llm.counts import LlmCounts
from otel.llm.requests import LlmCalls
from otel.llm.users import Limits
from otel.manifest import Feature, Manifest, Reference
from otel.predictions.outcomes import Outcome, Outcomes
from otel.predictions.records import joined, log_record, plain, review_row
from otel.predictions.review import Review, Reviewer
from otel.recording.answers import single
from otel.recording.bins import MISSING, MISSING_CHECK, OUTLIER_CHECK, SCHEMA_CHECK, as_number
from otel.recording.cells import safe_text
from otel.recording.errors import error_type, exception_attributes
from otel.recording.inputs import WHAT_CAN_BE_READ, Columns, Inputs, read_inputs
from otel.recording.recorder import Recorder
from otel.semconv import MODEL_NAME, MODEL_VERSION, PREDICTION_LOGGED, REQUEST_ID
from otel.web.requestid import current_request_id

SCOPE: Final = "watchspec"
"""Name of the instrumentation scope of all telemetry."""


class ObservedModel:
    """One model with its manifest, providers, recorder, labels and LLM calls; a `otel.Monitor` is its public side.

    ``errors`` maps exceptions of the service to declared values of ``error.type``.
    """

    def __init__(
        self,
        manifest: Manifest,
        telemetry: Telemetry,
        *,
        errors: Mapping[type[BaseException], str] | None = None,
        store: LabelStore | None = None,
        reviewer: Reviewer | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.manifest = manifest
        self.telemetry = telemetry
        common = {MODEL_NAME: manifest.name, MODEL_VERSION: manifest.version}
        self.span_attributes: Mapping[str, Any] = {key: value for key, value in common.items() if value}
        self.recorder = Recorder(manifest, self.span_attributes)
        self.outcomes = Outcomes(manifest, self.recorder)
        self._has_classes, self._find_class = bool(manifest.output.classes), self.outcomes.classes.find
        self.log_event = f"{manifest.prefix}.{PREDICTION_LOGGED}"
        self._default: DefaultStore | None = None
        if store is None and self.recorder.declares("labels"):
            store = self._default = DefaultStore(f"{manifest.tenant}.{manifest.name}", time_to_live(manifest.labels))
        self.labels = Labels(self.recorder, manifest, store)
        self.review = Review(manifest.labels.sample, reviewer)
        self._errors = dict(errors or {})
        self._error_values = _values(manifest, "duration", "error.type")
        self._identified = store is not None or reviewer is not None or manifest.logged
        self._dropped: dict[str, int] = {}
        if self.recorder.declares("dropped"):
            self.recorder.after_fold(self._count_dropped)
        self.tracer: Tracer
        self.logger: Logger
        self._bind()
        self.llm = LlmCalls(LlmCounts(self.recorder, manifest, self.tracer, self.event, self.span_attributes, limits))
        telemetry.on_child(self._after_fork)
        process.before_end(self._before_end)

    def take_over(
        self,
        errors: Mapping[type[BaseException], str] | None,
        store: LabelStore | None,
        reviewer: Reviewer | None,
    ) -> None:
        """Go on with what is given anew; what is not stays."""
        if errors is not None:
            self._errors = dict(errors)
        if store is not None:
            self.labels.keep_in(store)
        if reviewer is not None:
            self.review.reviewer = reviewer

    def retire(self) -> None:
        """Count no more for anybody: another monitor of this model takes its place."""
        self.telemetry.leave_out(self.recorder)

    def _bind(self) -> None:
        """Make tracer, logger and instruments of the providers of this process."""
        telemetry = self.telemetry
        self.tracer = telemetry.tracer_provider.get_tracer(SCOPE)
        self.logger = telemetry.logger_provider.get_logger(SCOPE)
        if not telemetry.produce(self.recorder, SCOPE):
            self.recorder.bind(telemetry.instruments(SCOPE))
        self._say_who()
        telemetry.flush_soon()

    def _say_who(self) -> None:
        """Set the gauges that say what this process serves, and what it is compared with."""
        manifest, recorder = self.manifest, self.recorder
        if recorder.declares("info"):
            recorder.set("info", 1)
        if manifest.baseline_version and recorder.declares("baseline_size"):
            recorder.set("baseline_size", manifest.baseline_rows)
        if manifest.groups and recorder.declares("group_minimum"):
            recorder.set("group_minimum", manifest.minimum_group)
        for bins, feature in zip(self.outcomes.bins, manifest.features.values(), strict=True):
            self._say_reference(feature.name, bins.bins, feature)
        for name, output in manifest.outputs.items():
            self._say_reference(name, [f"{place:02d}" for place in range(len(output.shares))], output)

    def _say_reference(self, name: str, labels: Sequence[str], reference: Feature | Reference) -> None:
        """Set the gauges of what a feature or an output looked like; none where no baseline profiles it."""
        recorder = self.recorder
        if not reference.shares:
            return
        if recorder.declares("baseline_shares"):
            for label, share in zip(labels, reference.shares, strict=False):
                recorder.set("baseline_shares", share, name, label)
            recorder.set("baseline_shares", reference.missing, name, MISSING)
        if recorder.declares("baseline_design_effect"):
            recorder.set("baseline_design_effect", reference.design_effect, name)

    def _after_fork(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.recorder.reset()
        self.outcomes.reset()
        self._bind()
        self.llm.reset(self.tracer)
        self.labels.reset()
        if self._default is not None:
            self._default.forked()
        self.review.reset()
        self._dropped = {}

    def _before_end(self) -> None:
        """Count, store and hand on what waits, before counts are sent for the last time; in bounded time."""
        self.recorder.fold()
        self.labels.flush(1.0)
        self.review.flush(1.0)

    def _count_dropped(self) -> None:
        """Count spans and log records that were lost since the last fold."""
        for signal, lost in self.telemetry.dropped().items():
            if more := lost - self._dropped.get(signal, 0):
                self.recorder.add_now("dropped", more, (signal,))
                self._dropped[signal] = lost

    # --- a prediction's life --------------------------------------------------------------------------------------

    def began(self) -> None:
        """Count a request that is being answered."""
        self.recorder.defer(self.recorder.add_now, "active", 1)

    def read(self, values: Any) -> Inputs | None:
        """Return the features that a value holds; one that cannot be read is counted, and said once."""
        found = read_inputs(values, self.outcomes.names)
        if found is None:
            self.unreadable(values)
        return found

    def unreadable(self, value: object) -> None:
        """Count inputs that cannot be read, and say once what could be."""
        kind = f"kind of features (a {type(value).__name__}; what can be read is {WHAT_CAN_BE_READ})"
        self.recorder.undeclared("feature", kind)

    def ended(self, outcome: Outcome, inputs: Inputs | None) -> None:
        """Count a request that was answered, or failed."""
        try:
            if inputs is not None:
                self.outcomes.read(outcome, inputs)
        except Exception:  # a mapping of somebody else's may raise anything
            self.unreadable(inputs)
        if self._identified:
            outcome.prediction_id = outcome.id
        self.recorder.defer(self._end, outcome, time.time())

    def _end(self, outcome: Outcome, at: float) -> None:
        self.recorder.add_now("active", -1)
        self.outcomes.count(outcome)
        names = self.outcomes.names
        if self.manifest.logged and not outcome.cancelled:
            self.event(self.log_event, log_record(self.manifest, names, outcome), outcome.context)
        if outcome.error is None and not outcome.cancelled and outcome.rows == 1:
            row = joined(outcome, at)
            if outcome.labels:
                self.labels.label_now(row, *outcome.labels[0])
            else:
                self.labels.remember(outcome.id, row)
            if self.review.reviewer is not None:
                self.review.offer(outcome.id, review_row(names, outcome), outcome.request_id)

    def event(self, name: str, attributes: Mapping[str, Any], context: Context | None = None) -> None:
        """Emit an OpenTelemetry event with the model's attributes, in the trace and request that it happens in."""
        own: dict[str, Any] = {
            **self.span_attributes,
            **{safe_text(key): plain(each) for key, each in attributes.items()},
        }
        request_id = current_request_id()
        if request_id is not None:
            own.setdefault(REQUEST_ID, request_id)
        self.logger.emit(timestamp=time.time_ns(), context=context, event_name=safe_text(name), attributes=own)

    def reject(self, reason: str) -> None:
        """Count a request that was refused before the model saw it."""
        self.recorder.add("rejected", 1, reason)

    def override(self, direction: str, reason: str) -> None:
        """Count a decision that a person changed: ``in_favour`` of or ``against`` the person concerned, and why."""
        self.recorder.add("overrides", 1, direction, reason)

    # --- what follows from the manifest ---------------------------------------------------------------------------

    def confidence(self, predicted: Any, score: float | None) -> float | None:
        """Return how sure a two-class model was, from its score; None if that cannot be said."""
        positive, number = self.manifest.output.positive, None if score is None else as_number(score)
        if number is None or not positive:
            return None
        return number if predicted == positive else 1 - number

    def answer(self, predicted: Any) -> Any:
        """Return an answer as the class of the spec that it stands for, or as it is."""
        found = self._find_class(predicted) if self._has_classes else None
        return single(predicted) if found is None else found

    def verdict(self, values: Any, *, complete: bool = False) -> str | None:
        """Return why the model should not see these inputs: ``schema``, ``outlier``, or None if it may."""
        features = self.read(values)
        if features is None or isinstance(features, Columns):
            return SCHEMA_CHECK
        failed = {check for bins in self.outcomes.bins for check in bins.checks(features.get(bins.name))}
        if SCHEMA_CHECK in failed or (complete and MISSING_CHECK in failed):
            return SCHEMA_CHECK
        return OUTLIER_CHECK if OUTLIER_CHECK in failed else None

    def counts_as_error(self, error: str) -> bool:
        """Say whether the spec declares a value of ``error.type``."""
        return error in self._error_values

    def record_exception(self, span: Span, exception: BaseException) -> None:
        """Put an exception onto a span: its type, and its text as far as ``privacy`` of the manifest lets it."""
        span.add_event("exception", exception_attributes(exception, self.manifest.exceptions))

    def error_type(self, exception: BaseException) -> str:
        """Return the declared ``error.type`` of an exception."""
        return error_type(exception, self._error_values, self._errors)


def _values(manifest: Manifest, metric: str, key: str) -> frozenset[str]:
    found = manifest.metrics.get(metric)
    return frozenset(value for each in (found.attributes if found else ()) if each.key == key for value in each.values)
