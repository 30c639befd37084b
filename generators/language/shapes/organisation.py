"""The kinds that describe the organisation: Platform, Environment, Team, PriceList."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from generators.language.shapes.base import (
    DurationText,
    Form,
    Level,
    Name,
    PinnedInstall,
    QuantityText,
    Shape,
    Text,
    UnitText,
)
from generators.language.shapes.collector import CollectorShape, DistributionShape
from generators.language.shapes.monitoring import Monitoring


class BudgetShape(Shape):
    """Limits on what monitoring may cost."""

    series: int | None = Field(default=None, ge=1)
    """Active series."""
    samples_per_second: int | None = Field(default=None, ge=1)
    """Samples written per second."""
    rules: int | None = Field(default=None, ge=1)
    """Recording and alerting rules."""


class BudgetsShape(Shape):
    """Limits by scope."""

    model: BudgetShape | None = None
    """For each model in each environment."""
    tenant: BudgetShape | None = None
    """For each tenant in each environment."""
    environment: BudgetShape | None = None
    """For each environment."""


class TenantShape(Shape):
    """A customer or business unit whose data stays apart."""

    description: Text | None = None
    """Who the tenant is."""


class SemconvShape(Shape):
    """The registry of semantic conventions that is made of all metrics, spans and events."""

    version: str = Field(default="1.0.0", pattern=r"^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}$")
    """Version of the registry. A change that breaks readers of the telemetry needs a new major version."""
    url: str = Field(
        default="https://schemas.example.com/watchspec", pattern=r"^https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/-]+$"
    )
    """Schema URL without the version."""


class TelemetryShape(Shape):
    """How telemetry reaches Prometheus."""

    prefix: str = Field(default="ml", pattern=r"^[a-z][a-z0-9]*$")
    """First part of the names of our metrics."""
    translation: Literal["prometheus-3", "mimir", "remote-write"] = "prometheus-3"
    """How OpenTelemetry names become Prometheus names."""
    export_interval: DurationText = "15s"
    """How often services export metrics."""
    transport_delay: DurationText = "1s"
    """How long an export needs through the Collector, at most."""
    gen_ai: Literal["core-1.36", "genai-2026-08"] = "genai-2026-08"
    """Version of the GenAI conventions."""
    semconv: SemconvShape = SemconvShape()
    """Our own conventions."""


class PrometheusShape(Shape):
    """The Prometheus, Mimir or Thanos that evaluates rules."""

    version: Literal["2", "3"] = "3"
    """Major version, for syntax and semantics of PromQL."""
    evaluation_interval: DurationText = "30s"
    """How often rules are evaluated."""
    urgent_interval: DurationText = "10s"
    """How often urgent rules are evaluated."""
    retention: DurationText = "35d"
    """How far back queries may look."""
    rules_per_group: int | None = Field(default=None, ge=5)
    """Most rules that a group may have, as hosted rulers limit; none if absent."""
    experimental_functions: bool = False
    """True if the server runs with experimental functions on."""


class DefaultReceiverShape(Shape):
    """Where alerts go that no route matches."""

    team: Name
    """The team."""
    receiver: Name
    """One of its receivers."""


class TimingShape(Shape):
    """When grouped notifications are sent."""

    group_wait: DurationText | None = None
    """How long the first notification of a group waits for more."""
    group_interval: DurationText | None = None
    """How long changes of a group are collected."""
    repeat_interval: DurationText | None = None
    """When a still firing group is sent again."""


class AlertmanagerShape(Shape):
    """How alerts are grouped and sent."""

    default: DefaultReceiverShape
    """Receiver of last resort."""
    timing: TimingShape | None = None
    """Timing of ordinary routes: 30s, 5m, 4h."""
    urgent: TimingShape | None = None
    """Timing of urgent routes: 5s, 10s, 1h."""
    smtp: dict[str, JsonValue] | None = None
    """Global mail settings, by Alertmanager's names without `smtp_`."""


