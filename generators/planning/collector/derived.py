"""Counters for services without our library: the agent makes them of spans and log events that specs declare.

A span of the declared name is one prediction.  A log record whose event name is the name of a counter counts one into
it, with the counter's attributes.  They are made in the agent, before sampling, where each service sends to one
place: gateways would each start a stream of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generators.diagnostics import Code, Problem, did_you_mean
from generators.language.catalog import SpanSource
from generators.language.catalog.collector import Collector, Derivation
from generators.planning.collector.ottl import attribute, equals, of_service, quoted
from generators.planning.collector.plan import Setting
from generators.planning.plan import Counted, Instrument, ModelPlan
from otel.names import InstrumentKind
from otel.semconv import (
    DEPLOYMENT_ENVIRONMENT_NAME,
    MODEL_NAME,
    MODEL_VERSION,
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_NAMESPACE,
    TENANT_ID,
)

NOTHING_TO_DERIVE_FROM = Code(
    "C810",
    "Nothing to derive from",
    "Counters are made from spans or log events of models that exist in the environment.",
    "derive: {retail/chrun: {events: true}}",
    "derive: {retail/churn: {events: true}}",
)

SPANS, EVENTS = "signal_to_metrics", "count"
INSTANCE = "transform/instance"
CUMULATIVE = "deltatocumulative"
_RESOURCE = (SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE_ID, TENANT_ID, DEPLOYMENT_ENVIRONMENT_NAME)


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivation with the model that it is about."""

    stated: Derivation
    model: ModelPlan

    @property
    def service(self) -> str:
        """The condition that telemetry comes from the model's service."""
        model = self.model.deployment.model
        return of_service(model.service, model.namespace)


def derived(collector: Collector, models: Sequence[ModelPlan]) -> tuple[tuple[Derived, ...], tuple[Problem, ...]]:
    """Return what is derived in an environment, sorted by model; models that are not there are problems."""
    known = {f"{each.tenant}/{each.model}": each for each in models}
    found, problems = [], []
    for stated in sorted(collector.derived, key=lambda each: each.model):
        if stated.model in known:
            found.append(Derived(stated, known[stated.model]))
        else:
            help_ = did_you_mean(stated.model, known) or f"models here: {', '.join(sorted(known)) or 'none'}"
            problems.append(
                Problem(NOTHING_TO_DERIVE_FROM, f"there is no model `{stated.model}` here", stated.position, help_)
            )
    return tuple(found), tuple(problems)


def counted(collector: Collector | None, model: ModelPlan) -> Counted | None:
    """Return what the agent counts for a model; None where its service counts itself."""
    found, _ = derived(collector, [model]) if collector else ((), ())
    for each in found:
        events = {one.name: tuple(attribute.key for attribute in one.attributes) for one in counted_events(each)}
        return Counted(each.stated.span, events)
    return None


def statements(found: Sequence[Derived]) -> tuple[list[str], list[str]]:
    """Return what spans and log records need before they can be counted: the model, and attributes by metric names."""
    spans: list[str] = []
    logs: list[str] = []
    for each in found:
        model = each.model.deployment.model
        for owner, on, out in (("span", _span_condition(each), spans), ("log", each.service, logs)):
            if (owner == "span" and each.stated.span) or (owner == "log" and each.stated.events):
                out.append(f"set({attribute(owner, MODEL_NAME)}, {quoted(model.name)}) where {on}")
                absent = f"{attribute(owner, MODEL_VERSION)} == nil"
                if not model.version:
                    continue
                out.append(f"set({attribute(owner, MODEL_VERSION)}, {quoted(model.version)}) where {absent} and {on}")
        if each.stated.span:
            for source, key in _renamed(each):
                present = f"{source} != nil and {_span_condition(each)}"
                spans.append(f"set({attribute('span', key)}, {source}) where {present}")
    return spans, logs


