"""Tables: several instant queries side by side, one row for each set of labels, or one query as a matrix."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from generators.grafana import objects
from generators.grafana.objects import Json
from generators.grafana.units import grafana_unit
from generators.planning.dashboards.panels import Column, Panel
from generators.targets.grafana.fields import field_defaults, mappings, steps
from generators.targets.grafana.text import link, title

OPTIONS: Json = {
    "cellHeight": "sm",
    "footer": {"countRows": False, "fields": "", "reducer": ["sum"], "show": False},
    "showHeader": True,
}


def table(panel: Panel, common: dict[str, Any]) -> objects.Table:
    """Return a table of the panel's columns; everything else that queries bring is hidden."""
    fields = _fields(panel)
    shown = [column for column in panel.columns if column.title]
    names = {fields[column.name]: title(column.title) for column in shown}
    known = {column.name: title(column.title) for column in shown}
    hidden = ["Time", *(fields[column.name] for column in panel.columns if not column.title)]
    organize = {
        "excludeByName": dict.fromkeys(hidden, True),
        "indexByName": {field: index for index, field in enumerate(names)},
        "renameByName": names,
    }
    transformations: list[Json] = [{"id": "merge", "options": {}}] if len(panel.queries) > 1 else []
    transformations.append({"id": "organize", "options": organize})
    if panel.worst_first:
        sort = [{"desc": True, "field": known[panel.worst_first]}]
        transformations.append({"id": "sortBy", "options": {"sort": sort}})
    overrides = [_override(column, known) for column in shown]
    return objects.Table(
        **common,
        transformations=transformations,
        defaults={**_cells(field_defaults(panel)), "color": {"mode": "thresholds"}},
        overrides=[each for each in overrides if each["properties"]],
        options=OPTIONS,
    )


def matrix(panel: Panel, common: dict[str, Any]) -> objects.Table:
    """Return a table with one label down, another one across, and values in the cells."""
    down, across = panel.queries[0].legend.labels
    grouping = {"columnField": across, "emptyValue": "zero", "rowField": down, "valueField": "Value"}
    custom = {"align": "auto", "cellOptions": {"mode": "gradient", "type": "color-background"}, "inspect": False}
    return objects.Table(
        **common,
        transformations=[{"id": "groupingToMatrix", "options": grouping}],
        defaults={**field_defaults(panel), "color": {"mode": "continuous-blues"}, "custom": custom},
        options=OPTIONS,
    )


def _cells(defaults: Json) -> Json:
    return {**defaults, "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}}


def _fields(panel: Panel) -> dict[str, str]:
    """Return the field of each column, as Grafana names it after the queries: a label, or the value of a query."""
    values = {
        query.column: "Value" if len(panel.queries) == 1 else f"Value #{letter}"
        for query, letter in zip(panel.queries, ascii_uppercase, strict=False)
    }
    return {column.name: values.get(column.name, column.name) for column in panel.columns}


def _override(column: Column, known: dict[str, str]) -> Json:
    properties: list[Json] = []
    if column.unit:
        properties.append({"id": "unit", "value": grafana_unit(column.unit)})
    if column.thresholds is not None:
        properties += [
            {"id": "thresholds", "value": steps(column.thresholds)},
            {"id": "custom.cellOptions", "value": {"mode": "basic", "type": "color-background"}},
        ]
    if column.mappings:
        properties.append({"id": "mappings", "value": mappings(column.mappings)})
    if column.link is not None:
        properties.append({"id": "links", "value": [link(column.link, known)]})
    if column.width:
        properties.append({"id": "custom.width", "value": column.width})
    return {"matcher": {"id": "byName", "options": title(column.title)}, "properties": properties}
