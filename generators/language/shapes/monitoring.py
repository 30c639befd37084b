"""What is measured and watched: the part of the language that packs, platform, environments and models share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from generators.language.shapes.autoscaling import AutoscalingShape
from generators.language.shapes.base import (
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

Requirement = Literal[
    "features",
    "classes",
    "positive",
    "labels",
    "segments",
    "confidence",
    "traffic",
    "llm",
    "prices",
    "artifact",
    "bins",
    "prediction_bins",
    "baseline",
]
ModelList = Literal[
    "$features",
    "$classes",
    "$segments",
    "$tiers",
    "$tools",
    "$binned",
    "$bins",
    "$profiled",
    "$shares",
    "$prediction_bins",
]


class AttributeShape(Shape):
    """One attribute of a metric, with the values that it may take."""

    description: Text | None = None
    """What the attribute says."""
    values: list[str] | ModelList | None = None
    """The bounded list of values, or a list that the model declares: `$features`, `$classes`, `$segments`, `$tiers`,
    `$tools`; the features that have bins `$binned` with their `$bins`, those of the baseline `$profiled` with the bins
    that have `$shares`, and `$prediction_bins`."""
    other: bool | None = None
    """True if values that are not listed count as `other`, which is then one of the values."""
    optional: bool | None = None
    """True if the attribute may be absent, as `error.type` is on success; it counts as one more value."""
    derived: bool | None = None
    """True if the value follows from the other attributes, so that it multiplies no series."""
    requires: list[Requirement] | None = None
    """What the model must declare for the metric to have the attribute."""
    span: AttributeKey | None = None
    """Attribute of a prediction's span that holds the value, where it is called otherwise there."""


class SpanShape(Shape):
    """Which spans of predictions count into a metric, for services that have no library of ours."""

    short = MappingProxyType({r"(any|succeeded)": "outcome", r"[a-z.]+": "attribute"})

    outcome: Literal["any", "succeeded"] | None = None
    """Whether failed ones count as well (`any`, the default)."""
    attribute: AttributeKey | None = None
    """An attribute that the span must have."""
    below: Literal["$low_confidence"] | None = None
    """Count only where the attribute is less."""
    value: Literal["duration", "attribute"] | None = None
    """For a histogram: what is observed, in seconds or as it is."""


class MetricShape(Shape):
    """One OpenTelemetry instrument that the service emits."""

    short = MappingProxyType(
        {r"(off|no|false)": "enabled: false", r"(counter|updowncounter|gauge|histogram)": "instrument", r".+": "name"}
    )

    name: AttributeKey | None = None
    """The OpenTelemetry name; the leading `ml.` is replaced by the platform's prefix."""
    instrument: Literal["counter", "updowncounter", "gauge", "histogram"] | None = None
    """The kind of instrument."""
    unit: UnitText | None = None
    """The unit, in UCUM; empty for pure information."""
    description: Text | None = None
    """What is measured, in one sentence."""
    buckets: list[QuantityText] | None = None
    """Upper edges of a histogram's buckets; each objective's bound is added to them."""
    attributes: dict[AttributeKey, AttributeShape] | None = None
    """Attributes beyond the model's name and version, which every metric carries; as in names, `ml.` is replaced by the
    platform's prefix, and the label `ml_` of formulas with it."""
    per: Literal["replica", "model"] | None = None
    """Whether every replica emits the metric (the default) or one process for the whole model."""
    requires: list[Requirement] | None = None
    """What the model must declare for this metric to exist; otherwise it and all that reads it are left out."""
    span: SpanShape | None = None
    """Which spans of predictions count into the metric where the service itself does not."""
    personal_data: Text | None = None
    """Why the metric may relate to persons, for the data-protection assessment."""
    enabled: bool | None = None
    """False leaves the metric out, and all that reads it."""


