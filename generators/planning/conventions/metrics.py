"""Definitions of metrics: ours in full, those of upstream conventions as refinements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from generators.diagnostics import Position, Problem
from generators.language.sources import of_library
from generators.planning.conventions.attributes import sentence
from generators.planning.conventions.problems import UNLIKE_OPENTELEMETRY
from generators.planning.conventions.shared import SharedMetric
from otel.semconv import ERROR_TYPE, MODEL_NAME, MODEL_VERSION

ANNOTATION = "watchspec"
"""Key of the annotations that hold what a registry has no field for."""


def metric_definitions(metrics: Iterable[SharedMetric], upstream: Collection[str]) -> list[dict[str, Any]]:
    """Return the metrics that are ours."""
    own = [shared for shared in metrics if shared.name not in upstream]
    library = {shared.name for shared in own if of_library(shared.position)}
    return [_definition(shared, library) for shared in own]


def metric_refinements(metrics: Iterable[SharedMetric], upstream: Collection[str], prefix: str) -> list[dict[str, Any]]:
    """Return the metrics of upstream conventions, with what we add to them."""
    return [
        {
            "id": f"{prefix}.{shared.name}",
            "ref": shared.name,
            "brief": sentence(shared.first.metric.description),
            "stability": "development",
            "attributes": _references(shared),
            "annotations": {ANNOTATION: _facts(shared)},
        }
        for shared in metrics
        if shared.name in upstream
    ]


def upstream_disagreements(
    metrics: Iterable[SharedMetric], upstream: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    """Yield metrics that have an upstream name, but not the instrument or unit that belongs to it."""
    for shared in metrics:
        known, metric = upstream.get(shared.name), shared.first.metric
        if known is not None and (known["instrument"], known["unit"]) != (metric.kind.value, metric.unit):
            message = (
                f"metric `{shared.name}` is a {metric.kind.value} in `{metric.unit}`, "
                f"but OpenTelemetry defines it as a {known['instrument']} in `{known['unit']}`"
            )
            yield Problem(
                UNLIKE_OPENTELEMETRY, message, shared.position, "follow the definition, or use a name of your own"
            )


def _definition(shared: SharedMetric, library: Collection[str]) -> dict[str, Any]:
    metric = shared.first.metric
    annotations: dict[str, Any] = {ANNOTATION: _facts(shared)}
    parts = shared.name.split(".")
    if shared.name in library and any(".".join(parts[:length]) in library for length in range(1, len(parts))):
        annotations["naming_conventions"] = {"policy_exceptions": ["metric_namespace_collision"]}
    return {
        "name": shared.name,
        "instrument": metric.kind.value,
        "unit": shared.unit,
        "brief": sentence(metric.description),
        "stability": "development",
        "requirement_level": "recommended",
        "attributes": _references(shared),
        "annotations": annotations,
    }


def _references(shared: SharedMetric) -> list[dict[str, Any]]:
    identity: list[dict[str, Any]] = [
        {"ref": key, "requirement_level": "required"}
        for key in (MODEL_NAME, MODEL_VERSION)
        if key not in shared.keys
    ]  # fmt: skip
    return [*identity, *(_reference(shared, key) for key in shared.keys)]


def _reference(shared: SharedMetric, key: str) -> dict[str, Any]:
    first, values = shared.declared(key)[0], shared.values(key)
    fields: dict[str, Any] = {"ref": key}
    if first.description.strip():
        fields["brief"] = sentence(first.description)
    fields["requirement_level"] = _level(shared, key)
    if values:
        fields["annotations"] = {ANNOTATION: {"values": list(values)}}
    return fields


def _level(shared: SharedMetric, key: str) -> object:
    if shared.everywhere(key):
        return "required"
    if key == ERROR_TYPE:
        return {"conditionally_required": "If the operation ended in an error."}
    return {"conditionally_required": "If the model has it."}


def _facts(shared: SharedMetric) -> dict[str, Any]:
    facts: dict[str, Any] = {"prometheus": list(shared.prometheus)}
    edges = shared.buckets()
    if any(edges.values()):
        each = set(edges.values())
        same = len(each) == 1
        facts["buckets"] = _numbers(each.pop()) if same else {name: _numbers(found) for name, found in edges.items()}
    facts["models"] = list(shared.subjects)
    facts["owners"] = sorted({each.model.team.name for each in shared.owned})
    if dpia := shared.dpia():
        facts["dpia"] = dpia
    return facts


def _numbers(edges: Iterable[float]) -> list[int | float]:
    return [int(edge) if edge.is_integer() else edge for edge in edges]


def metric_positions(metrics: Iterable[SharedMetric], upstream: Collection[str], prefix: str) -> dict[str, Position]:
    """Return where each metric is declared, by the name that it has in the registry."""
    return {
        f"{prefix}.{shared.name}" if shared.name in upstream else shared.name: shared.position for shared in metrics
    }
