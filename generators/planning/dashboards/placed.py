"""Panels that packs and models place on pages, drawn; and the pages that consist of nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from generators.formats.durations import format_duration
from generators.language.catalog import PlacedPanel, Show
from generators.language.sources import of_library
from generators.language.values.pages import PAGES, TOP
from generators.planning.dashboards.measures import bars, describe, graph, onward, overlaid, tile
from generators.planning.dashboards.page import DAY_MS, page
from generators.planning.dashboards.panels import (
    FULL,
    HALF,
    LARGE,
    RATE_INTERVAL,
    THIRD,
    TILE,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Query,
    Row,
    Size,
    Style,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import call, over, total
from generators.promql.syntax.ast import Duration, MatrixSelector
from otel.names import label_name

_SIZES = {"third": THIRD, "half": HALF, "full": FULL}
ROOM = 6
"""Large tiles that two lines have room for; more of them are drawn small."""


def dashboard(subject: Subject, topic: str) -> Dashboard | None:
    """Return a page of placed panels, or None where the model has nothing to show on it."""
    stated = PAGES[topic]
    rows = [
        Row(
            title="" if row == TOP else row,
            panels=tuple(in_row(subject, topic, row)),
            folded=row in stated.folded,
        )
        for row in stated.rows
    ]
    if not stated.days:
        return page(subject, topic, stated.question, rows)
    return page(subject, topic, stated.question, rows, range_ms=stated.days * DAY_MS, refresh_ms=5 * 60_000)


def in_row(subject: Subject, topic: str, row: str) -> Iterator[Panel]:
    """Yield the panels of a row, in the order of packs."""
    placed = [each for each in subject.deployment.panels if (each.page, each.row) == (topic, row)]
    too_many = _too_many(subject, [each for each in placed if each.show is Show.TILE], PAGES[topic].most)
    tiles = sum(each.show is Show.TILE for each in placed) - len(too_many)
    for each in placed:
        if each not in too_many:
            yield _drawn(subject, each, LARGE if row == TOP and tiles <= ROOM else TILE)


def _too_many(subject: Subject, tiles: Iterable[PlacedPanel], most: int) -> tuple[PlacedPanel, ...]:
    """Return the library's tiles that a row has no room for; those with thresholds, and a spec's own, stay."""

    def rank(placed: PlacedPanel) -> int:
        own = not of_library(placed.position)
        return 0 if own else 1 if subject.thresholds(placed.measures[0]).steps else 2

    return tuple(each for each in sorted(tiles, key=rank)[most:] if rank(each))


def _drawn(subject: Subject, placed: PlacedPanel, tile_size: Size) -> Panel:
    """Return the panel as its spec says."""
    panel = _picture(subject, placed, tile_size)
    described = f"{placed.description}\n\n{panel.description}".strip() if placed.description else panel.description
    return replace(
        panel,
        title=placed.title or panel.title,
        description=described,
        size=_SIZES.get(placed.size, panel.size),
    )


def _picture(subject: Subject, placed: PlacedPanel, tile_size: Size) -> Panel:
    match placed.show:
        case Show.TILE:
            return tile(subject, placed.measures[0], size=tile_size)
        case Show.BARS:
            return bars(subject, placed.measures[0])
        case Show.HEATMAP:
            return _heatmap(subject, placed)
        case Show.MATRIX:
            return _matrix(subject, placed)
    if placed.metric:
        return _rate(subject, placed)
    style = Style.STACKED if placed.show is Show.STACKED else Style.LINE
    drawn = graph(subject, placed.measures, size=HALF if len(placed.measures) > 1 else THIRD, style=style)
    if placed.against_ms:
        drawn = replace(drawn, queries=tuple(_now_and_before(subject, placed)), minimum=0)
    return overlaid(subject, drawn, placed.measures, placed.right) if placed.right else drawn


def _now_and_before(subject: Subject, placed: PlacedPanel) -> Iterator[Query]:
    """Yield each measure, and the same of some time ago."""
    for name in placed.measures:
        now = subject.recorded(name)
        before = replace(now, offset=Duration(placed.against_ms))
        yield Query(now, Legend("now"))
        yield Query(before, Legend(f"{format_duration(placed.against_ms)} before"), style=Style.LIMIT)


def _heatmap(subject: Subject, placed: PlacedPanel) -> Panel:
    series = MatrixSelector(subject.emitted(f"{placed.metric}_bucket"), RATE_INTERVAL)
    return Panel(
        kind=Kind.HEATMAP,
        title=placed.title or placed.metric,
        description=describe(subject, placed.measures),
        unit=subject.deployment.metrics[placed.metric].unit,
        queries=(Query(total(call("increase", series), ("le",)), Legend("", ("le",))),),
        links=onward(subject, placed.measures),
    )


def _rate(subject: Subject, placed: PlacedPanel) -> Panel:
    series = MatrixSelector(subject.emitted(placed.metric), RATE_INTERVAL)
    labels = tuple(label_name(key) for key in placed.by)
    return Panel(
        kind=Kind.TIMESERIES,
        title=placed.title or placed.metric,
        description=describe(subject, placed.measures),
        unit=f"{subject.deployment.metrics[placed.metric].unit}/s",
        queries=(Query(total(call("rate", series), labels), Legend("", labels)),),
        links=onward(subject, placed.measures),
        minimum=0,
    )


def _matrix(subject: Subject, placed: PlacedPanel) -> Panel:
    counted = call("sum_over_time", over(subject.recorded(placed.tile), placed.over_ms))
    labels = tuple(label_name(key) for key in placed.by)
    return Panel(
        kind=Kind.MATRIX,
        title=placed.title or placed.tile,
        description=describe(subject, placed.measures),
        unit=subject.deployment.metrics[subject.deployment.tiles[placed.tile].metric].unit,
        queries=(Query(total(counted, labels), Legend("", labels), instant=True),),
        links=onward(subject, placed.measures),
        no_data="nothing yet",
    )
