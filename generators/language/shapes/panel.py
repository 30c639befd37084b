"""Panels: which pictures stand on the pages of a model's dashboards."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from generators.language.shapes.base import AttributeKey, DurationText, Identifier, Shape, Text


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
