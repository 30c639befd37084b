"""One prediction as a row: for the prediction log, for those who review it, and for its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from otel.labels.stores import Joined
from otel.manifest import Manifest
from otel.predictions.outcomes import Outcome, segment_value
from otel.recording.bins import as_number
from otel.recording.cells import LONGEST, safe_text
from otel.semconv import (
    ERROR_TYPE,
    PREDICTION_CLASS,
    PREDICTION_CONFIDENCE,
    PREDICTION_FALLBACK,
    PREDICTION_FEATURES,
    PREDICTION_ID,
    PREDICTION_LATENCY,
    PREDICTION_SCORE,
    PREDICTION_VALUE,
    REQUEST_ID,
)


def log_record(manifest: Manifest, names: Sequence[str], outcome: Outcome) -> dict[str, Any]:
    """Return the attributes of the event ``ml.prediction.logged``, with only the features that the spec allows."""
    features = dict(zip(names, outcome.row or (), strict=False))
    number = None if manifest.output.classes else as_number(outcome.predicted)
    found = {
        PREDICTION_ID: outcome.id,
        REQUEST_ID: outcome.request_id,
        PREDICTION_CLASS: safe_text(outcome.predicted)
        if manifest.output.classes and outcome.predicted is not None
        else None,
        PREDICTION_VALUE: number,
        PREDICTION_SCORE: as_number(outcome.score),
        PREDICTION_CONFIDENCE: as_number(outcome.confidence),
        PREDICTION_LATENCY: outcome.seconds,
        PREDICTION_FALLBACK: outcome.fallback,
        ERROR_TYPE: outcome.error,
        PREDICTION_FEATURES: {name: plain(features[name]) for name in manifest.logged_features if name in features},
    }
    return {key: value for key, value in found.items() if value not in (None, {})}


def review_row(names: Sequence[str], outcome: Outcome) -> Mapping[str, Any]:
    """Return what a person needs who says what would have been right."""
    return {
        "features": dict(zip(names, outcome.row or (), strict=False)),
        "predicted": outcome.predicted,
        "score": outcome.score,
        "confidence": outcome.confidence,
        "segments": dict(outcome.segments or {}),
    }


def joined(outcome: Outcome, at: float) -> Joined:
    """Return what a label is compared with; ``at`` is in seconds since 1970."""
    predicted = plain(outcome.predicted)
    segments = tuple(segment_value(name, value) for name, value in (outcome.segments or {}).items())
    groups = tuple((outcome.groups or {}).items())
    return Joined(at, predicted, as_number(outcome.score), segments, outcome.interval, outcome.request_id, groups)


def plain(value: Any, depth: int = 4) -> Any:
    """Return a value as JSON and OTLP carry it: numbers of numpy as Python's, all else that is unknown as text."""
    try:
        found = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
        if isinstance(found, Mapping) and depth:
            return {safe_text(key): plain(each, depth - 1) for key, each in found.items()}
        if isinstance(found, (list, tuple)) and depth:
            return [plain(each, depth - 1) for each in found[:LONGEST]]
    except Exception:  # whatever a value raises when it is looked at
        return safe_text(value)
    whole = isinstance(found, int) and not -(2**63) <= found < 2**63
    return found if found is None or (isinstance(found, (int, float, bool)) and not whole) else safe_text(found)
