"""Panels of a plan as grafanalib objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import ascii_uppercase
from types import MappingProxyType
from typing import Any, Final

from grafanalib import core

from generators.grafana import objects
from generators.grafana.colours import GRADIENT, SERIES, STATUS
from generators.grafana.layout import Box
from generators.grafana.objects import Json
from generators.grafana.units import grafana_unit
from generators.planning.dashboards.panels import Kind, Panel, Query, Status, Style
from generators.targets.grafana.fields import field_defaults
from generators.targets.grafana.table import matrix, table
from generators.targets.grafana.text import content, legend_text, link, prose, query_text, title

REDUCED: Final = MappingProxyType({"calcs": ["lastNotNull"], "fields": "", "values": False})
LEGEND_CALCS: Final = ("mean", "max", "lastNotNull")


def panel_object(panel: Panel, box: Box) -> Any:
    """Return the grafanalib object of a panel at its place."""
    return MAKERS[panel.kind](panel, _common(panel, box))


def _common(panel: Panel, box: Box) -> dict[str, Any]:
    return {
        "title": title(panel.title),
        "description": prose(panel.description),
        "dataSource": objects.DATASOURCE,
        "gridPos": core.GridPos(h=box.h, w=box.w, x=box.x, y=box.y),
        "targets": [
            _target(panel, query, letter) for query, letter in zip(panel.queries, ascii_uppercase, strict=False)
        ],
        "links": [link(each) for each in panel.links],
    }


def _target(panel: Panel, query: Query, letter: str) -> objects.Target:
    of_table = panel.kind in (Kind.TABLE, Kind.MATRIX)
    return objects.Target(
        expr=query_text(query.expr),
        format="table" if of_table else "heatmap" if panel.kind is Kind.HEATMAP else "time_series",
        instant=query.instant or of_table,
        legendFormat="" if of_table else legend_text(query.legend),
        refId=letter,
    )


def _stat(panel: Panel, common: dict[str, Any]) -> core.Stat:
    coloured = bool(panel.thresholds.steps or panel.mappings)
    many = any(query.legend.labels for query in panel.queries)
    defaults = field_defaults(panel)
    return core.Stat(
        **common,
        thresholds=defaults["thresholds"]["steps"],
        mappings=defaults["mappings"],
        format=defaults["unit"],
        noValue=defaults["noValue"],
        decimals=defaults["decimals"],
        color={"mode": "thresholds"},
        colorMode="background" if coloured else "value",
        graphMode="none" if panel.mappings or any(query.instant for query in panel.queries) else "area",
        reduceCalc="lastNotNull",
        textMode="value_and_name" if many else "value",
        extraJson={
            "fieldConfig": {"defaults": {key: defaults[key] for key in ("links", "max", "min")}},
            "options": {"showPercentChange": False, "wideLayout": True},
        },
    )


def _time_series(panel: Panel, common: dict[str, Any]) -> core.TimeSeries:
    defaults = field_defaults(panel)
    stacked = any(query.style is Style.STACKED for query in panel.queries)
    custom = {"stacking": {"group": "A", "mode": "normal" if stacked else "none"}}
    extra = {key: defaults[key] for key in ("decimals", "links", "max", "min", "noValue")}
    return core.TimeSeries(
        **common,
        thresholds=defaults["thresholds"]["steps"],
        thresholdsStyleMode="dashed" if panel.thresholds.steps else "off",
        mappings=defaults["mappings"],
        unit=defaults["unit"],
        fillOpacity=30 if stacked else 8,
        showPoints="never",
        legendDisplayMode="table",
        legendCalcs=list(LEGEND_CALCS),
        tooltipMode="multi",
        tooltipSort="desc",
        overrides=_overrides(panel),
        extraJson={
            "fieldConfig": {"defaults": {**extra, "custom": custom}},
            "options": {"legend": {"showLegend": True, "sortBy": "Max", "sortDesc": True}},
        },
    )


def _overrides(panel: Panel) -> list[Json]:
    """Return how single series are drawn: limits dashed, other units on the right, known colours."""
    found = []
    plain = [query for query in panel.queries if not query.legend.labels and query.style is not Style.LIMIT]
    for query, letter in zip(panel.queries, ascii_uppercase, strict=False):
        properties: list[Json] = []
        if query.style is Style.LIMIT:
            properties += [
                {"id": "custom.lineStyle", "value": {"dash": [10, 10], "fill": "dash"}},
                {"id": "custom.fillOpacity", "value": 0},
                {"id": "color", "value": {"fixedColor": STATUS[query.status or Status.NEUTRAL], "mode": "fixed"}},
            ]
        elif not query.legend.labels:
            colour = STATUS[query.status] if query.status else SERIES[plain.index(query) % len(SERIES)]
            properties.append({"id": "color", "value": {"fixedColor": colour, "mode": "fixed"}})
        if query.unit:
            properties += [
                {"id": "unit", "value": grafana_unit(query.unit)},
                {"id": "custom.axisPlacement", "value": "right"},
            ]
        if properties:
            found.append({"matcher": {"id": "byFrameRefID", "options": letter}, "properties": properties})
    return found


def _bar_gauge(panel: Panel, common: dict[str, Any]) -> objects.BarGauge:
    return objects.BarGauge(
        **common,
        defaults={**field_defaults(panel, STATUS[Status.INFO]), "color": {"mode": "thresholds"}},
        options={
            "displayMode": "basic",
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
            "maxVizHeight": 300,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "auto",
            "orientation": "horizontal",
            "reduceOptions": dict(REDUCED),
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        },
    )


def _gauge(panel: Panel, common: dict[str, Any]) -> objects.Gauge:
    return objects.Gauge(
        **common,
        defaults={**field_defaults(panel, STATUS[Status.INFO]), "color": {"mode": "thresholds"}},
        options={
            "minVizHeight": 75,
            "minVizWidth": 75,
            "orientation": "auto",
            "reduceOptions": dict(REDUCED),
            "showThresholdLabels": False,
            "showThresholdMarkers": True,
            "sizing": "auto",
        },
    )


def _state_timeline(panel: Panel, common: dict[str, Any]) -> core.StateTimeline:
    defaults = field_defaults(panel)
    common["thresholds"] = defaults["thresholds"]["steps"]
    extra = {key: defaults[key] for key in ("links", "noValue", "unit")}
    return core.StateTimeline(
        **common,
        mappings=defaults["mappings"],
        showValue="never",
        extraJson={
            "fieldConfig": {"defaults": {**extra, "custom": {"insertNulls": False, "spanNulls": False}}},
            "options": {"legend": {"showLegend": True}, "tooltip": {"sort": "none"}},
        },
    )


def _status_history(panel: Panel, common: dict[str, Any]) -> objects.StatusHistory:
    return objects.StatusHistory(
        **common,
        defaults={
            **field_defaults(panel),
            "color": {"mode": "thresholds"},
            "custom": {"fillOpacity": 70, "lineWidth": 1},
        },
        options={
            "colWidth": 0.9,
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "rowHeight": 0.9,
            "showValue": "never",
            "tooltip": {"mode": "single", "sort": "none"},
        },
    )


def _heatmap(panel: Panel, common: dict[str, Any]) -> objects.Heatmap:
    return objects.Heatmap(
        **common,
        defaults={
            "links": [link(each) for each in panel.data_links],
            "noValue": title(panel.no_data),
            "custom": {"scaleDistribution": {"type": "linear"}},
        },
        options={
            "calculate": False,
            "cellGap": 1,
            "color": {"exponent": 0.5, "mode": "scheme", "reverse": False, "scheme": GRADIENT, "steps": 64},
            "exemplars": {"color": STATUS[Status.WARNING]},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": True},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": grafana_unit(panel.unit)},
        },
    )


def _text(panel: Panel, common: dict[str, Any]) -> objects.Text:
    kept = {key: value for key, value in common.items() if key not in ("dataSource", "targets")}
    return objects.Text(**kept, content=content(panel))


MAKERS: Final[Mapping[Kind, Callable[[Panel, dict[str, Any]], Any]]] = MappingProxyType(
    {
        Kind.STAT: _stat,
        Kind.TIMESERIES: _time_series,
        Kind.BAR_GAUGE: _bar_gauge,
        Kind.GAUGE: _gauge,
        Kind.TABLE: table,
        Kind.MATRIX: matrix,
        Kind.STATE_TIMELINE: _state_timeline,
        Kind.STATUS_HISTORY: _status_history,
        Kind.HEATMAP: _heatmap,
        Kind.TEXT: _text,
    }
)
