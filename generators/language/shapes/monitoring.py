"""What is measured and watched: the part of the language that packs, platform, environments and models share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field

from generators.language.shapes.autoscaling import AutoscalingShape
from generators.language.shapes.base import (
    Alerting,
    AlertName,
    AttributeKey,
    ComparisonText,
    DurationText,
    Identifier,
    LabelName,
    Level,
    Name,
    PromQLText,
    QuantityText,
    Shape,
    Text,
    UnitText,
)
from generators.language.shapes.metric import MetricShape, Requirement, TileShape
from generators.language.shapes.panel import PanelShape

AtMost: Final = Field(max_length=500)
"""No model has more of anything than a person could read in a day."""


class NoiseShape(Shape):
    """What a distance from the baseline reaches by chance, so that a level below it is told to whoever writes it.

    It says of the measure's expression what the compiler cannot read from it.
    """

    statistic: Literal["psi"] | None = None
    """The distance: `psi`, the population stability index with half a value added to each bin."""
    of: Literal["features", "score", "prediction"] | None = None
    """What is compared with its profile in the baseline."""
    window: DurationText | None = None
    """How long values are collected for one distance."""
    confirmed: DurationText | None = None
    """The shorter window that has to agree; the value is there only if it does."""
    fewest: int | None = Field(default=None, ge=1)
    """How many values the shorter window needs."""
    once_in: int | None = Field(default=None, ge=2)
    """In how many evaluations one of all profiles of a baseline exceeds by chance what counts as noise."""


class MeasureShape(Shape):
    """A named value of a model, recorded once for the whole fleet, read by thresholds, KPIs, SLOs and panels."""

    short = MappingProxyType({r"(off|no|false)": "enabled: false", r".+": "promql"})

    description: Text | None = None
    """What the value says, in one sentence."""
    unit: UnitText | None = None
    """The unit of the value."""
    better: Literal["higher", "lower", "neither"] | None = None
    """Which direction is good; decides how a threshold compares."""
    share: bool | None = None
    """Whether the value always lies between 0 and 1, so that no threshold can be beyond. If absent, a measure of unit
    `1` is a share whose `record` ends in `:ratio…`, `:share…` or `:coverage…`."""
    promql: PromQLText | None = None
    """How it is computed. Its result must carry exactly the identity labels `$by` and those of `keep`."""
    record: str | None = Field(default=None, pattern=r"^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$")
    """The series that it is recorded as, `level:metric:operation`."""
    keep: list[AttributeKey] | None = None
    """Attributes that the value is split by."""
    labels: dict[AttributeKey, Text] | None = None
    """Attributes that every series of the measure gets besides, with their values. Measures that differ in them may
    share a `record`, which others then read as one."""
    interval: DurationText | None = None
    """How often it is computed; the platform's evaluation interval if absent."""
    noise: NoiseShape | None = None
    """What it reaches by chance, for a measure that is a distance from the baseline."""
    requires: list[Requirement] | None = None
    """What the model must declare for the measure to exist."""
    enabled: bool | None = None
    """False leaves the measure out, and all that reads it."""


class EventsShape(Shape):
    """An event ratio: bad (or good) events over all events."""

    bad: PromQLText | None = None
    """Selector of a counter of bad events, such as `$duration_count{error_type!=""}`."""
    good: PromQLText | None = None
    """Selector of a counter of good events; give either `bad` or `good`."""
    total: PromQLText | None = None
    """Selector of the counter of all events."""


class ValueShape(Shape):
    """A measure against a limit: a slice of time is bad while the value is beyond it."""

    measure: Identifier | None = None
    """The measure."""
    max: QuantityText | None = None
    """Good while the value is at most this."""
    min: QuantityText | None = None
    """Good while the value is at least this."""
    slice: DurationText | None = None
    """Average the value over slices of this length first; without it every evaluation counts."""


class OutageShape(Shape):
    """The tier that pages within a minute of a total outage; burn rates over an hour cannot."""

    ratio: QuantityText | None = None
    """Share of bad events above which the service counts as down."""
    window: DurationText | None = None
    """Range over which the share is computed; at least four export intervals."""
    min_events: int | None = Field(default=None, ge=1)
    """Bad events that the window must hold, so that little traffic pages nobody."""


