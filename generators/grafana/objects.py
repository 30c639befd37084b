"""grafanalib's classes where its output is stale: the shapes that Grafana 11 to 13 write themselves.

What is missing here (time series, stat, state timeline) is right in grafanalib once ``finalise`` has cleaned it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import attr
from grafanalib import core

Json: TypeAlias = dict[str, Any]

_fields: Any = attr.s(auto_attribs=True, kw_only=True)
"""Our fields come after those of grafanalib, by name."""

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
"""The data source that the dashboard's variable chooses."""


@_fields
class Target(core.Target):  # type: ignore[misc]
    """A query; grafanalib's doubles its step and has no way to say that it covers a range."""

    def to_json_data(self) -> Json:
        """Return the query as Grafana's editor writes it."""
        return {
            "datasource": self.datasource or DATASOURCE,
            "editorMode": "code",
            "expr": self.expr,
            "format": self.format,
            "instant": self.instant,
            "legendFormat": self.legendFormat,
            "range": not self.instant,
            "refId": self.refId,
        }


@_fields
class Template(core.Template):  # type: ignore[misc]
    """A variable with a description and a current value of its own."""

    description: str = ""
    current: Json = attr.ib(factory=dict)

    def to_json_data(self) -> Json:
        """Return the variable; one that is queried repeats its query as its definition."""
        fields: Json = {
            "allValue": self.allValue,
            "current": self.current,
            "description": self.description,
            "hide": self.hide,
            "includeAll": self.includeAll,
            "label": self.label,
            "multi": self.multi,
            "name": self.name,
            "options": [],
            "query": self.query,
            "refresh": self.refresh,
            "regex": self.regex or "",
            "type": self.type,
        }
        if self.type == "query":
            fields |= {"datasource": self.dataSource or DATASOURCE, "definition": self.query, "sort": self.sort}
        return fields


@_fields
class Visualization(core.Panel):  # type: ignore[misc]
    """A panel in today's shape: options beside field configuration, and overrides in it."""

    kind: str = ""
    options: Json = attr.ib(factory=dict)
    defaults: Json = attr.ib(factory=dict)
    overrides: list[Json] = attr.ib(factory=list)

    def to_json_data(self) -> Json:
        """Return the panel."""
        made: Json = self.panel_json(
            {
                "type": self.kind,
                "options": self.options,
                "fieldConfig": {"defaults": self.defaults, "overrides": self.overrides},
            }
        )
        return made


def _kind(name: str) -> Any:
    return attr.ib(default=name, init=False)


@_fields
class BarGauge(Visualization):
    """Bars; grafanalib writes Grafana 6's ``fieldOptions``."""

    kind: str = _kind("bargauge")


@_fields
class Gauge(Visualization):
    """A dial; grafanalib puts its reducer where nothing reads it."""

    kind: str = _kind("gauge")


@_fields
class Heatmap(Visualization):
    """Buckets over time; grafanalib writes the panel that Grafana 9 replaced."""

    kind: str = _kind("heatmap")


@_fields
class Table(Visualization):
    """A table; grafanalib knows ``displayMode``, which overrides of cells lose against."""

    kind: str = _kind("table")


@_fields
class StatusHistory(Visualization):
    """States at regular times; grafanalib has none."""

    kind: str = _kind("status-history")


@_fields
class Text(core.Panel):  # type: ignore[misc]
    """Markdown, which asks no data source."""

    content: str = ""

    def to_json_data(self) -> Json:
        """Return the panel."""
        made: Json = self.panel_json({"type": "text", "options": {"content": self.content, "mode": "markdown"}})
        made["fieldConfig"] = {"defaults": {}, "overrides": []}
        return made


@_fields
class Row(core.RowPanel):  # type: ignore[misc]
    """A heading; panels of a folded one are inside it."""

    def to_json_data(self) -> Json:
        """Return the row, without the fields of a panel that grafanalib gives it."""
        return {
            "collapsed": self.collapsed,
            "gridPos": self.gridPos,
            "id": self.id,
            "panels": self.panels,
            "title": self.title,
            "type": "row",
        }
