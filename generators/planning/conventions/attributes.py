"""Definitions of the attributes that are ours: those of metrics, and the fixed ones of spans, events and entities."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from typing import Any

from generators.diagnostics import Position
from generators.language.catalog import Attribute
from generators.language.sources import of_library
from generators.planning.conventions.shared import SharedMetric
from generators.semconv.naming import is_well_formed
from otel.semconv import (
    BASELINE_VERSION,
    MODEL_NAME,
    MODEL_VERSION,
    PREDICTION_CLASS,
    PREDICTION_CONFIDENCE,
    PREDICTION_FALLBACK,
    PREDICTION_SCORE,
    REQUEST_ID,
    TENANT_ID,
)

_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_MOST_EXAMPLES = 5


def fixed_attributes(prefix: str) -> list[dict[str, Any]]:
    """Return the attributes of the identity, of spans and of events, whatever the specs say."""
    return [
        _text(MODEL_NAME, "Name of the model, unique within its tenant.", "screening"),
        _text(MODEL_VERSION, "Version of the model that answered.", "3.2.0"),
        _text(TENANT_ID, "Customer or business unit whose data stays apart.", "health"),
        _text(BASELINE_VERSION, "Version of the baseline that values are compared with.", "2026-11-01"),
        _text(REQUEST_ID, "Identifier of the request, from the header `X-Request-ID`.", "0af7651916cd43dd"),
        _text("prediction.id", "Identifier of one prediction, to which a label refers.", "b7ad6b7169203331"),
        _text(PREDICTION_CLASS, "Class that was predicted.", "malignant"),
        _plain("prediction.value", "double", "Number that was predicted, in the unit of the prediction."),
        _plain(PREDICTION_SCORE, "double", "Score of the positive class, 0 to 1."),
        _plain(PREDICTION_CONFIDENCE, "double", "Probability of the class that was chosen, 0 to 1."),
        _text(PREDICTION_FALLBACK, "Why the fallback policy answered.", "timeout"),
        _plain("prediction.latency", "double", "Seconds from receiving the request to its answer."),
        _plain("prediction.features", "any", "Inputs of the prediction that the spec declares, by name."),
        _plain("prediction.label", "any", "What turned out to be true, when it is known."),
        _text(f"{prefix}.evaluation.name", "What was evaluated.", "accuracy"),
        _plain(f"{prefix}.evaluation.score", "double", "Result of the evaluation as a number."),
        _text(f"{prefix}.evaluation.label", "Result of the evaluation as a word.", "pass"),
        _enum(f"{prefix}.feedback.source", "Whether a person said it or did it.", ("explicit", "implicit")),
        _text(f"{prefix}.feedback.verdict", "What the person said of, or did with, the answer.", "up"),
    ]


def attribute_positions(metrics: Iterable[SharedMetric]) -> dict[str, Position]:
    """Return where each attribute of metrics is declared first; a spec goes before the library."""
    found: dict[str, Position] = {}
    for shared in metrics:
        for each in shared.owned:
            for one in each.metric.attributes:
                known = found.get(one.key)
                if known is None or (of_library(known) and not of_library(one.position)):
                    found[one.key] = one.position
    return found


def metric_attributes(metrics: Iterable[SharedMetric], known: Collection[str]) -> list[dict[str, Any]]:
    """Return the definitions of the attributes of metrics, by key; ``known`` are defined elsewhere."""
    uses: dict[str, list[SharedMetric]] = {}
    for shared in metrics:
        for key in shared.keys:
            if key not in known:
                uses.setdefault(key, []).append(shared)
    return [_defined(key, uses[key]) for key in sorted(uses)]


def _defined(key: str, metrics: list[SharedMetric]) -> dict[str, Any]:
    declared = [one for shared in metrics for one in shared.declared(key)]
    values = sorted({value for one in declared for value in one.values})
    briefs = dict.fromkeys(sentence(one.description) for one in declared if one.description.strip())
    brief = next(iter(briefs)) if len(briefs) == 1 else f"What `{key}` means is said where a metric uses it."
    return _enum(key, brief, values) if _is_closed(declared) else _text(key, brief, *values)


def _is_closed(declared: list[Attribute]) -> bool:
    """Whether the list of values belongs to the metric, and not to what a model happens to be made of."""
    return all(one.values and not one.derived and not one.of_model for one in declared)


def sentence(text: str) -> str:
    """Return a description as one sentence that ends with a period."""
    line = " ".join(text.split())
    return line if not line or line.endswith(".") else f"{line.rstrip('!?:;, ')}."


def _text(key: str, brief: str, *examples: str) -> dict[str, Any]:
    definition = _plain(key, "string", brief)
    return {**definition, "examples": list(examples[:_MOST_EXAMPLES])} if examples else definition


def _plain(key: str, type_: str, brief: str) -> dict[str, Any]:
    return {"key": key, "type": type_, "brief": brief, "stability": "development"}


def _enum(key: str, brief: str, values: Iterable[str]) -> dict[str, Any]:
    listed = tuple(values)
    ids = [_member_id(value) for value in listed]
    members = [
        {"id": id_ if ids.count(id_) == 1 else f"{id_}_{_digest(value)}", "value": value, "stability": "development"}
        for id_, value in zip(ids, listed, strict=True)
    ]
    return {"key": key, "type": {"members": members}, "brief": brief, "stability": "development"}


def _member_id(value: str) -> str:
    """Return the id of an enum member; most values are ids already."""
    if is_well_formed(value):
        return value
    words = _NOT_IN_ID.sub("_", value.lower()).strip("_")
    if not words:
        return f"value_{_digest(value)}"
    return words if words[0].isalpha() else f"n{words}"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:8]
