"""Rules about panels: words, units, data sources, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from generators.grafana.lint.finding import Finding
from generators.grafana.lint.variable_rules import CHOSEN
from generators.grafana.lint.view import View

WITHOUT_DATA = frozenset(("text", "row", "dashlist", "alertlist", "news", "annolist", "welcome"))
WITHOUT_UNIT = frozenset(
    (*WITHOUT_DATA, "logs", "traces", "nodeGraph", "flamegraph", "state-timeline", "status-history")
)
_REDS = ("red", "dark-red", "semi-dark-red", "light-red", "super-light-red")
_GREENS = ("green", "dark-green", "semi-dark-green", "light-green", "super-light-green")


def find(view: View) -> Iterator[Finding]:
    """Yield what is wrong with panels."""
    for panel in view.panels:
        title = str(panel.get("title", ""))
        for name in ("title", "description"):
            if not str(panel.get(name) or "").strip():
                yield view.finding(
                    "D807",
                    title or f"panel {panel.get('id')}",
                    f"the panel has no {name}",
                    f"write a {name}",
                    at=(panel, name),
                )
        if panel.get("type") not in WITHOUT_DATA:
            yield from _data(view, panel, title)
        yield from _steps(view, panel, title)
        if not (panel.get("links") or _defaults(panel).get("links")):
            yield view.finding(
                "D832", title, "the panel leads nowhere", "link the runbook or the next dashboard", at=(panel, "links")
            )


def _data(view: View, panel: Mapping[str, Any], title: str) -> Iterator[Finding]:
    if not view.chooses(panel.get("datasource")):
        yield view.finding("D806", title, "the panel reads a data source of its own", CHOSEN, at=(panel, "datasource"))
    if not panel.get("targets"):
        yield view.finding(
            "D809", title, "the panel asks for nothing", "add a query, or remove the panel", at=(panel, "targets")
        )
    if panel.get("type") not in WITHOUT_UNIT and not _unit(panel):
        yield view.finding(
            "D808", title, "the panel does not say its unit", "set `fieldConfig.defaults.unit`", at=(panel,)
        )
    if panel.get("type") != "heatmap" and not _defaults(panel).get("noValue"):
        yield view.finding("D829", title, "the panel says nothing when there is no data", "set `noValue`", at=(panel,))


def _defaults(panel: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (panel.get("fieldConfig") or {}).get("defaults") or {}
    return found


def _unit(panel: Mapping[str, Any]) -> str:
    """Return the unit of a panel; a mapped value is a word and needs none, a heatmap has it at its axis."""
    defaults = _defaults(panel)
    axis = (panel.get("options") or {}).get("yAxis") or {}
    mapped = "none" if defaults.get("mappings") else ""
    return str(defaults.get("unit") or axis.get("unit") or mapped)


def _steps(view: View, panel: Mapping[str, Any], title: str) -> Iterator[Finding]:
    thresholds = _defaults(panel).get("thresholds") or {}
    steps = thresholds.get("steps") or []
    if not steps:
        return
    values = [each.get("value") for each in steps]
    if values[0] is not None:
        yield view.finding(
            "D825", title, "the first threshold does not begin at null", "give it `null`", at=(thresholds, "steps")
        )
    rest = [each for each in values[1:] if isinstance(each, int | float)]
    if len(rest) != len(values) - 1 or any(left >= right for left, right in pairwise(rest)):
        yield view.finding("D825", title, "thresholds do not ascend", "sort them", at=(thresholds, "steps"))
    colours = {str(each.get("color")) for each in steps}
    if colours & set(_REDS) and colours & set(_GREENS):
        message, help_ = "status is told by red against green", "take blue, orange and vermilion"
        yield view.finding("D834", title, message, help_, at=(thresholds, "steps"))