class TimeRangeShape(Shape):
    """A range of the day, `HH:MM`."""

    start_time: str
    """From, inclusive."""
    end_time: str
    """To, exclusive; `24:00` is allowed."""


class TimeIntervalShape(Shape):
    """Times that routes refer to; all fields must match."""

    times: list[TimeRangeShape] | None = None
    """Times of the day."""
    weekdays: list[str] | None = None
    """`monday`, or `monday:friday`."""
    days_of_month: list[str] | None = None
    """`1`, `1:5`, or `-3:-1` from the end."""
    months: list[str] | None = None
    """`january`, `1:3`."""
    years: list[str] | None = None
    """`2026:2027`."""
    location: str | None = None
    """Time zone, such as `Europe/Berlin`; UTC if absent."""


class ExternalMetricShape(Shape):
    """A series that something else emits and our rules may read."""

    type: Literal["counter", "gauge", "histogram"]
    """What it is."""
    unit: UnitText = ""
    """Its unit."""
    labels: list[str]
    """Labels that it surely carries."""
    source: Text
    """Who emits it, such as `kube-state-metrics`."""


class LinksShape(Shape):
    """Where alerts point to. `{tenant}`, `{model}`, `{environment}`, `{alert}` are filled in."""

    runbook: str = "https://runbooks.example.com/{tenant}/{model}/{alert}.md"
    """URL of an alert's runbook."""
    dashboard: str = "https://grafana.example.com/d/{dashboard}"
    """URL of a model's dashboard; `{dashboard}` is the uid of its system health in the alert's environment."""
    repository: str = Field(default="https://git.example.com/organisation/watch.git", pattern=r"^(https|ssh)://[^\s]+$")
    """Git repository that holds the rendered folder, for Argo CD and Flux."""


Reference: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]*$", max_length=200),
    Form("The name of a branch or tag, without `refs/…`.", free=True),
]


class RevisionShape(Shape):
    """What a cluster follows in the repository: one of these."""

    branch: Reference | None = None
    """A branch, whose every commit is taken."""
    tag: Reference | None = None
    """A tag, such as that of a release."""
    commit: str | None = Field(default=None, pattern=r"^[0-9a-f]{40}$")
    """A commit, as 40 hexadecimal digits."""


class PipelineShape(Shape):
    """What pipelines of continuous integration do."""

    install: PinnedInstall | None = None
    """Where they get watchspec from, pinned so that nobody can change what they run: a wheel with its hash, or a commit
    of a repository. Without it no example of a pipeline is rendered."""


class GrafanaShape(Shape):
    """The Grafana that shows the dashboards."""

    version: Literal["11", "12", "13"] = "12"
    """Major version, for the schema of dashboards."""
    path: str = Field(default="/etc/grafana/dashboards", pattern=r"^/[A-Za-z0-9._/-]*$")
    """Where rendered folders `grafana/dashboards` are mounted, each below the name of its environment."""


class PlatformSpec(Shape):
    """The one document about the organisation as a whole."""

    organisation: Text
    """Name of the organisation."""
    tenants: dict[Name, TenantShape]
    """Tenants; a model belongs to exactly one."""
    telemetry: TelemetryShape = TelemetryShape()
    """How telemetry travels."""
    prometheus: PrometheusShape = PrometheusShape()
    """What evaluates the rules."""
    alertmanager: AlertmanagerShape
    """What sends the alerts."""
    grafana: GrafanaShape = GrafanaShape()
    """What shows the dashboards."""
    time_intervals: dict[Name, list[TimeIntervalShape]] | None = None
    """Named times, for routes."""
    external: dict[str, ExternalMetricShape] | None = None
    """Series that other systems emit, by their Prometheus name."""
    links: LinksShape = LinksShape()
    """Where alerts point to."""
    gitops: RevisionShape = RevisionShape()
    """What clusters follow in the repository; the branch `main` if absent."""
    ci: PipelineShape = PipelineShape()
    """What pipelines do."""
    collector: DistributionShape = DistributionShape()
    """Versions of the Collector's parts."""
    budget: BudgetsShape | None = None
    """Limits on series, samples and rules."""
    defaults: Monitoring | None = None
    """Laid over every pack."""


