"""Fleet rules of the packs, planned with models of every task and run by the engine over given samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import yaml
from library_documents import ROOT, pack_specs

from generators.diagnostics import Problem
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs
from generators.planning.plan import Plan, Recording
from generators.planning.stage import plan
from generators.promql.engine import Storage, VectorValue, evaluate

TASKS = sorted(name for name, spec in pack_specs().items() if spec.get("task"))
IDENTITY = {"tenant_id": "health", "model_name": "complete", "deployment_environment_name": "production"}
COMPLETE: Mapping[str, Any] = {
    "version": "1.0.0",
    "artifact": {"sha256": "0" * 64, "framework": "scikit-learn 1.5"},
    "service": {"name": "complete-api", "namespace": "ml", "replicas": 2},
    "traffic": "5/s",
    "alerting": "thorough",
    "features": {"age": {"type": "number", "range": [0, 120]}, "plan": {"type": "category", "values": ["a", "b"]}},
    "prediction": {"classes": ["no", "yes"], "positive": "yes", "low_confidence": 0.7},
    "labels": {"delay": "1d", "sample": "10%", "source": "human"},
    "segments": {"region": ["emea", "apac"]},
    "fairness": {"protected": {"gender": ["female", "male"], "age_group": ["under_40", "over_40", "other"]}},
    "llm": {"tiers": {"small": {"model": "gpt-4o-mini"}}, "prices": "openai", "tools": ["search"]},
}


@cache
def planned() -> tuple[Plan, tuple[Problem, ...]]:
    """The plan of the example organisation with two more models a task: one declares all it can, one nothing."""
    models = [
        (f"{kind}-{task}", {"task": task, **spec})
        for task in TASKS
        for kind, spec in (("complete", COMPLETE), ("minimal", {"service": f"minimal-{task}"}))
    ]
    extra = (Source(f"specs/models/{name}.yaml", _document(name, spec)) for name, spec in models)
    catalog, problems = resolve((*read_specs(ROOT / "specs"), *extra))
    assert catalog is not None, problems
    result, found = plan(catalog)
    return result, (*problems, *found)


def _document(name: str, spec: Mapping[str, Any]) -> bytes:
    metadata = {"name": name, "tenant": "health", "team": "diagnostics"}
    model = {"apiVersion": "watchspec/v1", "kind": "Model", "metadata": metadata, "spec": spec}
    return yaml.safe_dump(model).encode()


def measured(
    samples: Mapping[str, Iterable[tuple[Mapping[str, str], list[float]]]], times: list[int]
) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Run the fleet's measures once, in their order, at the last of ``times`` (ms); return values by record.

    ``samples`` maps a series name to label sets with one value for each time.
    """
    storage = Storage()
    for name, series in samples.items():
        for labels, values in series:
            storage.add(tuple(sorted({"__name__": name, **IDENTITY, **labels}.items())), times, values)
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for rule in _measures(planned()[0]):
        value = evaluate(rule.expr, storage, times[-1]).value
        assert isinstance(value, VectorValue)
        rows = [({**dict(each.labels), **dict(rule.labels)}, each.value) for each in value.samples]
        rows = [({k: v for k, v in labels.items() if k != "__name__"}, number) for labels, number in rows]
        for labels, number in rows:
            storage.add(tuple(sorted({**labels, "__name__": rule.record}.items())), times[-1:], [number])
        if rows:
            found.setdefault(rule.record, []).extend(rows)
    return found


def value(found: Mapping[str, list[tuple[dict[str, str], float]]], record: str) -> float:
    """The only value of a record."""
    ((_, number),) = found[record]
    return number


def _measures(result: Plan) -> Iterable[Recording]:
    production = next(each for each in result.environments if each.environment.name == "production")
    for group in production.fleet:
        if "tiles" not in group.name:
            yield from (rule for rule in group.rules if isinstance(rule, Recording))
