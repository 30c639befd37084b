"""Dashboards of a plan as grafanalib objects: rows on the grid, variables, annotations, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grafanalib import core

from generators.formats.characters import one_line
from generators.formats.durations import format_duration
from generators.grafana import objects
from generators.grafana.colours import STATUS
from generators.grafana.layout import Box, place
from generators.grafana.objects import Json
from generators.grafana.text import inert
from generators.planning.dashboards.panels import Annotation, Dashboard, Link, Row, Status, Variable
from generators.targets.grafana.panels import panel_object
from generators.targets.grafana.text import legend_text, link, query_text, title

REFRESHES = ["10s", "30s", "1m", "5m", "15m", "30m", "1h"]
ON_TIME_CHANGE = 2
CROSSHAIR = 1
SHOWN = 0


def dashboard_object(dashboard: Dashboard) -> core.Dashboard:
    """Return the grafanalib object of a dashboard."""
    return core.Dashboard(
        title=title(dashboard.title),
        uid=dashboard.uid,
        description=inert(one_line(dashboard.description)),
        tags=[inert(tag) for tag in dashboard.tags],
        timezone="browser",
        time=core.Time(f"now-{format_duration(dashboard.range_ms)}", "now"),
        timePicker=core.TimePicker(REFRESHES, []),
        refresh=format_duration(dashboard.refresh_ms),
        graphTooltip=CROSSHAIR,
        panels=list(_panels(dashboard.rows)),
        templating=core.Templating([_template(each) for each in dashboard.variables]),
        annotations=core.Annotations([_built_in(), *(_annotation(each) for each in dashboard.annotations)]),
        links=[_related(dashboard), *(_link(each) for each in dashboard.links)],
    )


def _panels(rows: tuple[Row, ...]) -> Iterator[Any]:
    top = 0
    for row in rows:
        if row.title:
            heading_box = core.GridPos(h=1, w=24, x=0, y=top)
            top += 1
        boxes = place([(panel.size.width, panel.size.height) for panel in row.panels], top)
        made = [panel_object(panel, box) for panel, box in zip(row.panels, boxes, strict=True)]
        if row.title:
            inner = made if row.folded else []
            yield objects.Row(title=title(row.title), collapsed=row.folded, gridPos=heading_box, panels=inner)
        if not row.folded:
            yield from made
            top = _below(boxes)


def _below(boxes: tuple[Box, ...]) -> int:
    return max(box.y + box.h for box in boxes)


def _template(variable: Variable) -> objects.Template:
    common = {
        "name": variable.name,
        "label": title(variable.title),
        "description": inert(one_line(variable.description)),
    }
    if variable.series is None:
        return objects.Template(**common, query="prometheus", type="datasource", refresh=1)
    chosen, shown = (variable.initial, variable.initial) if variable.initial else ("$__all", "All")
    return objects.Template(
        **common,
        type="query",
        query=f"label_values({query_text(variable.series)}, {variable.label})",
        refresh=ON_TIME_CHANGE,
        multi=True,
        includeAll=not variable.initial,
        allValue=None if variable.initial else ".+",
        current={"selected": True, "text": [shown], "value": [chosen]},
    )


def _built_in() -> Json:
    """Return the annotations that people add by hand, which Grafana would add to a dashboard without them."""
    return {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": STATUS[Status.INFO],
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }


def _annotation(annotation: Annotation) -> Json:
    fields: Json = {
        "enable": annotation.enabled,
        "hide": False,
        "iconColor": STATUS[annotation.status],
        "name": title(annotation.name),
    }
    if annotation.expr is None:
        source = {"type": "grafana", "uid": "-- Grafana --"}
        target = {"limit": 100, "matchAny": False, "tags": list(annotation.tags), "type": "tags"}
        return {**fields, "datasource": source, "target": target}
    return {
        **fields,
        "datasource": objects.DATASOURCE,
        "expr": query_text(annotation.expr),
        "step": "1m",
        "tagKeys": ",".join((*annotation.title.labels, *annotation.text.labels)),
        "textFormat": legend_text(annotation.text),
        "titleFormat": legend_text(annotation.title),
        "useValueForTime": False,
    }


def _related(dashboard: Dashboard) -> Json:
    """Return the menu of pages about the same."""
    made: Json = core.DashboardLink(
        asDropdown=True,
        icon="external link",
        includeVars=False,
        keepTime=True,
        tags=[inert(dashboard.related)],
        title="Dashboards",
        tooltip="Other dashboards about the same",
        type="dashboards",
    ).to_json_data()
    return made


def _link(each: Link) -> Json:
    target = link(each)
    url = f"/d/{each.uid}" if each.uid else target["url"]
    made: Json = core.DashboardLink(
        icon="dashboard" if each.uid else "doc",
        includeVars=False,
        keepTime=bool(each.uid),
        targetBlank=not each.uid,
        title=title(each.title),
        tooltip="",
        type="link",
        uri=str(url),
    ).to_json_data()
    return made