class EnvironmentSpec(Shape):
    """One place where models run."""

    description: Text | None = None
    """What it is for."""
    label: str | None = None
    """Value of `deployment.environment.name`; the environment's name if absent."""
    severity_cap: Level | None = None
    """Highest severity here: `warning` keeps staging from paging anybody."""
    page_within: DurationText | None = None
    """Promise: a page about a total outage is out within this time; a spec that cannot keep it is a problem."""
    export_interval: DurationText | None = None
    """Overrides the platform's."""
    evaluation_interval: DurationText | None = None
    """Overrides the platform's."""
    urgent_interval: DurationText | None = None
    """Overrides the platform's."""
    gitops: RevisionShape | None = None
    """What this cluster follows, in place of what the platform says."""
    prometheus_url: str | None = Field(default=None, pattern=r"^https://[^\s]+$")
    """Where Prometheus answers queries, for autoscalers that read recorded series."""
    external_labels: dict[str, str] | None = None
    """Labels that the server adds to all that it sends."""
    orchestrator: Literal["kubernetes", "compose"] = "kubernetes"
    """What runs it: resources for Kubernetes are rendered, or a file for Compose, which is one machine's loopback."""
    redirect: Annotated[dict[str, dict[str, JsonValue]], Field(min_length=1)] | None = None
    """Integrations, as in a team's receivers, that take every notification instead of those of the teams. Routes and
    names of receivers stay, so that each notification says who would have been told."""
    collector: CollectorShape | None = None
    """Its Collectors; none are configured if absent."""
    defaults: Monitoring | None = None
    """Laid over the platform's defaults."""


class EscalationShape(Shape):
    """One stage of escalation."""

    after: DurationText
    """How long the alert must have been firing."""
    notify: Name
    """Receiver of the team that is told."""


class NotifyShape(Shape):
    """Receivers by severity."""

    critical: list[Name] = Field(min_length=1)
    """Told at once about critical alerts; somebody has to be."""
    warning: list[Name]
    """Told about warnings; nobody is with `[]`."""
    info: list[Name]
    """Told about info alerts; nobody is with `[]`."""


class ActiveShape(Shape):
    """Time intervals by severity, outside which nobody is told."""

    warning: Name | None = None
    """For warnings."""
    info: Name | None = None
    """For info alerts."""


class TeamSpec(Shape):
    """The people who own models."""

    description: Text | None = None
    """What they are responsible for."""
    contact: Text
    """How a person reaches them."""
    receivers: dict[Name, Annotated[dict[str, dict[str, JsonValue]], Field(min_length=1)]]
    """Receivers: for each name its integrations (`pagerduty`, `slack`, `email`, `webhook`, `opsgenie`, `msteams`) with
    Alertmanager's settings; secrets only as `…_file`."""
    notify: NotifyShape
    """Who is told about what."""
    active: ActiveShape | None = None
    """When they are told."""
    escalation: list[EscalationShape] | None = None
    """Whom a critical alert reaches if it goes on firing."""


class PriceShape(Shape):
    """Prices of one LLM."""

    short = MappingProxyType({r".+": "input"})

    input: QuantityText
    """Price of input tokens: `0.15 USD/1M tokens`."""
    output: QuantityText
    """Price of output tokens."""
    cached_input: QuantityText | None = None
    """Price of cached input tokens; as input if absent."""
    reasoning: QuantityText | None = None
    """Price of reasoning tokens; as output if absent."""


class PriceListSpec(Shape):
    """What LLM providers charge, reviewed like everything else."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217 code."""
    effective: Text | None = None
    """Since when, and where the prices were read."""
    models: dict[str, PriceShape]
    """Prices, by the LLM's name."""
