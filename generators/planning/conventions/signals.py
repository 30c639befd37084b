"""Spans, events and entities: the stages of a prediction, what is logged of it, and what it is about."""

from __future__ import annotations

from typing import Any

from otel.genai import DEFAULT_PROFILE, PROFILES
from otel.semconv import (
    BASELINE_VERSION,
    ERROR_TYPE,
    HTTP_REQUEST_METHOD,
    HTTP_RESPONSE_STATUS_CODE,
    HTTP_ROUTE,
    MODEL_NAME,
    MODEL_VERSION,
    PREDICTION_CLASS,
    PREDICTION_CONFIDENCE,
    PREDICTION_FALLBACK,
    PREDICTION_SCORE,
    REQUEST_ID,
    TENANT_ID,
)

STAGES = (
    ("receive_request", "server", "A request for a prediction, from its arrival to its answer."),
    ("feature_vectorize", "internal", "Turning the request into the inputs of the model."),
    ("model_infer", "internal", "The call of the model itself."),
    ("post_process", "internal", "Turning the output of the model into an answer."),
)
"""The stages of a prediction in their order: span name, kind, meaning."""

_IF_FAILED = {"conditionally_required": "If the operation ended in an error."}
_IF_KNOWN = {"conditionally_required": "If it is known."}


def spans(prefix: str) -> list[dict[str, Any]]:
    """Return the spans of the four stages."""
    return [_stage(prefix, *stage) for stage in STAGES]


def _stage(prefix: str, name: str, kind: str, brief: str) -> dict[str, Any]:
    attributes = [*_model(), _ref(ERROR_TYPE, _IF_FAILED)]
    if kind == "server":
        attributes += [_ref(REQUEST_ID, _IF_KNOWN), _ref(HTTP_ROUTE, "recommended")]
        attributes += [_ref(HTTP_REQUEST_METHOD, "recommended"), _ref(HTTP_RESPONSE_STATUS_CODE, "recommended")]
    if name == "model_infer":
        attributes += [
            _ref(PREDICTION_CLASS, _IF_KNOWN),
            _ref(PREDICTION_CONFIDENCE, _IF_KNOWN),
            _ref(PREDICTION_FALLBACK, {"conditionally_required": "If the fallback policy answered."}),
        ]
    return {
        "type": f"{prefix}.{name}",
        "kind": kind,
        "name": {"note": f"The name is `{name}`."},
        "brief": brief,
        "stability": "development",
        "requirement_level": "recommended",
        "attributes": attributes,
    }


def llm_spans(prefix: str, gen_ai: str, upstream: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the spans of calls to LLMs and tools: refinements where upstream defines them, else our own."""
    keys = PROFILES.get(gen_ai, DEFAULT_PROFILE).attributes
    calls = (
        (
            "gen_ai.inference.client",
            "llm.call",
            "client",
            "A call to an LLM.",
            ("operation", "provider", "request_model"),
        ),
        ("gen_ai.execute_tool.internal", "tool.call", "internal", "A call of a tool.", ("operation", "tool")),
    )
    found: dict[str, list[dict[str, Any]]] = {"spans": [], "span_refinements": []}
    for base, name, kind, brief, wanted in calls:
        attributes = [*_model(), *(_ref(keys[key], "required") for key in wanted if key in keys)]
        attributes.append(_ref(ERROR_TYPE, _IF_FAILED))
        common = {"brief": brief, "stability": "development", "attributes": attributes}
        if base in upstream:
            found["span_refinements"].append({"id": f"{prefix}.{name}", "ref": base, **common})
        else:
            note = {"note": f"The name is `{{{keys['operation']}}}` and what is called."}
            found["spans"].append({"type": f"{prefix}.{name}", "kind": kind, "name": note, **common})
    return found


def events(prefix: str) -> list[dict[str, Any]]:
    """Return the events that make up the log of predictions, evaluations and feedback."""
    return [
        _event(
            f"{prefix}.prediction.logged",
            "One prediction, for analysis, retraining and forensics; its time is that of the event.",
            _ref("prediction.id", "required"),
            _ref(REQUEST_ID, _IF_KNOWN),
            _ref(PREDICTION_CLASS, {"conditionally_required": "If the model predicts classes."}),
            _ref("prediction.value", {"conditionally_required": "If the model predicts numbers."}),
            _ref(PREDICTION_SCORE, {"conditionally_required": "If the model gives a score."}),
            _ref(PREDICTION_CONFIDENCE, _IF_KNOWN),
            _ref(PREDICTION_FALLBACK, {"conditionally_required": "If the fallback policy answered."}),
            _ref("prediction.latency", "recommended"),
            _ref("prediction.features", {"opt_in": "Only features that the spec declares."}),
            _ref("prediction.label", {"conditionally_required": "When it arrives."}),
            _ref(ERROR_TYPE, _IF_FAILED),
        ),
        _event(
            f"{prefix}.evaluation.result",
            "The result of an evaluation of one prediction.",
            _ref("prediction.id", _IF_KNOWN),
            _ref(f"{prefix}.evaluation.name", "required"),
            _ref(f"{prefix}.evaluation.score", _IF_KNOWN),
            _ref(f"{prefix}.evaluation.label", _IF_KNOWN),
        ),
        _event(
            f"{prefix}.feedback.received",
            "What a person said of an answer, or did with it.",
            _ref("prediction.id", _IF_KNOWN),
            _ref(REQUEST_ID, _IF_KNOWN),
            _ref(f"{prefix}.feedback.source", "required"),
            _ref(f"{prefix}.feedback.verdict", "required"),
        ),
    ]


def llm_events(prefix: str, upstream: frozenset[str]) -> list[dict[str, Any]]:
    """Return what we add to the upstream event of an evaluation, where there is one."""
    if "gen_ai.evaluation.result" not in upstream:
        return []
    return [
        {
            "id": f"{prefix}.llm.evaluation.result",
            "ref": "gen_ai.evaluation.result",
            "brief": "The verdict of an evaluator on an answer.",
            "stability": "development",
            "attributes": _model(),
        }
    ]


def entities(artifact: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the model and the baseline; ``artifact`` are attributes that describe what is served."""
    return [
        {
            "type": "model",
            "brief": "An AI model of a tenant.",
            "stability": "development",
            "requirement_level": "recommended",
            "identity": [{"ref": TENANT_ID}, {"ref": MODEL_NAME}],
            "description": [{"ref": MODEL_VERSION}, *({"ref": key} for key in artifact)],
        },
        {
            "type": "baseline",
            "brief": "The data that inputs and outputs of a model are compared with.",
            "stability": "development",
            "requirement_level": "recommended",
            "identity": [{"ref": TENANT_ID}, {"ref": MODEL_NAME}, {"ref": BASELINE_VERSION}],
        },
    ]


def _event(name: str, brief: str, *attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "brief": brief,
        "stability": "development",
        "requirement_level": "recommended",
        "attributes": [*_model(), *attributes],
    }


def _model() -> list[dict[str, Any]]:
    return [_ref(MODEL_NAME, "required"), _ref(MODEL_VERSION, "required")]


def _ref(key: str, level: object) -> dict[str, Any]:
    return {"ref": key, "requirement_level": level}