class TileShape(Shape):
    """Increments of a counter over five minutes, summed over replicas: what windows above an hour are made of."""

    short = MappingProxyType({r".+": "metric"})

    metric: Identifier | None = None
    """The counter."""
    keep: list[AttributeKey] | None = None
    """Attributes of the counter to keep; the others are summed away."""


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
    interval: DurationText | None = None
    """How often it is computed; the platform's evaluation interval if absent."""
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
    """A service level objective. Give `below` for latency, or `events`, or `value`."""

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
    metric: Identifier | None = None
    """Latency: the histogram, `duration` if absent."""
    events: EventsShape | None = None
    """Ratio of events."""
    value: ValueShape | None = None
    """A measure against a limit, over time."""
    outage: OutageShape | None = None
    """A tier above the burn rates, for total outages."""
    tiers: list[Name] | None = None
    """Burn-rate tiers that alert; all of the window catalogue if absent, none if empty."""
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
    steps: list[Text] | None = None
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
    enabled: bool | None = None
    """False silences the alert for good."""


class PanelShape(Shape):
    """A picture on a page of the model's dashboards. Give `measures`, or a `metric` or `tile` that is counted."""

    short = MappingProxyType({r"(off|no|false)": "enabled: false", r".+": "page"})

    page: Literal["health", "quality", "llm", "llm-cost", "resources", "business", "fleet"] | None = None
    """The page; `fleet` is that of all models of an environment."""
    row: Text | None = None
    """The row of the page, by its heading; `Now` (the first row, which has none) if absent."""
    show: Literal["graph", "stacked", "bars", "tile", "heatmap", "matrix", "column"] | None = None
    """How it is drawn: over time (`graph`, the default), as areas that add up (`stacked`), as of now (`bars`, `tile`, a
    `column` of the table of all models), a histogram's buckets over time (`heatmap`), or counts by two attributes
    (`matrix`)."""
    measures: list[Identifier] | None = None
    """Measures in one picture; those that a model lacks are left out, and the picture where it has none. Beside a
    `metric` or `tile`: the measures that explain it."""
    right: Identifier | None = None
    """A measure that is drawn over the others, with an axis of its own; without it there is no picture."""
    against: DurationText | None = None
    """Draw the same that long ago beside it."""
    metric: Identifier | None = None
    """A counter as rate, or a histogram by buckets, of each zoom's own window."""
    tile: Identifier | None = None
    """A tile, summed over `over`."""
    over: DurationText | None = None
    """How far back a tile is summed."""
    by: list[AttributeKey] | None = None
    """Attributes that a metric or tile is split by; for a matrix its rows and columns."""
    title: Text | None = None
    """The heading; the first measure's name if absent."""
    description: Text | None = None
    """What is seen, and the first step; the measures' own texts follow."""
    size: Literal["third", "half", "full"] | None = None
    """The least width; lines are stretched to the full one. Half for several measures, a third for one."""
    enabled: bool | None = None
    """False leaves the picture out; the measures then stand on the page of further figures."""


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

    slos: dict[Name, SloShape] | None = None
    """Service level objectives."""
    quality: dict[Identifier, LevelsShape | Literal["off"]] | None = None
    """Thresholds of measures; whether they are floors or ceilings follows from the measure. `off` takes them away."""
    kpis: dict[Identifier, KpiShape] | None = None
    """Business figures."""
    alerts: dict[AlertName, AlertShape] | None = None
    """Alerts: tune, silence or add."""
    panels: dict[Identifier, PanelShape] | None = None
    """Pictures on the pages of dashboards: move, leave out or add."""
    autoscaling: AutoscalingShape | None = None
    """Autoscalers of the Deployment; none if absent."""


class Monitoring(Watching):
    """What may be stated in packs, in the defaults of platform and environments, and in models."""

    metrics: dict[Identifier, MetricShape] | None = None
    """Instruments, by the name that expressions use."""
    tiles: dict[Identifier, TileShape] | None = None
    """Five-minute increments for long windows."""
    measures: dict[Identifier, MeasureShape] | None = None
    """Named values, computed once for the fleet."""


SloShape.model_rebuild()
