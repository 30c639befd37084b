"""Plans whose dashboards are judged: our own specs, and a model of every task that declares all it can, and nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs
from generators.planning.dashboards.panels import Dashboard
from generators.planning.plan import EnvironmentPlan, ModelPlan, Plan
from generators.planning.stage import plan

ROOT = Path(__file__).parents[2]
COMPLETE: Mapping[str, Any] = {
    "version": "1.0.0",
    "service": {"name": "complete-api", "namespace": "ml", "deployment": "complete", "replicas": 2},
    "packs": ["resources"],
    "traffic": "5/s",
    "alerting": "thorough",
    "features": {"age": {"type": "number", "range": [0, 120]}, "plan": {"type": "category", "values": ["a", "b"]}},
    "prediction": {"classes": ["no", "yes"], "positive": "yes", "low_confidence": 0.7},
    "labels": {"delay": "1d", "sample": "10%", "source": "human"},
    "segments": {"region": ["emea", "apac"]},
    "llm": {"tiers": {"small": {"model": "gpt-4o-mini"}}, "prices": "openai", "tools": ["search"]},
}
TASKS = (
    *("binary-classification", "multiclass-classification", "regression", "ranking", "forecasting"),
    *("llm-chat", "rag", "embedding", "agent", "service"),
)


def compiled(*extra: tuple[str, Mapping[str, Any], Mapping[str, Any]]) -> Plan:
    """Plan our specs together with models: name, metadata, spec."""
    sources = [_source(name, metadata, spec) for name, metadata, spec in extra]
    catalog, problems = resolve((*read_specs(ROOT / "specs"), *sources))
    assert catalog is not None, problems
    made, found = plan(catalog)
    wrong = [each for each in (*problems, *found) if each.severity == "error" and not each.code.startswith("B")]
    assert not wrong, wrong
    return made


def _source(name: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Source:
    document = {
        "apiVersion": "watchspec/v1",
        "kind": "Model",
        "metadata": {"name": name, "tenant": "health", "team": "diagnostics", **metadata},
        "spec": spec,
    }
    return Source(f"specs/models/{name}.yaml", yaml.safe_dump(document).encode())


@cache
def everything() -> Plan:
    """The plan of our specs and two models a task."""
    complete = [(f"complete-{task}", {}, {"task": task, **COMPLETE}) for task in TASKS]
    minimal = [(f"minimal-{task}", {}, {"task": task, "service": f"minimal-{task}"}) for task in TASKS]
    return compiled(*complete, *minimal)


def dashboards(of: Plan) -> Iterator[tuple[Dashboard, ModelPlan | None]]:
    """Every dashboard of a plan, with its model, or None for the fleet's."""
    for environment in of.environments:
        yield from ((each, None) for each in environment.dashboards)
        for model in environment.models:
            yield from ((each, model) for each in model.dashboards)


def production(of: Plan) -> EnvironmentPlan:
    """The environment that the tests of values are about."""
    return next(each for each in of.environments if each.environment.name == "production")


def model(of: Plan, name: str, environment: str = "production") -> ModelPlan:
    """One model of a plan."""
    everywhere = (each for where in of.environments for each in where.models)
    return next(each for each in everywhere if (each.model, each.environment) == (name, environment))
