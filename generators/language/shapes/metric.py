"""Metrics: the instruments that services emit, and tiles of their increments."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from generators.language.shapes.base import AttributeKey, Identifier, QuantityText, Shape, Text, UnitText

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
    "protected",
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
    "$protected",
    "$groups",
]


class AttributeShape(Shape):
    """One attribute of a metric, with the values that it may take."""

    description: Text | None = None
    """What the attribute says."""
    values: list[str] | ModelList | None = None
    """The bounded list of values, or a list that the model declares: `$features`, `$classes`, `$segments`, `$tiers`,
    `$tools`; the features that have bins `$binned` with their `$bins`, those of the baseline `$profiled` with the bins
    that have `$shares`, `$prediction_bins`, and the `$protected` attributes with their `$groups`."""
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
    buckets: Annotated[list[QuantityText], Field(max_length=200)] | None = None
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
