"""The monitor of one model: what a service holds, and everything that it says goes through."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from importlib.resources.abc import Traversable
from typing import Any, ParamSpec, TypeVar, overload

from opentelemetry.context import Context

from otel.export.configure import configure
from otel.export.telemetry import Telemetry
from otel.labels.stores import LabelStore
from otel.llm.users import Limits
from otel.manifest import Manifest, load_manifest
from otel.predictions.batch import count_batch
from otel.predictions.feedback import Feedback
from otel.predictions.inference import Answer, Decorator, inference, predictor
from otel.predictions.model import ObservedModel
from otel.predictions.outcomes import Outcome
from otel.predictions.prediction import Prediction, current
from otel.predictions.records import plain
from otel.predictions.review import Reviewer
from otel.recording.answers import read_answers
from otel.recording.notices import guarded, guards_itself, report_failure
from otel.semconv import (
    PREDICTION_ID,
    PREDICTION_LABEL,
)
from otel.tasks.embeddings import Embeddings
from otel.tasks.forecasts import Forecasts
from otel.tasks.ranking import Ranking
from otel.web.requestid import current_request_id

P = ParamSpec("P")
_MAKING = threading.RLock()

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


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

    A model has one monitor in a process: called again for it, by a cell of a notebook that is run again or by a module
    that is reloaded, it returns the same one, with the ``errors``, ``store`` and ``reviewer`` that are given anew.
    Only a manifest that says something else makes a new one, which then counts from zero.

    Raises :class:`otel.ManifestError` if the manifest cannot be used: at start, never at a prediction.
    """
    found = load_manifest(model, manifest, environment or environment_name())
    providers = telemetry or configure(found.resource, export_interval=found.export_interval_seconds)
    key = f"{found.tenant}/{found.name}"
    with _MAKING:
        present = providers.monitors.get(key)
        if isinstance(present, Monitor) and present.manifest == found:
            present.model.take_over(errors, store, reviewer)
            return present
        if isinstance(present, Monitor):
            present.model.retire()
        made = Monitor(found, providers, errors=errors, store=store, reviewer=reviewer, limits=limits)
        providers.monitors[key] = made
        return made


@guarded
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
        self.model = model = ObservedModel(
            manifest, telemetry, errors=errors, store=store, reviewer=reviewer, limits=limits
        )
        self.recorder = model.recorder
        self.labels = model.labels
        self.review = model.review
        self.llm = model.llm
        self.feedback = Feedback(model.recorder, model.event, manifest.prefix)
        self.forecasts = Forecasts(model.recorder)
        self.ranking = Ranking(model.recorder)
        self.embeddings = Embeddings(model.recorder)

    # --- predictions --------------------------------------------------------------------------------------------

    def prediction(self, request_id: str | None = None, *, prediction_id: str | None = None) -> Prediction:
        """Return a context manager around one request: ``with monitor.prediction() as p:``, or ``async with``.

        ``request_id`` is the caller's X-Request-ID if absent; ``prediction_id`` joins a label later; if absent it is
        an id that no other prediction has.
        """
        return Prediction(self.model, current_request_id() if request_id is None else request_id, prediction_id)

    def current(self) -> Prediction:
        """Return the prediction that is being made here; outside of one, one that nobody counts."""
        return current() or Prediction(self.model)

    @overload
    def inference(
        self, function: Callable[P, Coroutine[Any, Any, Answer]], /
    ) -> Callable[P, Coroutine[Any, Any, Any]]: ...
    @overload
    def inference(self, function: Callable[P, Answer], /) -> Callable[P, Any]: ...
    @overload
    def inference(self, function: F, /) -> F: ...
    @overload
    def inference(
        self,
        *,
        features: Callable[..., Any] | None = None,
        answer: Callable[[Any], Any] | None = None,
    ) -> Decorator: ...
    def inference(
        self,
        function: Callable[..., Any] | None = None,
        *,
        features: Callable[..., Any] | None = None,
        answer: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Observe each call of a function as a prediction; see :func:`otel.predictions.inference.inference`."""
        return inference(self.model, function, features=features, answer=answer)

    def predictor(self, **stages: str) -> Callable[[C], C]:
        """Observe a whole class; see :func:`otel.predictions.inference.predictor`."""
        return predictor(self.model, **stages)

    def predictions(self, features: Any, predicted: Any = None, **columns: Any) -> int:
        """Count a batch, each row on its own; see :func:`otel.predictions.batch.count_batch`."""
        return count_batch(self.model, features, predicted, **columns)

    @guards_itself
    def record(
        self,
        features: Any = None,
        predicted: Any = None,
        *,
        score: float | None = None,
        confidence: float | None = None,
        seconds: float | None = None,
        error: str | None = None,
        fallback: str | None = None,
        segments: Mapping[str, str] | None = None,
        groups: Mapping[str, Any] | None = None,
    ) -> None:
        """Count one request without spans, for services that have their own.  ``seconds`` is the time it took."""
        model = self.model
        try:
            answer = model.answer(predicted)
            outcome = Outcome(
                predicted=answer, score=score, confidence=confidence, seconds=seconds, error=error, fallback=fallback,
                segments=segments, groups=model.outcomes.groups(groups or {}),
            )  # fmt: skip
            inputs = features if features is None or type(features) is dict else model.read(features)
            if inputs is not None:
                model.outcomes.read(outcome, inputs)
                if outcome.rows > 1:
                    outcome.answers = read_answers(predicted, model.outcomes.classes, outcome.rows)
            if confidence is None:
                outcome.confidence = model.confidence(answer, score)
            model.recorder.defer(model.outcomes.count, outcome)
        except Exception as failure:
            report_failure("Monitor.record", failure)

    # --- the truth, when it comes -------------------------------------------------------------------------------

    def label(
        self, prediction_id: str, actual: Any, at: float | datetime | str | None = None, source: str | None = None
    ) -> bool:
        """Count the label of a prediction, or of a whole request; say whether it was; see `otel.labels.joining`."""
        if self.manifest.logged:
            self.event(self.model.log_event, {PREDICTION_ID: prediction_id, PREDICTION_LABEL: plain(actual)})
        here = current()
        if here is not None and here.model is self.model and prediction_id in (here.id, here.request_id):
            here.label(actual, at, source)
            return True
        return self.labels.label(prediction_id, actual, at, source)

    def label_with(self, predicted: Any, actual: Any, *, groups: Mapping[str, Any] | None = None, **facts: Any) -> bool:
        """Count a label together with its prediction; see :meth:`otel.labels.joining.Labels.label_with`.

        ``groups`` are values of protected attributes, by name.
        """
        found = self.model.outcomes.groups(groups or {}).items()
        return self.labels.label_with(predicted, actual, groups=found, **facts)

    # --- what else happens --------------------------------------------------------------------------------------

    def reject(self, reason: str) -> None:
        """Count a request that was refused before the model saw it."""
        self.model.reject(reason)

    def override(self, direction: str, reason: str) -> None:
        """Count a decision that a person changed: ``in_favour`` of or ``against`` the person concerned, and why."""
        self.model.override(direction, reason)

    def stale(self, feature: str) -> None:
        """Count a value of a feature that was older than allowed when it was used."""
        self.recorder.defer(self.model.outcomes.count_stale, feature)

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
        self.model.event(name, attributes, context)


def environment_name() -> str | None:
    """Return ``deployment.environment.name`` of OTEL_RESOURCE_ATTRIBUTES: where the process says that it runs."""
    pairs = (each.partition("=") for each in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
    return next((value.strip() for key, _, value in pairs if key.strip() == "deployment.environment.name"), None)
