"""Panels that specs place on pages: which measures, metrics and tiles of the model they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from generators.diagnostics import Code, Problem, did_you_mean
from generators.language.catalog import Measure, Metric, PlacedPanel, Platform, Show, Tile
from generators.language.resolve.applicability import Scope
from generators.language.resolve.items import DAY, MINUTE
from generators.language.resolve.metrics import attributes_of, unknown_attributes
from generators.language.resolve.names import attribute_key
from generators.language.resolve.reading import Reading
from generators.language.values.pages import PAGES, TOP
from otel.names import InstrumentKind

UNKNOWN_ROW = Code(
    "R334",
    "Unknown row",
    "A panel stands in a row that its page has.",
    "panels: {recall: {page: quality, row: Quality, measures: [recall]}}",
    "panels: {recall: {page: quality, row: Quality over time, measures: [recall]}}",
)
UNKNOWN_IN_PANEL = Code(
    "R335",
    "Panel of something unknown",
    "A panel shows measures, metrics and tiles that the spec or its packs declare.",
    "panels: {recall: {page: quality, measures: [recal]}}",
    "panels: {recall: {page: quality, measures: [recall]}}",
)
NOTHING_TO_SHOW = Code(
    "R336",
    "Panel without anything to show",
    "A panel is drawn from measures, from a metric or from a tile, in a way that suits them.",
    "panels: {speed: {page: health, show: heatmap, measures: [latency_p95]}}",
    "panels: {speed: {page: health, show: heatmap, metric: duration}}",
)

WEEK = 7 * DAY
_NEEDS: Mapping[Show, str] = {Show.HEATMAP: "metric", Show.MATRIX: "tile"}
"""What can be drawn in one way only; the other ways draw measures, and a graph also a counter."""


def panels(
    scope: Scope,
    metrics: Mapping[str, Metric],
    tiles: Mapping[str, Tile],
    measures: Mapping[str, Measure],
    platform: Platform,
) -> tuple[PlacedPanel, ...]:
    """Return the panels that have something to show, in the order of packs and of what they state."""
    sources: tuple[tuple[str, str, Mapping[str, object]], ...] = (
        ("measures", "measures", measures),
        ("right", "measures", measures),
        ("metric", "metrics", metrics),
        ("tile", "tiles", tiles),
    )
    placed = []
    for entry, reading in scope.entries("panels"):
        reading.problems.extend(_misplaced(entry.key, reading, metrics))
        for key, section, known in sources:
            reading.problems.extend(_unknown(scope, entry.key, reading, key, section, known))
        panel = _panel(entry.key, reading, platform)
        shown = replace(panel, measures=tuple(name for name in panel.measures if name in measures))
        if _is_shown(panel, shown, metrics, tiles, measures):
            has = tiles[panel.tile].keep if panel.tile in tiles else attributes_of(panel.metric, scope.merged)
            by = reading.scalars("by")
            if not scope.is_unread(panel.tile):
                reading.problems.extend(unknown_attributes(f"panel `{entry.key}`", by, has, platform))
            placed.append(shown)
    return tuple(placed)


def _panel(id_: str, reading: Reading, platform: Platform) -> PlacedPanel:
    return PlacedPanel(
        id=id_,
        page=reading.text("page"),
        row=reading.text("row", TOP),
        show=Show(reading.text("show", Show.GRAPH)),
        measures=reading.texts("measures"),
        right=reading.text("right"),
        metric=reading.text("metric"),
        tile=reading.text("tile"),
        by=tuple(attribute_key(key, platform) for key in reading.texts("by")),
        against_ms=reading.duration_ms("against", MINUTE) or 0,
        over_ms=reading.duration_ms("over", MINUTE) or WEEK,
        title=reading.text("title"),
        description=reading.text("description"),
        size=reading.text("size"),
        position=reading.place(),
    )


def _is_shown(
    stated: PlacedPanel,
    shown: PlacedPanel,
    metrics: Mapping[str, Metric],
    tiles: Mapping[str, Tile],
    measures: Mapping[str, Measure],
) -> bool:
    """Whether the model has what the panel is drawn from."""
    if stated.right and stated.right not in measures:
        return False
    match stated.show:
        case Show.MATRIX:
            return stated.tile in tiles
        case Show.HEATMAP:
            return stated.metric in metrics
        case Show.GRAPH if stated.metric:
            return stated.metric in metrics
        case _:
            return bool(shown.measures)


def _misplaced(name: str, reading: Reading, metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    """Yield what is wrong with a panel's row, and with what it draws in which way."""
    rows = PAGES[reading.text("page")].rows if reading.text("page") in PAGES else ()
    row = reading.text("row", TOP)
    if rows and row not in rows:
        help_ = did_you_mean(row, rows) or f"rows: {', '.join(rows)}"
        message = f"the page `{reading.text('page')}` has no row `{row}`"
        yield Problem(UNKNOWN_ROW, message, reading.place("row"), help_)
    show = Show(reading.text("show", Show.GRAPH))
    if show in _NEEDS:
        if not reading.has(_NEEDS[show]):
            message = f"panel `{name}` is a {show.value}, which is drawn from a {_NEEDS[show]}"
            yield Problem(NOTHING_TO_SHOW, message, reading.place("show"), f"add `{_NEEDS[show]}: …`")
    elif not reading.has("measures") and not (show is Show.GRAPH and reading.has("metric")):
        message, help_ = f"panel `{name}` shows nothing", "add `measures: […]`"
        place = reading.place("show") if reading.has("show") else reading.place()
        yield Problem(NOTHING_TO_SHOW, message, place, f"{help_}, or `metric: …`" if show is Show.GRAPH else help_)
    metric = metrics.get(reading.text("metric"))
    wanted = InstrumentKind.HISTOGRAM if show is Show.HEATMAP else InstrumentKind.COUNTER
    if metric is not None and metric.kind is not wanted:
        message = f"`{metric.id}` is a {metric.kind.value}, and a {show.value} is drawn from a {wanted.value}"
        yield Problem(NOTHING_TO_SHOW, message, reading.place("metric"), f"name a {wanted.value}, or show `measures`")


def _unknown(
    scope: Scope, name: str, reading: Reading, key: str, section: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    """Yield what a panel names and nothing declares; report what a person asks for and the model does not have."""
    scalar = reading.scalar(key)
    for item in reading.scalars(key) if scalar is None else (scalar,):
        declared = scope.declared(section)
        if item.text not in declared:
            help_ = did_you_mean(item.text, known) or f"declare it under `{section}`"
            message = f"panel `{name}` shows `{item.text}`, which is not declared under `{section}`"
            yield Problem(UNKNOWN_IN_PANEL, message, item.position, help_)
        elif item.text not in known:
            scope.unavailable(f"panel `{name}`", item.text, item.position)
