"""The Catalog: what the user means. References are objects, values are typed, every node knows its place.

Built by ``generators.language.resolve`` from the shapes; read by ``generators.planning``.  Everything is frozen.
PromQL is a tree with holes: ``$name`` reads a metric, tile or measure of the same deployment, ``$by`` is the list of
identity labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from generators.language.collector import Collector, Distribution
from generators.language.nodes import Scalar, inside
from generators.language.problems import Position
from generators.language.values import Quantity
from generators.promql.ast import NOWHERE, Expr, Span
from otel.names import InstrumentKind


class Level(StrEnum):
    """Severities, mildest first; Prometheus label ``severity``."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Better(StrEnum):
    """Which direction of a measure is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Formula:
    """A PromQL tree with holes, and the scalar that it was read from."""

    expr: Expr
    text: str
    scalar: Scalar

    def place(self, span: Span) -> Position:
        """The place of a part of the expression in the spec."""
        return inside(self.scalar, span.start, span.end) if span != NOWHERE else self.scalar.position

    @property
    def position(self) -> Position:
        """The place of the whole expression."""
        return self.scalar.position


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a metric; ``values`` None means unbounded by the spec (a problem in the plan)."""

    key: str
    description: str
    values: tuple[str, ...]
    optional: bool
    derived: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Metric:
    """An OpenTelemetry instrument; ``buckets`` are upper edges in ``unit``, ascending, without +Inf."""

    id: str
    name: str
    kind: InstrumentKind
    unit: str
    description: str
    buckets: tuple[Decimal, ...]
    attributes: tuple[Attribute, ...]
    per_model: bool
    personal_data: str
    position: Position


@dataclass(frozen=True, slots=True)
class Tile:
    """Five-minute increments of the counter ``metric``, summed over replicas, split by ``keep``."""

    id: str
    metric: str
    keep: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Measure:
    """A named value recorded for the whole fleet as ``record``, in ``unit``."""

    id: str
    description: str
    unit: str
    better: Better
    formula: Formula
    record: str
    keep: tuple[str, ...]
    interval_ms: int | None
    position: Position


@dataclass(frozen=True, slots=True)
class Runbook:
    """What a person needs when an alert arrives; empty strings where the spec says nothing."""

    meaning: str = ""
    impact: str = ""
    steps: tuple[str, ...] = ()
    rollback: str = ""


@dataclass(frozen=True, slots=True)
class EventRatio:
    """Bad or good events over all events; each formula is a selector of a counter."""

    bad: Formula | None
    good: Formula | None
    total: Formula


@dataclass(frozen=True, slots=True)
class Latency:
    """Observations of ``metric`` at most ``below`` are good; each has its place, as far as it is stated."""

    metric: str
    below: Quantity
    position: Position
    metric_position: Position


@dataclass(frozen=True, slots=True)
class Limit:
    """Time during which ``measure`` is beyond ``limit`` is bad; ``upper`` says on which side.

    ``slice_ms`` averages the measure over slices of that length first.
    """

    measure: str
    limit: Quantity
    upper: bool
    slice_ms: int | None
    position: Position
    measure_position: Position


@dataclass(frozen=True, slots=True)
class Outage:
    """The tier above the burn rates: share of bad events over ``window_ms`` above ``ratio``."""

    ratio: Decimal
    window_ms: int
    min_events: int
    position: Position


@dataclass(frozen=True, slots=True)
class Slo:
    """An objective: ``objective`` is the share of good events (0 to 1, exact) over ``window_ms``."""

    name: str
    description: str
    objective: Decimal
    window_ms: int
    indicator: EventRatio | Latency | Limit
    outage: Outage | None
    tiers: tuple[str, ...] | None
    symptom: str
    runbook: Runbook
    position: Position
    objective_position: Position
    tier_positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """One level of an alert on a measure: fires while measure ``op`` ``value``, for ``for_ms``."""

    level: Level
    op: str
    value: Quantity
    for_ms: int
    position: Position


@dataclass(frozen=True, slots=True)
class Gate:
    """The alert needs at least ``minimum`` of ``measure``, which counts samples."""

    measure: str
    minimum: Quantity
    position: Position


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of a spec: on a ``measure`` with ``thresholds``, or a ``formula`` with ``severity`` and ``for_ms``."""

    name: str
    summary: str
    description: str
    measure: str
    thresholds: tuple[Threshold, ...]
    formula: Formula | None
    severity: Level
    for_ms: int
    unit: str
    gate: Gate | None
    priority: str
    keep_firing_for_ms: int
    interval_ms: int | None
    symptom: str
    notify: tuple[str, ...]
    repeat_ms: int | None
    active: str
    runbook: Runbook
    position: Position


@dataclass(frozen=True, slots=True)
class Comparison:
    """A KPI's comparison at one level."""

    level: Level
    op: str
    value: Quantity
    position: Position


