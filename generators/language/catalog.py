"""The Catalog: what the user means. References are objects, values are typed, every node knows its place.

Built by ``generators.language.resolve`` from the shapes; read by ``generators.planning``.  Everything is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from generators.language.collector import USUAL_DISTRIBUTION, Collector, Distribution
from generators.language.problems import Position
from generators.language.watched import (
    Alert,
    Attribute,
    Better,
    Block,
    Comparison,
    EventRatio,
    Formula,
    Gate,
    Kpi,
    Latency,
    Level,
    Limit,
    Measure,
    Metric,
    Outage,
    Runbook,
    Slo,
    Threshold,
    Tile,
)

__all__ = [
    "Alert",
    "Attribute",
    "Baseline",
    "Better",
    "Bins",
    "Block",
    "Budget",
    "Catalog",
    "Comparison",
    "Deployment",
    "Environment",
    "Escalation",
    "EventRatio",
    "ExternalMetric",
    "Feature",
    "Formula",
    "Gate",
    "Kpi",
    "Latency",
    "Level",
    "Limit",
    "Llm",
    "LlmTier",
    "Measure",
    "Metric",
    "Model",
    "Outage",
    "Platform",
    "Price",
    "PriceList",
    "Profile",
    "Redirect",
    "Runbook",
    "Semconv",
    "Slo",
    "Team",
    "Threshold",
    "Tile",
    "Timing",
]


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
    distribution: Distribution = USUAL_DISTRIBUTION


@dataclass(frozen=True, slots=True)
class Redirect:
    """Integrations (kind, settings) that every receiver of an environment has instead of its own."""

    integrations: tuple[tuple[str, Mapping[str, Any]], ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where models run; intervals are the effective ones.

    ``orchestrator`` is ``kubernetes`` or ``compose``.
    """

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
    orchestrator: str = "kubernetes"
    redirect: Redirect | None = None


@dataclass(frozen=True, slots=True)
class Bins:
    """How values are counted: numbers between inner ``edges``, or a bin for each of ``values``.

    Bin k of n edges holds what is at least edge k-1 and less than edge k, so that there are n+1 of them.
    """

    edges: tuple[Decimal, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """An input of a model; without ``bins`` its values are not counted by bin."""

    name: str
    type: str
    unit: str
    range: tuple[Decimal, Decimal] | None
    values: tuple[str, ...]
    description: str
    max_age_ms: int | None
    bins: Bins | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What reference data looks like: a share for each bin, and the share of rows without a value."""

    bins: Bins
    shares: tuple[Decimal, ...]
    missing: Decimal
    mean: Decimal | None
    deviation: Decimal | None
    position: Position


@dataclass(frozen=True, slots=True)
class Baseline:
    """The reference data of a model; ``version`` is on every series that is counted in its bins."""

    name: str
    version: str
    rows: int
    source: str
    features: Mapping[str, Profile]
    prediction: Profile | None
    score: Profile | None
    position: Position


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
    """What an LLM application uses; ``content`` tells that prompts and answers are recorded, redacted."""

    tiers: tuple[LlmTier, ...]
    prices: PriceList | None
    tools: tuple[str, ...]
    tokens_per_request: int | None
    content: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """An AI model: identity, ownership and facts, the same in every environment.

    ``traffic`` is in requests per second. ``logged`` names the features that the log of predictions holds.
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
    prediction_range: tuple[Decimal, Decimal] | None = None
    logged: tuple[str, ...] = ()
    baseline: Baseline | None = None
    prediction_bins: Bins | None = None


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