class SloShape(Shape):
    """A service level objective. Give `below` for latency, or a quantile such as `p99`, or `events`, or `value`."""

    short = MappingProxyType(
        {r"(off|no|false)": "enabled: false", r"[0-9.]+ ?%|0?[.][0-9]+": "objective", r"[0-9.]+ ?(ms|s|m|h)": "below"}
    )

    description: Text | None = None
    """What is promised, to whom, in one sentence."""
    objective: QuantityText | None = None
    """Share of good events or time: `99.5%`."""
    window: DurationText | None = None
    """Length of the compliance period."""
    below: QuantityText | None = None
    """Latency: an event is good if it took at most this; becomes a bucket edge of the histogram."""
    p50: QuantityText | None = None
    """Latency: half of the events take at most this, short for `objective: 50%` with `below`."""
    p75: QuantityText | None = None
    """Latency: 75 % of the events take at most this."""
    p90: QuantityText | None = None
    """Latency: 90 % of the events take at most this."""
    p95: QuantityText | None = None
    """Latency: 95 % of the events take at most this."""
    p99: QuantityText | None = None
    """Latency: 99 % of the events take at most this."""
    p99_9: QuantityText | None = Field(default=None, alias="p99.9")
    """Latency: 99.9 % of the events take at most this."""
    metric: Identifier | None = None
    """Latency: the histogram, `duration` if absent."""
    events: EventsShape | None = None
    """Ratio of events."""
    value: ValueShape | None = None
    """A measure against a limit, over time."""
    outage: OutageShape | None = None
    """A tier above the burn rates, for total outages."""
    tiers: list[Name] | None = None
    """Burn-rate tiers that alert, none if empty; if absent, all of the catalogue that are faster than the budget: of 30
    days all four, of 7 days `fast` and `medium`."""
    symptom: Name | None = None
    """What the user notices."""
    hidden_by: list[AlertName] | None = None
    """Alerts of the model that explain this one: while one of them is critical, this one notifies nobody."""
    runbook: RunbookShape | None = None
    """First steps for whoever is paged."""
    requires: list[Requirement] | None = None
    """What the model must declare for the objective to exist."""
    enabled: bool | None = None
    """False leaves the objective out."""


class LevelsShape(Shape):
    """Thresholds by severity."""

    short = MappingProxyType({r"[0-9.]+.*": "warning"})

    info: QuantityText | None = None
    """Recorded, notifies nobody at night."""
    warning: QuantityText | None = None
    """Somebody should look during working hours."""
    critical: QuantityText | None = None
    """Somebody must act now."""


class LevelDurationsShape(Shape):
    """Durations by severity."""

    info: DurationText | None = None
    """For the info level."""
    warning: DurationText | None = None
    """For the warning level."""
    critical: DurationText | None = None
    """For the critical level."""


class GateShape(Shape):
    """A condition on sample size: the alert stays silent below it."""

    short = MappingProxyType({r"[0-9]+": "min", r".+": "measure"})

    measure: Identifier | None = None
    """The measure that counts samples."""
    min: QuantityText | None = None
    """The least number of samples."""


class RunbookShape(Shape):
    """What a person needs when the alert arrives."""

    short = MappingProxyType({r"https?://.*": "url", r".+": "meaning"})

    url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    """Where the page is that you keep yourself: the alert links to it, and not to the rendered one."""
    meaning: Text | None = None
    """What the alert says is happening."""
    impact: Text | None = None
    """Who is affected and how."""
    steps: Annotated[list[Text], Field(max_length=50)] | None = None
    """First steps, in order. A step points at what the model has: `{measure:recall}`, `{alert:RecallLow}`,
    `{panel:Confusion of seven days}`, or `{measure:recall|words of its own}`; `{feature}` is a label of the alert."""
    rollback: Text | None = None
    """How to go back to the last good state."""