@dataclass(frozen=True, slots=True)
class Kpi:
    """A business figure: arithmetic over measures as a tree whose selectors are holes named like the measures."""

    name: str
    description: str
    unit: str
    formula: Formula
    comparisons: tuple[Comparison, ...]
    for_ms: int
    runbook: Runbook
    position: Position


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits; None where the spec says nothing."""

    series: int | None = None
    samples_per_second: int | None = None
    rules: int | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """After ``after_ms`` of firing, ``receiver`` of the team is told."""

    after_ms: int
    receiver: str
    position: Position


@dataclass(frozen=True, slots=True)
class Team:
    """Owners; ``receivers`` maps a name to its integrations (kind, settings)."""

    name: str
    description: str
    contact: str
    receivers: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]
    receiver_positions: Mapping[str, Position]
    notify: Mapping[Level, tuple[str, ...]]
    active: Mapping[Level, str]
    escalation: tuple[Escalation, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Timing:
    """Grouping of notifications, in milliseconds."""

    group_wait_ms: int
    group_interval_ms: int
    repeat_interval_ms: int


@dataclass(frozen=True, slots=True)
class ExternalMetric:
    """A series of another system."""

    name: str
    type: str
    unit: str
    labels: tuple[str, ...]
    source: str
    position: Position


@dataclass(frozen=True, slots=True)
class Semconv:
    """The registry of our semantic conventions: version, schema URL without it, and the place of the version."""

    version: str = "1.0.0"
    url: str = "https://schemas.example.com/watchspec"
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """The organisation as a whole; times in milliseconds."""

    name: str
    organisation: str
    tenants: Mapping[str, str]
    prefix: str
    translation: str
    export_interval_ms: int
    transport_delay_ms: int
    gen_ai: str
    prometheus_version: str
    evaluation_interval_ms: int
    urgent_interval_ms: int
    retention_ms: int
    rules_per_group: int | None
    experimental_functions: bool
    default_team: str
    default_receiver: str
    timing: Timing
    urgent: Timing
    smtp: Mapping[str, Any]
    time_intervals: Mapping[str, tuple[Mapping[str, object], ...]]
    interval_positions: Mapping[str, Position]
    external: Mapping[str, ExternalMetric]
    runbook_url: str
    dashboard_url: str
    model_budget: Budget
    tenant_budget: Budget
    environment_budget: Budget
    position: Position
    grafana_version: str = "12"
    grafana_path: str = "/etc/grafana/dashboards"
    semconv: Semconv = Semconv()
    repository_url: str = "https://git.example.com/organisation/watch.git"
    distribution: Distribution = Distribution()


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where models run; intervals are the effective ones."""

    name: str
    description: str
    label: str
    severity_cap: Level
    page_within_ms: int | None
    export_interval_ms: int
    evaluation_interval_ms: int
    urgent_interval_ms: int
    external_labels: Mapping[str, str]
    position: Position
    collector: Collector | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """An input of a model."""

    name: str
    type: str
    unit: str
    range: tuple[Decimal, Decimal] | None
    values: tuple[str, ...]
    description: str
    max_age_ms: int | None


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of one LLM, in ``currency`` per token, exact."""

    model: str
    input: Decimal
    output: Decimal
    cached_input: Decimal
    reasoning: Decimal


@dataclass(frozen=True, slots=True)
class PriceList:
    """What LLM providers charge."""

    name: str
    currency: str
    effective: str
    prices: Mapping[str, Price]
    position: Position


@dataclass(frozen=True, slots=True)
class LlmTier:
    """A model tier of an LLM application."""

    name: str
    model: str
    provider: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Llm:
    """What an LLM application uses."""

    tiers: tuple[LlmTier, ...]
    prices: PriceList | None
    tools: tuple[str, ...]
    tokens_per_request: int | None


@dataclass(frozen=True, slots=True)
class Model:
    """An AI model: identity, ownership and facts, the same in every environment.

    ``traffic`` is in requests per second. ``files`` are the documents that it was resolved from.
    """

    name: str
    tenant: str
    team: Team
    domain: str
    tier: str
    description: str
    task: str
    version: str
    sha256: str
    framework: str
    service: str
    namespace: str
    deployment: str
    replicas: int
    traffic: Decimal | None
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    positive: str
    threshold: Decimal | None
    low_confidence: Decimal | None
    prediction_unit: str
    label_delay_ms: int | None
    label_sample: Decimal | None
    label_source: str
    segments: Mapping[str, tuple[str, ...]]
    llm: Llm | None
    rollback: str
    dpia: str
    risk: str
    standards: tuple[str, ...]
    budget: Budget
    position: Position


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model in one environment, with everything that is watched there.

    ``packs`` are named most general first; ``files`` are the documents whose values it is made of, sorted.
    """

    model: Model
    environment: Environment
    packs: tuple[str, ...]
    metrics: Mapping[str, Metric]
    tiles: Mapping[str, Tile]
    measures: Mapping[str, Measure]
    slos: tuple[Slo, ...]
    kpis: tuple[Kpi, ...]
    alerts: tuple[Alert, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole organisation, sorted by name; ``deployments`` by environment, tenant, model."""

    platform: Platform
    environments: tuple[Environment, ...]
    teams: Mapping[str, Team]
    price_lists: Mapping[str, PriceList]
    deployments: tuple[Deployment, ...]
