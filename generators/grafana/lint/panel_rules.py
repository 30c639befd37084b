"""Rules about panels: words, units, data sources, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from generators.diagnostics import Code, Severity
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.variable_rules import CHOSEN
from generators.grafana.lint.view import View

PANEL_WITH_A_DATA_SOURCE_OF_ITS_OWN = Code(
    "D806",
    "Panel with a data source of its own",
    "Every panel reads the data source that the variable chooses; a fixed one shows another environment.",
    '{"datasource": {"type": "prometheus", "uid": "PBFA97CFB590B2093"}}',
    '{"datasource": {"type": "prometheus", "uid": "${datasource}"}}',
    Severity.WARNING,
)
PANEL_WITHOUT_WORDS = Code(
    "D807",
    "Panel without words",
    "A title says what is shown, a description what it means and what to do about it.",
    '{"title": "", "description": ""}',
    '{"title": "Errors", "description": "Share of requests that failed. Above 1 % somebody is paged."}',
    Severity.WARNING,
)
NUMBERS_WITHOUT_A_UNIT = Code(
    "D808",
    "Numbers without a unit",
    "Whether 0.3 are seconds, a share or dollars is not for the reader to guess.",
    '{"fieldConfig": {"defaults": {}}}',
    '{"fieldConfig": {"defaults": {"unit": "s"}}}',
    Severity.WARNING,
)
PANEL_THAT_ASKS_FOR_NOTHING = Code(
    "D809",
    "Panel that asks for nothing",
    "A panel that draws data and has no query stays empty.",
    '{"type": "timeseries", "targets": []}',
    '{"type": "timeseries", "targets": [{"refId": "A", "expr": "up"}]}',
    Severity.WARNING,
)
THRESHOLDS_OUT_OF_ORDER = Code(
    "D825",
    "Thresholds out of order",
    "Steps ascend and the first begins at null; otherwise values get the colour of another step.",
    '[{"value": 0, "color": "blue"}, {"value": -1, "color": "orange"}]',
    '[{"value": null, "color": "blue"}, {"value": 0, "color": "orange"}]',
)
PANEL_THAT_SAYS_NOTHING_WITHOUT_DATA = Code(
    "D829",
    "Panel that says nothing without data",
    "`No data` may mean that nothing happened or that nothing is measured; say which.",
    '{"fieldConfig": {"defaults": {}}}',
    '{"fieldConfig": {"defaults": {"noValue": "no requests"}}}',
    Severity.WARNING,
)
PANEL_THAT_LEADS_NOWHERE = Code(
    "D832",
    "Panel that leads nowhere",
    "Whoever sees something wrong needs the next page: a runbook, logs, a dashboard with more detail.",
    '{"links": []}',
    '{"links": [{"title": "Runbook", "url": "https://runbooks.example/errors"}]}',
    Severity.WARNING,
)
RED_AGAINST_GREEN = Code(
    "D834",
    "Red against green",
    "One man in twelve cannot tell them apart.",
    '[{"value": null, "color": "green"}, {"value": 1, "color": "red"}]',
    '[{"value": null, "color": "#0072B2"}, {"value": 1, "color": "#D55E00"}]',
    Severity.WARNING,
)

WITHOUT_DATA = frozenset(("text", "row", "dashlist", "alertlist", "news", "annolist", "welcome"))
WITHOUT_UNIT = frozenset(
    (*WITHOUT_DATA, "logs", "traces", "nodeGraph", "flamegraph", "state-timeline", "status-history")
)
_REDS = ("red", "dark-red", "semi-dark-red", "light-red", "super-light-red")
_GREENS = ("green", "dark-green", "semi-dark-green", "light-green", "super-light-green")


def find(view: View) -> Iterator[DashboardFinding]:
    """Yield what is wrong with panels."""
    for panel in view.panels:
        title = str(panel.get("title", ""))
        for name in ("title", "description"):
            if not str(panel.get(name) or "").strip():
                yield view.finding(
                    PANEL_WITHOUT_WORDS,
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
                PANEL_THAT_LEADS_NOWHERE,
                title,
                "the panel leads nowhere",
                "link the runbook or the next dashboard",
                at=(panel, "links"),
            )


def _data(view: View, panel: Mapping[str, Any], title: str) -> Iterator[DashboardFinding]:
    if not view.chooses(panel.get("datasource")):
        yield view.finding(
            PANEL_WITH_A_DATA_SOURCE_OF_ITS_OWN,
            title,
            "the panel reads a data source of its own",
            CHOSEN,
            at=(panel, "datasource"),
        )
    if not panel.get("targets"):
        yield view.finding(
            PANEL_THAT_ASKS_FOR_NOTHING,
            title,
            "the panel asks for nothing",
            "add a query, or remove the panel",
            at=(panel, "targets"),
        )
    if panel.get("type") not in WITHOUT_UNIT and not _unit(panel):
        yield view.finding(
            NUMBERS_WITHOUT_A_UNIT,
            title,
            "the panel does not say its unit",
            "set `fieldConfig.defaults.unit`",
            at=(panel,),
        )
    if panel.get("type") != "heatmap" and not _defaults(panel).get("noValue"):
        yield view.finding(
            PANEL_THAT_SAYS_NOTHING_WITHOUT_DATA,
            title,
            "the panel says nothing when there is no data",
            "set `noValue`",
            at=(panel,),
        )


def _defaults(panel: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (panel.get("fieldConfig") or {}).get("defaults") or {}
    return found


def _unit(panel: Mapping[str, Any]) -> str:
    """Return the unit of a panel; a mapped value is a word and needs none, a heatmap has it at its axis."""
    defaults = _defaults(panel)
    axis = (panel.get("options") or {}).get("yAxis") or {}
    mapped = "none" if defaults.get("mappings") else ""
    return str(defaults.get("unit") or axis.get("unit") or mapped)


def _steps(view: View, panel: Mapping[str, Any], title: str) -> Iterator[DashboardFinding]:
    thresholds = _defaults(panel).get("thresholds") or {}
    steps = thresholds.get("steps") or []
    if not steps:
        return
    values = [each.get("value") for each in steps]
    if values[0] is not None:
        yield view.finding(
            THRESHOLDS_OUT_OF_ORDER,
            title,
            "the first threshold does not begin at null",
            "give it `null`",
            at=(thresholds, "steps"),
        )
    rest = [each for each in values[1:] if isinstance(each, int | float)]
    if len(rest) != len(values) - 1 or any(left >= right for left, right in pairwise(rest)):
        yield view.finding(
            THRESHOLDS_OUT_OF_ORDER, title, "thresholds do not ascend", "sort them", at=(thresholds, "steps")
        )
    colours = {str(each.get("color")) for each in steps}
    if colours & set(_REDS) and colours & set(_GREENS):
        message, help_ = "status is told by red against green", "take blue, orange and vermilion"
        yield view.finding(RED_AGAINST_GREEN, title, message, help_, at=(thresholds, "steps"))