class AlertShape(Shape):
    """An alert. Give `measure` with `above` or `below` (or thresholds in `quality`), or `promql` with `severity`."""

    short = MappingProxyType(
        {
            r"(off|no|false)": "enabled: false",
            r"(info|warning|critical)": "severity",
            r"[0-9]+(s|m|h|d)": "for",
            r".*[$(].*": "promql",
        }
    )

    summary: Text | None = None
    """One line. `{value}`, `{threshold}`, `{model}`, `{tenant}`, `{environment}` and labels in braces are filled in;
    `{feature}` is short for `{ml_feature}`."""
    description: Text | None = None
    """A few lines, with the same placeholders."""
    measure: Identifier | None = None
    """The measure that is compared."""
    measures: list[Identifier] | None = Field(default=None, min_length=1, max_length=20)
    """Measures that are compared, each with its own thresholds under `quality`: one alert about all of them. They carry
    the same attributes, one of which tells them apart."""
    promql: PromQLText | None = None
    """An expression whose every result element is an alert."""
    above: LevelsShape | None = None
    """Fires while the measure is greater."""
    below: LevelsShape | None = None
    """Fires while the measure is less."""
    follows: Name | None = None
    """Objective that the levels of a built-in pack follow unless a spec states them: warning at 1.5 times its bound,
    critical at twice."""
    gate: GateShape | None = None
    """Least sample size."""
    severity: Level | None = None
    """For `promql`: the severity. For a measure: raises or lowers all levels to this one."""
    priority: Literal["P0", "P1", "P2", "P3"] | None = None
    """Priority, if it differs from the one of the severity (critical P1, warning P2, info P3)."""
    for_: DurationText | LevelDurationsShape | None = Field(default=None, alias="for")
    """How long the condition must hold: one duration, or one by severity."""
    keep_firing_for: DurationText | None = None
    """Cool-down: how long the alert goes on after the condition ended."""
    interval: DurationText | None = None
    """How often it is evaluated; the platform's evaluation interval if absent."""
    symptom: Name | None = None
    """What the user notices."""
    hidden_by: list[AlertName] | None = None
    """Alerts of the model that explain this one: while one of them is critical, or graver than this one, this one
    notifies nobody. An objective's alert is named after it: `AvailabilityBurn`."""
    notify: Annotated[list[Name], Field(min_length=1)] | None = None
    """Receivers of the owner that get this alert instead of those of its severity."""
    repeat: DurationText | None = None
    """How often a firing alert is sent again."""
    active: Name | None = None
    """Time interval of the platform outside which this alert notifies nobody; critical alerts always do."""
    unit: UnitText | None = None
    """For `promql`: the unit of the value, for messages."""
    labels: dict[LabelName, Text] | None = None
    """Labels of your own, such as `component: ranking`; those that every alert carries cannot be given."""
    runbook: RunbookShape | None = None
    """First steps for whoever is notified."""
    requires: list[Requirement] | None = None
    """What the model must declare for the alert to exist."""
    alerting: Alerting | None = None
    """The least degree of `alerting` under which the alert exists; `standard` if absent."""
    enabled: bool | None = None
    """False silences the alert for good."""


class KpiShape(Shape):
    """A business figure computed from measures."""

    short = MappingProxyType({r"(off|no|false)": "enabled: false", r".+": "value"})

    description: Text | None = None
    """What the figure says."""
    unit: UnitText | None = None
    """Its unit, such as `{USD}`."""
    value: str | int | float | None = None
    """Arithmetic over measures: `(accuracy - 0.80) * 1000000`."""
    info: ComparisonText | None = None
    """Comparison that makes an info alert."""
    warning: ComparisonText | None = None
    """Comparison that makes a warning."""
    critical: ComparisonText | None = None
    """Comparison that makes a critical alert."""
    for_: DurationText | None = Field(default=None, alias="for")
    """How long the comparison must hold."""
    runbook: RunbookShape | None = None
    """First steps for whoever is notified."""
    requires: list[Requirement] | None = None
    """What the model must declare for the KPI to exist."""
    enabled: bool | None = None
    """False leaves the figure out."""


class Watching(Shape):
    """What is promised of a model and what is alerted on, which may differ by environment."""

    alerting: Alerting | None = None
    """How many of the packs' alerts exist: `lean` (outages, objectives, lost telemetry and what cannot wait),
    `standard`, which is the default (one alert for each cause that somebody can act on), or `thorough` (all). What the
    model's own file names, or gives levels to, always exists."""
    slos: Annotated[dict[Name, SloShape], AtMost] | None = None
    """Service level objectives."""
    quality: Annotated[dict[Identifier, LevelsShape | Literal["off"]], AtMost] | None = None
    """Thresholds of measures; whether they are floors or ceilings follows from the measure. `off` takes them away."""
    kpis: Annotated[dict[Identifier, KpiShape], AtMost] | None = None
    """Business figures."""
    alerts: Annotated[dict[AlertName, AlertShape], AtMost] | None = None
    """Alerts: tune, silence or add."""
    panels: Annotated[dict[Identifier, PanelShape], AtMost] | None = None
    """Pictures on the pages of dashboards: move, leave out or add."""
    autoscaling: AutoscalingShape | None = None
    """Autoscalers of the Deployment; none if absent."""


class Monitoring(Watching):
    """What may be stated in packs, in the defaults of platform and environments, and in models."""

    metrics: Annotated[dict[Identifier, MetricShape], AtMost] | None = None
    """Instruments, by the name that expressions use."""
    tiles: Annotated[dict[Identifier, TileShape], AtMost] | None = None
    """Five-minute increments for long windows."""
    measures: Annotated[dict[Identifier, MeasureShape], AtMost] | None = None
    """Named values, computed once for the fleet."""


SloShape.model_rebuild()
QUANTILES: Final = ("p50", "p75", "p90", "p95", "p99", "p99.9")
"""Keys of an objective that say how many events are good, and when one is."""
