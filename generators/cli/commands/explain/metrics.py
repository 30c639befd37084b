"""``explain metric``: what a metric is, what it costs, and which rules read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from generators.cli.commands.explain.explanation import Explanation
from generators.cli.commands.explain.placed_rules import placed, readers
from generators.cli.commands.explain.rules import Choice
from generators.cli.tables import named_values
from generators.cli.unknown_names import unknown
from generators.language.catalog import ExternalMetric
from generators.planning.names import identity
from generators.planning.plan import Instrument, ModelPlan, Plan


def explain_metric(name: str, choice: Choice, plan: Plan) -> Explanation:
    """Return what is known of a metric, by its OpenTelemetry name, its Prometheus name or its id in packs."""
    models = [model for environment in plan.environments for model in environment.models]
    found = [(model, each) for model in models if _takes(choice, model) for each in _named(name, model)]
    external = plan.catalog.platform.external.get(name)
    if not found and external is None:
        known = (
            other for model in models for each in model.instruments for other in (each.name, each.id, *each.prometheus)
        )
        raise unknown("metric", name, (*known, *plan.catalog.platform.external))
    data = [_data(model, each, plan) for model, each in found]
    if external is not None:
        data.append(_external(external, plan))
    return Explanation("\n\n".join(map(_text, _gathered(data))), data)


def _takes(choice: Choice, model: ModelPlan) -> bool:
    tenant, _, name = (choice.model or "").rpartition("/")
    return (
        name in {"", model.model}
        and (choice.tenant or tenant or model.tenant) == model.tenant
        and choice.environment in {None, model.environment}
    )


def _named(name: str, model: ModelPlan) -> Iterator[Instrument]:
    return (each for each in model.instruments if name in {each.name, each.id, *each.prometheus})


def _data(model: ModelPlan, instrument: Instrument, plan: Plan) -> dict[str, Any]:
    labels = identity(model.deployment)
    rules = [
        each for each in placed(plan) if each.place == model.environment and (each.model is None or each.model is model)
    ]
    found = [each for series in instrument.prometheus for each in readers(series, labels, rules)]
    return {
        "name": instrument.name,
        "id": instrument.id,
        "kind": instrument.kind.value,
        "unit": instrument.unit,
        "description": instrument.description,
        "prometheus": list(instrument.prometheus),
        "buckets": list(instrument.buckets),
        "attributes": {each.key: list(each.values) for each in instrument.attributes},
        "personal_data": instrument.personal_data,
        "series": instrument.series,
        "per": "model" if instrument.per_model else "replica",
        "of": f"{model.tenant}/{model.model}",
        "environments": [model.environment],
        "read_by": list(dict.fromkeys(f"{each.name} ({each.owner})" for each in found)),
        "from": [str(place) for place in instrument.provenance],
    }


def _external(metric: ExternalMetric, plan: Plan) -> dict[str, Any]:
    found = readers(metric.name, {}, placed(plan))
    return {
        "name": metric.name,
        "kind": metric.type,
        "unit": metric.unit,
        "description": f"Emitted by {metric.source}.",
        "attributes": {label: [] for label in metric.labels},
        "of": "external",
        "environments": [],
        "read_by": list(dict.fromkeys(f"{each.name} ({each.owner})" for each in found)),
        "from": [str(metric.position)],
    }


def _gathered(data: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what differs in nothing but the environment once."""
    seen: dict[str, dict[str, Any]] = {}
    for each in data:
        rest = {name: value for name, value in each.items() if name != "environments"}
        first = seen.setdefault(repr(rest), {**rest, "environments": []})
        first["environments"] += each["environments"]
    return iter(seen.values())


def _text(data: dict[str, Any]) -> str:
    where = f" in {', '.join(data['environments'])}" if data["environments"] else ""
    head = f"{data['kind']} {data['name']} of {data['of']}{where}"
    attributes = [f"{key}: {', '.join(values)}" if values else key for key, values in data["attributes"].items()]
    rows = [
        ("is", data["description"]),
        ("unit", data["unit"]),
        ("series", f"{data['series']:,} for each {data['per']}" if "series" in data else ""),
        ("Prometheus", "\n".join(data.get("prometheus", ()))),
        ("buckets", ", ".join(f"{edge:g}" for edge in data.get("buckets", ()))),
        ("attributes", "\n".join(attributes)),
        ("personal data", data.get("personal_data", "")),
        ("read by", "\n".join(data["read_by"])),
        ("from", "\n".join(data["from"])),
    ]
    return f"{head}\n{named_values(rows)}"
