"""What is watched: metrics, measures, objectives, figures and alerts of the Catalog, with the places that asked for it.

PromQL is a tree with holes: ``$name`` reads a metric, tile or measure of the same deployment, ``$by`` is the list of
identity labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from generators.diagnostics import NOWHERE as NO_PLACE
from generators.diagnostics import Position, Span
from generators.formats.yaml.nodes import Scalar, inside
from generators.language.values.quantities import Quantity
from generators.promql.syntax.ast import NOWHERE, Expr
from otel.names import InstrumentKind


def camel_case(name: str) -> str:
    """Return ``revenue_protected`` or ``revenue-protected`` as ``RevenueProtected``."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def burn_alert(slo: str) -> str:
    """Return the name of an objective's alerts: ``AvailabilityBurn``."""
    return f"{camel_case(slo)}Burn"


class Level(StrEnum):
    """Severities, mildest first; Prometheus label ``severity``."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertingDegree(StrEnum):
    """How many of the packs' alerts a model gets, fewest first."""

    LEAN = "lean"
    STANDARD = "standard"
    THOROUGH = "thorough"


class Better(StrEnum):
    """Which direction of a measure is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Template:
    """PromQL with holes, parsed once: its text is its identity, ``holes`` are the names of the holes, sorted."""

    text: str
    expr: Expr = field(compare=False)
    holes: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """A template, and the scalar that it was read from."""

    template: Template
    scalar: Scalar

    @property
    def expr(self) -> Expr:
        """The tree."""
        return self.template.expr

    @property
    def text(self) -> str:
        """What was written."""
        return self.template.text

    def place(self, span: Span) -> Position:
        """The place of a part of the expression in the spec."""
        return inside(self.scalar, span.start, span.end) if span != NOWHERE else self.scalar.position

    @property
    def position(self) -> Position:
        """The place of the whole expression."""
        return self.scalar.position


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a metric; no ``values`` means unbounded by the spec (a problem in the plan).

    ``of_model`` tells that the values are names which the model declares, such as its classes; ``span`` is the key that
    the attribute has on spans, if it is another one.
    """

    key: str
    description: str
    values: tuple[str, ...]
    optional: bool
    derived: bool
    position: Position
    of_model: bool = False
    span: str = ""


Block: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Attribute keys with values of each: every combination of them exists."""


@dataclass(frozen=True, slots=True)
class SpanSource:
    """Which spans of predictions count into a metric: all, or those that succeeded or have an ``attribute``.

    ``below`` bounds the attribute; ``value`` says what a histogram observes, ``duration`` or ``attribute``.
    """

    succeeded: bool
    attribute: str
    below: Decimal | None
    value: str


@dataclass(frozen=True, slots=True)
class Metric:
    """An OpenTelemetry instrument; ``buckets`` are upper edges in ``unit``, ascending, without +Inf.

    ``cells`` says which values of some attributes occur together, block by block; without it all do.
    """

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
    cells: tuple[Block, ...] = ()
    span: SpanSource | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """Five-minute increments of the counter ``metric``, summed over replicas, split by ``keep``."""

    id: str
    metric: str
    keep: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Noise:
    """What a distance from the baseline reaches by chance.

    ``of`` is features, score or prediction. The distance of ``window_ms`` counts where that of ``confirmed_ms``, with
    at least ``fewest`` values, is beyond chance too; once in ``once_in`` evaluations that of any profile is.
    """

    statistic: str
    of: str
    window_ms: int
    confirmed_ms: int
    fewest: int
    once_in: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A named value recorded for the whole fleet as ``record``, in ``unit``; a ``share`` lies between 0 and 1.

    ``keep`` are the attributes of its series; of these ``labels`` have one value, which the rule adds.
    """

    id: str
    description: str
    unit: str
    better: Better
    formula: Formula
    record: str
    keep: tuple[str, ...]
    interval_ms: int | None
    position: Position
    share: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    noise: Noise | None = None


@dataclass(frozen=True, slots=True)
class Runbook:
    """What a person needs when an alert arrives; empty strings where the spec says nothing.

    ``step_positions`` are the places of the steps, or nothing where no spec states them; ``url`` is the place of a page
    that the team keeps itself.
    """

    meaning: str = ""
    impact: str = ""
    steps: tuple[str, ...] = ()
    rollback: str = ""
    step_positions: tuple[Position, ...] = ()
    url: str = ""

    @property
    def placed_steps(self) -> tuple[tuple[str, Position], ...]:
        """The steps with their places."""
        return tuple(zip(self.steps, self.step_positions or (NO_PLACE,) * len(self.steps), strict=True))


@dataclass(frozen=True, slots=True)
class Cause:
    """The alert of the same model that explains another one, which then says nothing new."""

    alert: str
    position: Position


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
    window_position: Position
    tier_positions: tuple[Position, ...] = ()
    hidden_by: tuple[Cause, ...] = ()

    @property
    def alert(self) -> str:
        """The name of its alerts."""
        return burn_alert(self.name)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One level of an alert on a measure or a figure: fires while it is ``op`` ``value``, for ``for_ms``.

    ``measure`` is what is compared; a figure compares itself.
    """

    level: Level
    op: str
    value: Quantity
    for_ms: int
    position: Position
    measure: str = ""


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
    hidden_by: tuple[Cause, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


class Show(StrEnum):
    """How a placed panel is drawn."""

    GRAPH = "graph"
    STACKED = "stacked"
    BARS = "bars"
    TILE = "tile"
    HEATMAP = "heatmap"
    MATRIX = "matrix"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """A picture of measures, of a metric or of a tile, with its place: a row of a page.

    ``right`` has an axis of its own; ``against_ms`` and ``over_ms`` are milliseconds, 0 where nothing is asked for;
    ``size`` is empty where it follows from the measures.
    """

    id: str
    page: str
    row: str
    show: Show
    measures: tuple[str, ...]
    right: str
    metric: str
    tile: str
    by: tuple[str, ...]
    against_ms: int
    over_ms: int
    title: str
    description: str
    size: str
    position: Position


@dataclass(frozen=True, slots=True)
class Kpi:
    """A business figure: arithmetic over measures as a tree whose selectors are holes named like the measures."""

    name: str
    description: str
    unit: str
    formula: Formula
    thresholds: tuple[Threshold, ...]
    runbook: Runbook
    position: Position
