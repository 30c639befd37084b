"""The monitor of one model: what a service holds, and everything that it says goes through."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from opentelemetry._logs import Logger
from opentelemetry.context import Context
from opentelemetry.trace import Tracer

from otel.export.configure import configure
from otel.export.telemetry import Telemetry
from otel.labels.joining import Labels
from otel.labels.stores import LabelStore, MemoryStore, time_to_live
from otel.llm.request import LlmRequest
from otel.llm.requests import LlmCalls
from otel.llm.users import Limits
from otel.manifest import Manifest, load_manifest
from otel.predictions.batch import count_batch
from otel.predictions.feedback import Feedback
from otel.predictions.inference import inference, predictor
from otel.predictions.outcomes import Outcome, Outcomes
from otel.predictions.prediction import Prediction, current
from otel.predictions.records import joined, log_record, plain, review_row
from otel.predictions.review import Review, Reviewer
from otel.recording.bins import MISSING, MISSING_CHECK, OUTLIER_CHECK, SCHEMA_CHECK, as_number
from otel.recording.errors import error_type
from otel.recording.points import Producer
from otel.recording.recorder import Recorder
from otel.semconv import (
    MODEL_NAME,
    MODEL_VERSION,
    PREDICTION_ID,
    PREDICTION_LABEL,
    PREDICTION_LOGGED,
    REQUEST_ID,
)
from otel.tasks.embeddings import Embeddings
from otel.tasks.forecasts import Forecasts
from otel.tasks.ranking import Ranking
from otel.web.requestid import current_request_id

SCOPE = "watchspec"
"""Name of the instrumentation scope of all telemetry."""

F = TypeVar("F", bound=Callable[..., Any])


def monitor(
    model: str,
    *,
    manifest: str | os.PathLike[str] | Traversable | None = None,
    environment: str | None = None,
    telemetry: Telemetry | None = None,
    errors: Mapping[type[BaseException], str] | None = None,
    store: LabelStore | None = None,
    reviewer: Reviewer | None = None,
    limits: Limits | None = None,
) -> Monitor:
    """Return the monitor of a model, which is a name or ``tenant/name``.

    ``manifest`` is a file or a folder that ``watchspec render`` wrote, or a package resource; the environment variable
    WATCHSPEC_INSTRUMENTS is the default.  ``environment`` is a name or label of the spec, by default
    ``deployment.environment.name`` of OTEL_RESOURCE_ATTRIBUTES.  ``telemetry`` holds providers of one's own; without it
    they are made of OTel's environment variables.  ``errors`` maps exceptions to declared values of ``error.type``.
    ``store`` keeps predictions until their label comes, in memory unless given; ``reviewer`` is called with the rows
    that people should label, the share of the spec.  ``limits`` say from when on a user of an LLM counts as abusive.

    Raises :class:`otel.ManifestError` if the manifest cannot be used: at start, never at a prediction.
    """
    found = load_manifest(model, manifest, environment or environment_name())
    providers = telemetry or configure(found.resource, export_interval=found.export_interval_seconds)
    return Monitor(found, providers, errors=errors, store=store, reviewer=reviewer, limits=limits)


class Monitor:
    """Observes the predictions of one model, as its manifest declares.

    ``errors`` maps exceptions of the service to declared values of ``error.type``.  All methods may be called from any
    thread; none raises, and none waits for anything.
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
        self._outcomes = Outcomes(manifest, self.recorder)
        self._errors = dict(errors or {})
        self._logged = f"{manifest.prefix}.{PREDICTION_LOGGED}"
        if store is None and self.recorder.declares("labels"):
            store = MemoryStore(ttl_seconds=time_to_live(manifest.labels))
        self.labels = Labels(self.recorder, manifest, store)
        self.review = Review(self.recorder, manifest.labels.sample, reviewer)
        self.feedback = Feedback(self.recorder, self.event, manifest.prefix)
        self.forecasts = Forecasts(self.recorder)
        self.ranking = Ranking(self.recorder)
        self.embeddings = Embeddings(self.recorder)
        self._error_values = _values(manifest, "duration", "error.type")
        self._dropped: dict[str, int] = {}
        if self.recorder.declares("dropped"):
            self.recorder.after_fold(self._count_dropped)
        self.tracer: Tracer
        self.logger: Logger
        self._bind()
        self.llm = LlmCalls(self.recorder, manifest, self.tracer, self.event, self.span_attributes, limits)
        telemetry.on_child(self._after_fork)

    def _bind(self) -> None:
        """Make tracer, logger and instruments of the providers of this process."""
        telemetry = self.telemetry
        self.tracer = telemetry.tracer_provider.get_tracer(SCOPE)
        self.logger = telemetry.logger_provider.get_logger(SCOPE)
        if not telemetry.produce(Producer(self.recorder, SCOPE)):
            self.recorder.bind(telemetry.meter_provider.get_meter(SCOPE))
        self._say_who()
        telemetry.flush_soon()

    def _say_who(self) -> None:
        """Set the gauges that say what this process serves, and what it is compared with."""
        manifest, recorder = self.manifest, self.recorder
        if recorder.declares("info"):
            recorder.set("info", 1)
        if manifest.baseline_version and recorder.declares("baseline_size"):
            recorder.set("baseline_size", manifest.baseline_rows)
        if recorder.declares("baseline_shares"):
            for bins, feature in zip(self._outcomes.bins, manifest.features.values(), strict=True):
                for label, share in zip(bins.bins, feature.shares, strict=False):
                    recorder.set("baseline_shares", share, feature.name, label)
                if feature.shares:
                    recorder.set("baseline_shares", feature.missing, feature.name, MISSING)

    def _after_fork(self, telemetry: Telemetry) -> None:
        self.telemetry = telemetry
        self.recorder.reset()
        self._outcomes.reset()
        self._bind()
        self.llm.reset(self.tracer)
        self.labels.reset()
        self._dropped = {}

    def _count_dropped(self) -> None:
        """Count spans and log records that were lost since the last fold."""
        for signal, lost in self.telemetry.dropped().items():
            if more := lost - self._dropped.get(signal, 0):
                self.recorder.add_now("dropped", more, (signal,))
                self._dropped[signal] = lost

    # --- predictions --------------------------------------------------------------------------------------------

    def prediction(self, request_id: str | None = None, *, prediction_id: str | None = None) -> Prediction:
        """Return a context manager around one request: ``with monitor.prediction() as p:``, or ``async with``.

        ``request_id`` is the caller's X-Request-ID if absent; ``prediction_id`` joins labels later, the request id if
        absent.
        """
        return Prediction(self, current_request_id() if request_id is None else request_id, prediction_id)

    def current(self) -> Prediction:
        """Return the prediction that is being made here; outside of one, one that nobody counts."""
        return current() or Prediction(self)

    def inference(self, function: F | None = None, **options: Any) -> Any:
        """Observe each call of a function as a prediction; see :func:`otel.predictions.inference.inference`."""
        return inference(self, function, **options)

    def predictor(self, **stages: str) -> Callable[[type], type]:
        """Observe a whole class; see :func:`otel.predictions.inference.predictor`."""
        return predictor(self, **stages)

    def predictions(self, features: Mapping[str, Any], predicted: Any = None, **columns: Any) -> int:
        """Count a batch, each row on its own; see :func:`otel.predictions.batch.count_batch`."""
        return count_batch(self, self._outcomes, features, predicted, **columns)

    def record(
        self,
        features: Mapping[str, Any] | None = None,
        predicted: Any = None,
        *,
        score: float | None = None,
        confidence: float | None = None,
        seconds: float | None = None,
        error: str | None = None,
        fallback: str | None = None,
        segments: Mapping[str, str] | None = None,
    ) -> None:
        """Count one request without spans, for services that have their own.  ``seconds`` is the time it took."""
        row, strangers = (None, ()) if features is None else self._outcomes.read(features)
        outcome = Outcome(row, strangers, predicted, score, confidence, seconds, error, fallback, segments)
        if confidence is None:
            outcome.confidence = self.confidence(predicted, score)
        self.recorder.defer(self._outcomes.count, outcome)

    # --- the truth, when it comes -------------------------------------------------------------------------------

    def label(
        self, prediction_id: str, actual: Any, at: float | datetime | None = None, source: str | None = None
    ) -> bool:
        """Count the label of a prediction made here; say whether it was counted; see `otel.labels.joining`."""
        if self.manifest.logged:
            self.event(self._logged, {PREDICTION_ID: prediction_id, PREDICTION_LABEL: plain(actual)})
        return self.labels.label(prediction_id, actual, at, source)

    def label_with(self, predicted: Any, actual: Any, **facts: Any) -> bool:
        """Count a label together with its prediction; see :meth:`otel.labels.joining.Labels.label_with`."""
        return self.labels.label_with(predicted, actual, **facts)

    # --- what else happens --------------------------------------------------------------------------------------

    def reject(self, reason: str) -> None:
        """Count a request that was refused before the model saw it."""
        self.recorder.add("rejected", 1, reason)

    def override(self, direction: str, reason: str) -> None:
        """Count a decision that a person changed: ``in_favour`` of or ``against`` the person concerned, and why."""
        self.recorder.add("overrides", 1, direction, reason)

    def stale(self, feature: str) -> None:
        """Count a value of a feature that was older than allowed when it was used."""
        self.recorder.defer(self._outcomes.count_stale, feature)

    def count(self, metric: str, *values: str, amount: float = 1) -> None:
        """Count in a metric that has no method of its own; ``values`` are those of its attributes, in order."""
        self.recorder.add(metric, amount, *values)

    def measure(self, metric: str, value: float, *values: str) -> None:
        """Put a value into a histogram of the spec that has no method of its own, in the metric's unit."""
        self.recorder.record(metric, value, *values)

    def set(self, metric: str, value: float, *values: str) -> None:
        """Set a gauge of the spec that has no method of its own, in the metric's unit."""
        self.recorder.set(metric, value, *values)

    def event(self, name: str, attributes: Mapping[str, Any], context: Context | None = None) -> None:
        """Emit an OpenTelemetry event with the model's attributes, in the trace and request that it happens in."""
        own: dict[str, Any] = {**self.span_attributes, **attributes}
        request_id = current_request_id()
        if request_id is not None:
            own.setdefault(REQUEST_ID, request_id)
        self.logger.emit(timestamp=time.time_ns(), context=context, event_name=name, attributes=own)

    # --- for predictions ----------------------------------------------------------------------------------------

    def llm_request(self) -> LlmRequest:
        """Return what one request to an LLM application is recorded with."""
        return LlmRequest(self.llm)

    def began(self) -> None:
        """Count a request that is being answered."""
        self.recorder.defer(self.recorder.add_now, "active", 1)

    def ended(self, prediction: Prediction, outcome: Outcome, features: Mapping[str, Any] | None) -> None:
        """Count a request that was answered, or failed."""
        try:
            if features is not None:
                outcome.row, outcome.strangers = self._outcomes.read(features)
        except Exception:
            self.recorder.undeclared("feature", "kind of features (not a mapping)")
        self.recorder.defer(self._end, prediction, outcome, time.time())

    def _end(self, prediction: Prediction, outcome: Outcome, at: float) -> None:
        self.recorder.add_now("active", -1)
        self._outcomes.count(outcome)
        if self.manifest.logged:
            names = self._outcomes.names
            self.event(self._logged, log_record(self.manifest, names, prediction, outcome), prediction.context)
        if outcome.error is None:
            self.labels.remember(prediction.id, joined(outcome, at))
            if self.review.reviewer is not None:
                self.review.offer(prediction.id, review_row(self._outcomes.names, outcome))

    def confidence(self, predicted: Any, score: float | None) -> float | None:
        """Return how sure a two-class model was, from its score; None if that cannot be said."""
        positive, number = self.manifest.output.positive, as_number(score)
        if number is None or not positive:
            return None
        return number if predicted == positive else 1 - number

    def verdict(self, features: Mapping[str, Any], *, complete: bool = False) -> str | None:
        """Return why the model should not see these inputs: ``schema``, ``outlier``, or None if it may."""
        failed = {check for bins in self._outcomes.bins for check in bins.checks(features.get(bins.name))}
        if SCHEMA_CHECK in failed or (complete and MISSING_CHECK in failed):
            return SCHEMA_CHECK
        return OUTLIER_CHECK if OUTLIER_CHECK in failed else None

    def error_type(self, exception: BaseException) -> str:
        """Return the declared ``error.type`` of an exception."""
        return error_type(exception, self._error_values, self._errors)


def _values(manifest: Manifest, metric: str, key: str) -> frozenset[str]:
    found = manifest.metrics.get(metric)
    return frozenset(value for each in (found.attributes if found else ()) if each.key == key for value in each.values)


def environment_name() -> str | None:
    """Return ``deployment.environment.name`` of OTEL_RESOURCE_ATTRIBUTES: where the process says that it runs."""
    pairs = (each.partition("=") for each in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return next((value.strip() for key, _, value in pairs if key.strip() == "deployment.environment.name"), None)
