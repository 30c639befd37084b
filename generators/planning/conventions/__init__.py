"""Semantic conventions of the whole organisation: a registry in Weaver's format, made of what all models emit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generators.diagnostics import Position, Problem, sort_problems
from generators.formats.yaml.reader import load_plain
from generators.language.catalog import Platform
from generators.planning.conventions.attributes import attribute_positions, fixed_attributes, metric_attributes
from generators.planning.conventions.metrics import (
    metric_definitions,
    metric_positions,
    metric_refinements,
    upstream_disagreements,
)
from generators.planning.conventions.problems import breaking_problems, rule_problems, squatting_problems
from generators.planning.conventions.shared import SharedMetric, disagreements, shared_metrics
from generators.planning.conventions.signals import entities, events, llm_events, llm_spans, spans
from generators.planning.conventions.upstream import Upstream, upstreams
from generators.planning.plan import EnvironmentPlan, ModelPlan
from generators.semconv import merged

FOLDER = "semconv"
"""Where the registry is, below ``rendered/``."""

_ARTIFACT = ("model.artifact.sha256", "model.framework")


@dataclass(frozen=True, slots=True)
class Conventions:
    """A registry: its files by name without suffix, what they are together, and where names were declared.

    ``manifest`` is the manifest. ``positions`` go by kind and name; ``sources`` are the specs behind it.
    """

    manifest: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]
    metrics: tuple[SharedMetric, ...]
    dependencies: tuple[Upstream, ...]
    positions: Mapping[tuple[str, str], Position]
    sources: tuple[str, ...]

    @property
    def registry(self) -> dict[str, Any]:
        """All files as one mapping."""
        return merged(self.files.values())


def conventions(platform: Platform, environments: Iterable[EnvironmentPlan]) -> Conventions:
    """Return the registry of everything that the models of all environments emit."""
    models = tuple(model for each in environments for model in each.models)
    metrics = shared_metrics(models)
    dependencies = upstreams(platform.gen_ai)
    foreign = _foreign(dependencies, "attributes")
    fixed = fixed_attributes(platform.prefix)
    places = attribute_positions(metrics)
    known = foreign | {each["key"] for each in fixed}
    upstream_metrics = _foreign(dependencies, "metrics")
    positions = {("attribute", key): place for key, place in places.items()}
    for name, place in metric_positions(metrics, upstream_metrics, platform.prefix).items():
        positions["metric", name] = place
    return Conventions(
        manifest=_manifest(platform, dependencies),
        files={
            "attributes": _file({"attributes": [*fixed, *metric_attributes(metrics, known)]}),
            "metrics": _file(
                {
                    "metrics": metric_definitions(metrics, upstream_metrics),
                    "metric_refinements": metric_refinements(metrics, upstream_metrics, platform.prefix),
                }
            ),
            **_signals(platform, models, dependencies, places),
        },
        metrics=metrics,
        dependencies=dependencies,
        positions=positions,
        sources=tuple(sorted({platform.position.file, *(file for model in models for file in model.files)})),
    )


def convention_problems(made: Conventions, platform: Platform) -> tuple[Problem, ...]:
    """Return what is wrong with the conventions as they are."""
    upstream = {each["name"]: each for one in made.dependencies for each in one.registry["metrics"]}
    found = [*disagreements(made.metrics), *upstream_disagreements(made.metrics, upstream)]
    others = tuple(each.registry for each in made.dependencies)
    places = (made.positions, platform.position)
    found += squatting_problems(made.registry, platform.gen_ai, *places)
    return sort_problems((*found, *rule_problems(made.registry, others, *places)))


def version_problems(
    platform: Platform, environments: Iterable[EnvironmentPlan], committed: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Return what breaks the registry that is committed, given as texts by path, unless the version says so."""
    files = {path.removeprefix(f"{FOLDER}/"): text for path, text in committed.items() if path.startswith(f"{FOLDER}/")}
    manifest = _read(files.pop("manifest.yaml", ""))
    version = str(manifest.get("schema_url", "")).rpartition("/")[2]
    older = merged(_read(text) for path, text in sorted(files.items()) if path.endswith(".yaml"))
    made = conventions(platform, environments)
    versions = (version, platform.semconv.version)
    places = (made.positions, platform.semconv.position or platform.position)
    return sort_problems(breaking_problems(older, made.registry, versions, *places))


def _foreign(dependencies: Iterable[Upstream], root: str) -> frozenset[str]:
    return frozenset(name for each in dependencies for name in each.names(root))


def _manifest(platform: Platform, dependencies: Iterable[Upstream]) -> dict[str, Any]:
    return {
        "schema_url": f"{platform.semconv.url.rstrip('/')}/{platform.semconv.version}",
        "description": f"Telemetry of the AI models of {platform.organisation}.",
        "stability": "development",
        "dependencies": [
            {"schema_url": each.schema_url, "registry_path": each.registry_path} for each in dependencies
        ],
    }  # fmt: skip


def _signals(
    platform: Platform,
    models: Iterable[ModelPlan],
    dependencies: tuple[Upstream, ...],
    places: Mapping[str, Position],
) -> dict[str, dict[str, Any]]:
    prefix = platform.prefix
    stages: dict[str, Any] = {"spans": spans(prefix)}
    logged: dict[str, Any] = {"events": events(prefix)}
    if any(model.deployment.model.llm for model in models):
        calls = llm_spans(prefix, platform.gen_ai, _foreign(dependencies, "spans"))
        stages = {"spans": [*stages["spans"], *calls["spans"]], "span_refinements": calls["span_refinements"]}
        logged["event_refinements"] = llm_events(prefix, _foreign(dependencies, "events"))
    artifact = tuple(key for key in _ARTIFACT if key in places)
    return {
        "spans": _file(stages),
        "events": _file(logged),
        "entities": _file({"entities": entities(artifact)}),
    }


def _file(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"file_format": "definition/2", **{key: value for key, value in content.items() if value}}


def _read(text: str) -> Mapping[str, Any]:
    """Read a file of the committed registry; one that is broken counts as empty, for it says nothing."""
    try:
        found = load_plain(text)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


__all__ = ["FOLDER", "Conventions", "convention_problems", "conventions", "version_problems"]
