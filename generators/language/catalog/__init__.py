"""The Catalog: what the user means. References are objects, values are typed, every value knows its place.

``organisation`` holds who and where, ``model`` what is watched, ``monitoring`` how, ``collector`` on which way data
moves.  Built by ``generators.language.resolve`` from specs whose shape was checked, read by planning; all is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generators.language.catalog.autoscaling import Autoscaling, Horizontal, Resources, Vertical
from generators.language.catalog.model import Baseline, Bins, Feature, Llm, LlmTier, Model, Profile, ReferenceWindow
from generators.language.catalog.monitoring import (
    Alert,
    AlertingDegree,
    Attribute,
    Better,
    Block,
    Cause,
    EventRatio,
    Formula,
    Gate,
    Kpi,
    Latency,
    Level,
    Limit,
    Measure,
    Metric,
    Noise,
    Outage,
    PlacedPanel,
    Runbook,
    Show,
    Slo,
    SpanSource,
    Template,
    Threshold,
    Tile,
    burn_alert,
    camel_case,
)
from generators.language.catalog.organisation import (
    Budget,
    Environment,
    Escalation,
    ExternalMetric,
    Platform,
    Price,
    PriceList,
    Redirect,
    Revision,
    Semconv,
    Team,
    Timing,
)

__all__ = [
    "Alert",
    "AlertingDegree",
    "Attribute",
    "Autoscaling",
    "Baseline",
    "Better",
    "Bins",
    "Block",
    "Budget",
    "Catalog",
    "Cause",
    "Deployment",
    "Environment",
    "Escalation",
    "EventRatio",
    "ExternalMetric",
    "Feature",
    "Formula",
    "Gate",
    "Horizontal",
    "Kpi",
    "Latency",
    "Level",
    "Limit",
    "Llm",
    "LlmTier",
    "Measure",
    "Metric",
    "Model",
    "Noise",
    "Outage",
    "PlacedPanel",
    "Platform",
    "Price",
    "PriceList",
    "Profile",
    "Redirect",
    "ReferenceWindow",
    "Resources",
    "Revision",
    "Runbook",
    "Semconv",
    "Show",
    "Slo",
    "SpanSource",
    "Team",
    "Template",
    "Threshold",
    "Tile",
    "Timing",
    "Vertical",
    "burn_alert",
    "camel_case",
]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model in one environment, with everything that is watched there.

    ``packs`` are named most general first; ``files`` are the documents whose values it is made of, sorted; ``panels``
    are in the order of packs; ``left_out`` are the alerts that apply, and exist only under
    more thorough ``alerting``.
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
    autoscaling: Autoscaling | None = None
    panels: tuple[PlacedPanel, ...] = ()
    alerting: AlertingDegree = AlertingDegree.STANDARD
    left_out: tuple[Alert, ...] = ()

    @property
    def limits(self) -> tuple[Alert, ...]:
        """All alerts, those that are left out included: what is drawn and gated by them stays."""
        return (*self.alerts, *self.left_out)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole organisation, sorted by name; ``deployments`` by environment, tenant, model."""

    platform: Platform
    environments: tuple[Environment, ...]
    teams: Mapping[str, Team]
    price_lists: Mapping[str, PriceList]
    deployments: tuple[Deployment, ...]
