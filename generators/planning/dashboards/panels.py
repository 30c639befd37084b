"""Panels and dashboards as data: what a person sees, before any tool draws it.

A query is a PromQL tree. What varies while somebody looks is a *variable*: its matcher is ``label=~"$name"``, and
nothing else in a tree may begin with a dollar. ``$__rate_interval`` is a hole in the place of a duration. Units are
those of OpenTelemetry; texts are free text, and escaped where they are printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from generators.planning.expressions import MINUTE_MS
from generators.promql.syntax.ast import DurationHole, Expr, Matcher, MatchOp, VectorSelector

RATE_INTERVAL: Final = DurationHole("__rate_interval")
"""The shortest window that holds enough samples at the zoom of the moment."""


class Kind(StrEnum):
    """How a panel is drawn."""

    STAT = "stat"
    TIMESERIES = "timeseries"
    BAR_GAUGE = "bargauge"
    GAUGE = "gauge"
    TABLE = "table"
    MATRIX = "matrix"
    STATE_TIMELINE = "state-timeline"
    STATUS_HISTORY = "status-history"
    HEATMAP = "heatmap"
    TEXT = "text"


class Status(StrEnum):
    """What a colour means. Colours alone never say it: words or position do, too."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    NEUTRAL = "neutral"


class Style(StrEnum):
    """How a series is drawn: as measured, as a dashed limit, or as an area that adds up to a whole."""

    LINE = "line"
    LIMIT = "limit"
    STACKED = "stacked"


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in units of the grid; a width is the least one, lines are stretched to their full width."""

    width: int
    height: int


LARGE: Final = Size(6, 6)
TILE: Final = Size(4, 4)
THIRD: Final = Size(8, 8)
HALF: Final = Size(12, 8)
FULL: Final = Size(24, 8)


@dataclass(frozen=True, slots=True)
class Legend:
    """The name of a series: words, then the values of labels."""

    words: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One expression of a panel. ``unit`` is set where it differs from the panel's, and moves it to an axis of its own.

    ``instant`` asks for the value at the end of the range only; ``column`` names it in a table.
    """

    expr: Expr
    legend: Legend = Legend()
    instant: bool = False
    style: Style = Style.LINE
    unit: str = ""
    status: Status | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Colours by value: ``base`` below the first step, then each step's from its value on, ascending."""

    base: Status = Status.NEUTRAL
    steps: tuple[tuple[float, Status], ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """A value that is shown as a word."""

    value: int
    text: str
    status: Status


@dataclass(frozen=True, slots=True)
class Link:
    """A way onward: to a dashboard by uid, or to a URL. Labels of the clicked series may fill ``{label}`` in either."""

    title: str
    uid: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """How a label or a query's value is shown in a table; an empty title hides it."""

    name: str
    title: str
    unit: str = ""
    thresholds: Thresholds | None = None
    mappings: tuple[Mapping, ...] = ()
    link: Link | None = None
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture with one question.

    ``data_links`` belong to series and cells, ``links`` to the panel. ``worst_first`` names the column that sorts a
    table. ``facts`` and ``text`` are what a text panel says.
    """

    kind: Kind
    title: str
    description: str = ""
    unit: str = ""
    queries: tuple[Query, ...] = ()
    thresholds: Thresholds = Thresholds()
    mappings: tuple[Mapping, ...] = ()
    links: tuple[Link, ...] = ()
    data_links: tuple[Link, ...] = ()
    columns: tuple[Column, ...] = ()
    size: Size = HALF
    no_data: str = "no data"
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = None
    worst_first: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading; without a title there is none. A folded row costs no queries until it is opened."""

    title: str = ""
    panels: tuple[Panel, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a person may choose. Without ``series`` it is the data source.

    ``label`` is read from ``series``; ``initial`` is chosen at first, everything where it is empty.
    """

    name: str
    title: str
    description: str
    label: str = ""
    series: VectorSelector | None = None
    initial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Events over the graphs: from an expression, or those that somebody posted with all of ``tags``."""

    name: str
    status: Status
    expr: Expr | None = None
    title: Legend = Legend()
    text: Legend = Legend()
    tags: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A page of panels. ``uid`` is unique among all environments; ``topic`` says what it is about, in one word.

    ``folder`` is the tenant, or empty for the fleet; ``related`` is the tag of pages about the same. Times are
    milliseconds.
    """

    uid: str
    topic: str
    folder: str
    domain: str
    subject: str
    environment: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    related: str = ""
    range_ms: int = 360 * MINUTE_MS
    refresh_ms: int = MINUTE_MS

    @property
    def title(self) -> str:
        """The title as people find it: ``📊 Retention: churn - production``, with the topic of a further page."""
        return f"📊 {self.domain}: {self.subject} - {self.environment}"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, in order."""
        return tuple(panel for row in self.rows for panel in row.panels)


def chosen(label: str, variable: str) -> Matcher:
    """Return the matcher of a variable."""
    return Matcher(label, MatchOp.REGEX, f"${variable}")


def is_variable(matcher: Matcher) -> bool:
    """Whether a matcher reads a variable; as a regular expression of its own it would match nothing."""
    return matcher.op is MatchOp.REGEX and matcher.value[:1] == "$" and matcher.value[1:].isidentifier()
