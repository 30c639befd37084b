"""The organisation: platform, environments, teams, budgets and price lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from generators.diagnostics import Position
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog.collector import USUAL_DISTRIBUTION, Collector, Distribution
from generators.language.catalog.monitoring import Level


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
    """Owners; ``receivers`` maps a name to its integrations (kind, settings), as ``receiver_nodes`` writes them."""

    name: str
    description: str
    contact: str
    receivers: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]
    receiver_positions: Mapping[str, Position]
    receiver_nodes: Mapping[str, MappingNode]
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
class Revision:
    """What a cluster follows in the repository: ``kind`` is ``branch``, ``tag`` or ``commit``."""

    kind: str = "branch"
    name: str = "main"


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
    revision: Revision = Revision()
    export_position: Position | None = None
    install: str = ""
    """Where pipelines get watchspec from, as pip takes it; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Integrations (kind, settings) that every receiver of an environment has instead of its own."""

    integrations: tuple[tuple[str, Mapping[str, Any]], ...]
    position: Position
    node: MappingNode


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where models run; intervals are the effective ones.

    ``orchestrator`` is ``kubernetes`` or ``compose``; ``prometheus_url`` is empty where nobody said it;
    ``export_position`` is where the export interval stands, None where nobody stated it.
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
    prometheus_url: str = ""
    revision: Revision = Revision()
    export_position: Position | None = None


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
    prices: Mapping[str, Price]
    position: Position
