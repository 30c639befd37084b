"""Instrument manifests: what the service of a model emits, as its runtime reads it. One file a model.

What environments have in common is said once; a metric says where it exists if that is not everywhere, and how an
environment differs from the first one that has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Final

from generators.artifact import Artifact
from generators.formats.json_printer import format_json
from generators.language.catalog import Model, Platform
from generators.planning.names import STRATEGIES
from generators.planning.plan import Counted, Instrument, InstrumentAttribute, ModelEverywhere, ModelPlan, Plan
from generators.targets.service.facts import Object, attributes, facts, identity, resource
from generators.targets.target import Target
from otel.names import series_names

MANIFEST = 1
"""Version of the format; a runtime refuses any other."""

SCHEMA = "schema/instruments.schema.json"


def emit(_: Plan) -> Iterator[Artifact]:
    """Render the JSON Schema of manifests."""
    schema = resources.files("generators").joinpath("library/instruments.schema.json").read_text("utf-8")
    yield Artifact(SCHEMA, schema, ())


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``instruments/<tenant>/<model>.json``."""
    plans = everywhere.plans
    text = format_json(manifest(plans, everywhere.whole.catalog.platform))
    yield Artifact(f"instruments/{plans[0].tenant}/{plans[0].model}.json", text, everywhere.files)


def manifest(plans: Sequence[ModelPlan], platform: Platform) -> Object:
    """Return the manifest of a model from its plans in all environments."""
    model = plans[0].deployment.model
    return {
        "$schema": f"../../{SCHEMA}",
        "manifest": MANIFEST,
        "model": identity(model),
        "resource": resource(model),
        "attributes": attributes(model),
        **({"gen_ai": platform.gen_ai} if model.llm else {}),
        "environments": {plan.environment: _environment(plan) for plan in plans},
        **facts(model),
        "metrics": _metrics(plans),
    }


def _environment(plan: ModelPlan) -> Object:
    environment, model = plan.deployment.environment, plan.deployment.model
    fields: Object = {
        "resource": {"deployment.environment.name": environment.label},
        "export_interval_seconds": _number(environment.export_interval_ms / 1000),
        "series": _series(plan, model),
    }
    return {**fields, "derive": _derive(plan.counted)} if plan.counted else fields


def _derive(counted: Counted) -> Object:
    """Return the span and the log events that the agent counts, for a service without our library."""
    events = {name: list(keys) for name, keys in counted.events.items()}
    return {**({"span": counted.span} if counted.span else {}), **({"events": events} if events else {})}


def _series(plan: ModelPlan, model: Model) -> int:
    """Return the active series of all replicas of one model version."""
    return sum(each.series * (1 if each.per_model else model.replicas) for each in plan.instruments)


def _metrics(plans: Sequence[ModelPlan]) -> Object:
    """Return the metrics of all environments by id, with what differs between environments."""
    found: dict[str, dict[str, Object]] = {}
    for plan in plans:
        for instrument in plan.instruments:
            found.setdefault(instrument.id, {})[plan.environment] = _metric(instrument)
    return {id_: _merged(found[id_], [plan.environment for plan in plans]) for id_ in sorted(found)}


def _merged(by_environment: dict[str, Object], everywhere: list[str]) -> Object:
    common, *_ = by_environment.values()
    merged = dict(common)
    if list(by_environment) != everywhere:
        merged["environments"] = list(by_environment)
    overrides = {name: changes for name, metric in by_environment.items() if (changes := _changes(common, metric))}
    return {**merged, "overrides": overrides} if overrides else merged


def _changes(common: Object, metric: Object) -> Object:
    """Return the fields in which a metric differs; what it lacks is null there."""
    names = [*metric, *(name for name in common if name not in metric)]
    return {name: metric.get(name) for name in names if metric.get(name) != common.get(name)}


def _metric(instrument: Instrument) -> Object:
    fields: Object = {
        "name": instrument.name,
        "kind": instrument.kind.value,
        "unit": instrument.unit,
        "description": instrument.description,
    }
    if instrument.buckets:
        fields["buckets"] = [_number(edge) for edge in instrument.buckets]
    if instrument.attributes:
        fields["attributes"] = {each.key: _attribute(each) for each in instrument.attributes}
    if instrument.cells:
        fields["cells"] = [{key: list(values) for key, values in block} for block in instrument.cells]
    if instrument.personal_data:
        fields["personal_data"] = instrument.personal_data
    fields["per"] = "model" if instrument.per_model else "replica"
    fields["series"] = instrument.series
    fields["prometheus"] = {
        translation: list(series_names(instrument.name, instrument.kind, instrument.unit, strategy))
        for translation, strategy in STRATEGIES.items()
    }
    return fields


def _attribute(attribute: InstrumentAttribute) -> Object:
    fields: Object = {"label": attribute.label, "description": attribute.description, "values": list(attribute.values)}
    if attribute.optional:
        fields["optional"] = True
    if attribute.derived:
        fields["derived"] = True
    return fields


def _number(value: float) -> int | float:
    """Return a whole number without its point."""
    return int(value) if value.is_integer() else value


TARGET: Final = Target("service/instruments", of_plan=emit, of_model=emit_model)
