"""The Plan: what must exist, as data. Targets read it and nothing else.

Expressions are PromQL trees without holes; durations are milliseconds; labels and annotations are sorted pairs.
Each rule and route says which places in which specs asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from generators.alertmanager import Config
from generators.diagnostics import Position
from generators.language.catalog import Block, Catalog, Deployment, Environment, Level, Runbook, SpanSource
from generators.planning.collector.plan import NO_DISTRIBUTION, CollectorPlan, DistributionPlan
from generators.planning.dashboards.panels import Dashboard
from generators.promql.syntax.ast import Expr
from otel.names import InstrumentKind

Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InstrumentAttribute:
    """An attribute of an instrument: OpenTelemetry key, Prometheus label, bounded values."""

    key: str
    label: str
    description: str
    values: tuple[str, ...]
    optional: bool
    derived: bool
    span: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What the service of one model emits.

    ``series`` counts Prometheus series of one replica and one model version; ``prometheus`` lists their names (for a
    histogram: bucket, count, sum); ``buckets`` are upper edges in ``unit``.  ``cells`` says which values of some
    attributes occur together, block by block; without it all do.
    """

    id: str
    name: str
    prometheus: tuple[str, ...]
    kind: InstrumentKind
    unit: str
    description: str
    buckets: tuple[float, ...]
    attributes: tuple[InstrumentAttribute, ...]
    per_model: bool
    personal_data: str
    series: int
    provenance: tuple[Position, ...]
    cells: tuple[Block, ...] = ()
    span: SpanSource | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule. ``unit`` is the unit of its value."""

    record: str
    expr: Expr
    labels: Pairs
    unit: str
    description: str
    provenance: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Alerting:
    """An alerting rule with explicit numbers.

    ``threshold`` is the bound as people read it (``500 ms``), empty where there is none. ``promise_ms`` bounds the
    time from the first failing request to the notification, where it was computed. ``runbook`` feeds its page.
    ``instance`` are the labels by which alerts of one name differ within a model; ``hidden_by`` names the alerts of
    the model that explain this one.
    """

    alert: str
    expr: Expr
    for_ms: int
    keep_firing_for_ms: int
    labels: Pairs
    annotations: Pairs
    level: Level
    threshold: str
    promise_ms: int | None
    runbook: Runbook
    provenance: tuple[Position, ...]
    instance: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()


Rule: TypeAlias = Recording | Alerting


@dataclass(frozen=True, slots=True)
class Group:
    """A rule group, evaluated in order every ``interval_ms``."""

    name: str
    interval_ms: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Objective:
    """An SLO as planned: the names that dashboards and pages need."""

    slo: str
    sloth_id: str
    sloth_service: str
    objective: str
    window: str
    description: str
    symptom: str
    kind: str
    provenance: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What monitoring costs: active series, samples per second, rules, and the series that rules write."""

    series: int
    samples_per_second: float
    rules: int
    recorded_series: int

    def __add__(self, other: Cost) -> Cost:
        """Add field by field."""
        return Cost(
            self.series + other.series,
            self.samples_per_second + other.samples_per_second,
            self.rules + other.rules,
            self.recorded_series + other.recorded_series,
        )


NO_COST = Cost(0, 0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the agent counts for a service without our library: a span, and log events with the keys that they need."""

    span: str
    events: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """One model in one environment. ``files`` are the specs that it was made of; the agent counts ``counted``.

    ``latency_query`` is what an autoscaler asks Prometheus, where the spec wants one that scales by latency.
    """

    tenant: str
    model: str
    environment: str
    deployment: Deployment
    instruments: tuple[Instrument, ...]
    groups: tuple[Group, ...]
    objectives: tuple[Objective, ...]
    cost: Cost
    files: tuple[str, ...]
    dashboards: Sequence[Dashboard] = ()
    counted: Counted | None = None
    latency_query: Expr | None = None

    @property
    def alerts(self) -> tuple[Alerting, ...]:
        """Its alerting rules, in the order of its groups."""
        return tuple(rule for group in self.groups for rule in group.rules if isinstance(rule, Alerting))


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """One environment: fleet rules once, models, and the routes of their alerts."""

    environment: Environment
    fleet: tuple[Group, ...]
    fleet_files: tuple[str, ...]
    models: tuple[ModelPlan, ...]
    alertmanager: Config
    alertmanager_files: tuple[str, ...]
    route_provenance: Mapping[str, tuple[Position, ...]]
    cost: Cost
    collector: CollectorPlan | None = None
    dashboards: Sequence[Dashboard] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """The semantic conventions of the organisation in Weaver's format: its manifest, and files by name without suffix.

    ``sources`` are the specs that attributes and metrics come from.
    """

    manifest: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scrape:
    """What rules read of another system: its name, and the series that are kept of it.

    ``kubelet_path`` is where the kubelet of a node answers for it, empty for a service of its own.
    """

    source: str
    series: tuple[str, ...]
    kubelet_path: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is rendered, sorted by environment, tenant and model."""

    catalog: Catalog
    environments: tuple[EnvironmentPlan, ...]
    registry: Registry | None = None
    distribution: DistributionPlan = NO_DISTRIBUTION
    scrapes: tuple[Scrape, ...] = ()

    def models(self) -> tuple[ModelEverywhere, ...]:
        """Return each model with its plans in all environments, sorted by tenant and name."""
        found: dict[tuple[str, str], list[tuple[EnvironmentPlan, ModelPlan]]] = {}
        for environment in self.environments:
            for model in environment.models:
                found.setdefault((model.tenant, model.model), []).append((environment, model))
        return tuple(ModelEverywhere(self, tuple(planned)) for _, planned in sorted(found.items(), key=itemgetter(0)))


@dataclass(frozen=True, slots=True)
class ModelEverywhere:
    """One model of a plan in all its environments, sorted by their names: what its pages and files are made of."""

    whole: Plan
    environments: tuple[tuple[EnvironmentPlan, ModelPlan], ...]

    @property
    def plans(self) -> tuple[ModelPlan, ...]:
        """The model's plans."""
        return tuple(planned for _, planned in self.environments)

    @property
    def files(self) -> tuple[str, ...]:
        """The specs that the model was made of, in any environment."""
        return tuple(sorted({file for planned in self.plans for file in planned.files}))