def settings(found: Sequence[Derived]) -> Iterator[Setting]:
    """Yield the connectors, and what turns their increments into totals."""
    spans = [each for each in found if each.stated.span]
    events = [each for each in found if each.stated.events]
    if spans:
        metrics = [_span_metric(each, fed, fed.span) for each in spans for fed in each.model.instruments if fed.span]
        value = {"error_mode": "propagate", "spans": metrics}
        why = "Counters of services without our library, made of their spans before sampling."
        yield Setting(("connectors", SPANS), value, why, tuple(each.stated.position for each in spans))
    if events:
        why = "Counters of services without our library, made of log events that are named like them."
        places = tuple(each.stated.position for each in events)
        yield Setting(("connectors", EVENTS), {"logs": _event_metrics(events)}, why, places)
    if found:
        places = tuple(each.stated.position for each in found)
        own = attribute("resource", SERVICE_INSTANCE_ID)
        agent = attribute("resource", f"{SPANS}.{SERVICE_INSTANCE_ID}")
        statement = f"set({own}, {agent}) where {own} == nil and {agent} != nil"
        why = "A service without an instance id gets the agent's, so that two nodes never share a stream."
        groups = [{"statements": [statement]}]
        yield Setting(("processors", INSTANCE), {"error_mode": "propagate", "metric_statements": groups}, why, places)
        why = "Connectors emit increments; Prometheus takes totals."
        yield Setting(("processors", CUMULATIVE), {"max_stale": "10m", "max_streams": 200000}, why, places)


def connectors(found: Sequence[Derived]) -> tuple[str, ...]:
    """Return the connectors in use."""
    spans, events = any(each.stated.span for each in found), any(each.stated.events for each in found)
    return (*((SPANS,) if spans else ()), *((EVENTS,) if events else ()))


def _span_condition(each: Derived) -> str:
    return f"{each.service} and {equals('span.name', each.stated.span)}"


def _renamed(each: Derived) -> tuple[tuple[str, str], ...]:
    """Attributes of spans with the key that they have on metrics."""
    found = (
        one for instrument in each.model.instruments if instrument.span for one in instrument.attributes if one.span
    )
    return tuple(dict.fromkeys((attribute("span", one.span), one.key) for one in found))


def _counts(source: SpanSource) -> Iterator[str]:
    """Yield the conditions on which a span counts."""
    if source.succeeded:
        yield "span.status.code != STATUS_CODE_ERROR"
    if source.attribute:
        yield f"{attribute('span', source.attribute)} != nil"
    if source.below is not None:
        yield f"{attribute('span', source.attribute)} < {source.below}"


def _observed(source: SpanSource) -> str:
    """Return what a histogram observes of a span."""
    if source.value == "attribute":
        return f"Double({attribute('span', source.attribute)})"
    return "Seconds(span.end_time - span.start_time)"


def _span_metric(each: Derived, instrument: Instrument, source: SpanSource) -> dict[str, object]:
    fields: dict[str, object] = {
        "name": instrument.name,
        "description": instrument.description,
        "unit": instrument.unit,
        "include_resource_attributes": [{"key": key, "optional": True} for key in _RESOURCE],
        "attributes": [
            {"key": MODEL_NAME},
            {"key": MODEL_VERSION, "optional": True},
            *({"key": attribute.key, "optional": True} for attribute in instrument.attributes),
        ],
        "conditions": [" and ".join((_span_condition(each), *_counts(source)))],
    }
    if instrument.kind is InstrumentKind.HISTOGRAM:
        fields["histogram"] = {"buckets": list(instrument.buckets), "count": "1", "value": _observed(source)}
    else:
        fields["sum"] = {"value": "1", "monotonic": True}
    return fields


def counted_events(each: Derived) -> Iterator[Instrument]:
    """Yield the counters of a model that log events of their name are counted into, attributes and all."""
    for instrument in each.model.instruments if each.stated.events else ():
        if instrument.kind is InstrumentKind.COUNTER and not (each.stated.span and instrument.span):
            yield instrument


def _event_metrics(found: Sequence[Derived]) -> dict[str, object]:
    """Return each counter once, counted for any of the models that have it."""
    by_name: dict[str, tuple[Instrument, list[Derived]]] = {}
    for each in found:
        for instrument in counted_events(each):
            by_name.setdefault(instrument.name, (instrument, []))[1].append(each)
    return {
        name: {
            "description": instrument.description,
            "conditions": [f"{equals('log.event_name', name)} and {each.service}" for each in models],
            "attributes": [
                {"key": MODEL_NAME},
                _attribute(MODEL_VERSION, optional=not all(each.model.deployment.model.version for each in models)),
                *(_attribute(attribute.key, optional=attribute.optional) for attribute in instrument.attributes),
            ],
        }
        for name, (instrument, models) in sorted(by_name.items())
    }


def _attribute(key: str, *, optional: bool) -> dict[str, object]:
    return {"key": key, "default_value": ""} if optional else {"key": key}
