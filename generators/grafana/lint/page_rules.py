"""Rules about whole dashboards, and about those that are deployed together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generators.diagnostics import Code, Severity
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.variable_rules import CHOSEN, DATA_SOURCE_OF_ITS_OWN
from generators.grafana.lint.view import View, source_name
from generators.grafana.versions import SCHEMA_VERSIONS

DASHBOARD_THAT_CAN_BE_EDITED_IN_THE_BROWSER = Code(
    "D815",
    "Dashboard that can be edited in the browser",
    "What is changed there is lost at the next deployment, or differs from what was reviewed.",
    '{"editable": true}',
    '{"editable": false}',
    Severity.WARNING,
)
UID_THAT_LINKS_CANNOT_RELY_ON = Code(
    "D820",
    "Uid that links cannot rely on",
    "Without a uid, Grafana invents one at each import, and links to the dashboard die; of two dashboards with"
    " one uid the second overwrites the first. At most 40 of a-z, A-Z, 0-9, `-` and `_`.",
    '{"uid": "my dashboard"}',
    '{"uid": "my-dashboard"}',
)
LINK_TO_NO_DASHBOARD = Code(
    "D826",
    "Link to no dashboard",
    "Files that are named together are taken to be deployed together; a link to a uid that none of them has "
    "leads to an error page.",
    '{"url": "/d/chrun"}',
    '{"url": "/d/churn"}',
    Severity.WARNING,
)
SCHEMA_OF_ANOTHER_GRAFANA = Code(
    "D827",
    "Schema of another Grafana",
    "Grafana migrates an older schema in the browser, each time the dashboard is opened, and the older, the "
    "more is guessed; what is newer than it knows is not read.",
    '{"schemaVersion": 16}',
    '{"schemaVersion": 41}',
    Severity.WARNING,
)
TOO_MANY_QUERIES_AT_ONCE = Code(
    "D833",
    "Too many queries at once",
    "What is open at first asks no more than 60 queries: each is evaluated for everyone who opens the page, "
    "which during an incident is everyone. Rows that are folded ask nothing.",
    '{"panels": […61 panels…]}',
    '{"panels": [{"type": "row", "collapsed": true, "panels": […]}]}',
    Severity.WARNING,
)

MOST_QUERIES = 60
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TARGET = re.compile(r"/d/([^/?#]+)")


def find(view: View) -> Iterator[DashboardFinding]:
    """Yield what is wrong with a dashboard as a whole."""
    data = view.data
    if data.get("editable") is not False:
        yield view.finding(
            DASHBOARD_THAT_CAN_BE_EDITED_IN_THE_BROWSER,
            "",
            "the dashboard can be edited in the browser",
            'write `"editable": false`',
            at=(data, "editable"),
        )
    if not _UID.fullmatch(str(data.get("uid") or "")):
        message = f"`{data['uid']}` is no uid that links can rely on" if data.get("uid") else "the dashboard has no uid"
        yield view.finding(
            UID_THAT_LINKS_CANNOT_RELY_ON, "", message, "at most 40 of a-z, A-Z, 0-9, `-` and `_`", at=(data, "uid")
        )
    if data.get("schemaVersion") not in SCHEMA_VERSIONS.values():
        known = ", ".join(map(str, SCHEMA_VERSIONS.values()))
        yield view.finding(
            SCHEMA_OF_ANOTHER_GRAFANA,
            "",
            f"schema version {data.get('schemaVersion')}",
            f"known: {known}",
            at=(data, "schemaVersion"),
        )
    opened = [panel for panel in view.top if panel.get("type") != "row"]
    queries = sum(len(panel.get("targets") or ()) for panel in opened)
    if queries > MOST_QUERIES:
        yield view.finding(
            TOO_MANY_QUERIES_AT_ONCE,
            "",
            f"{queries} queries are asked at once",
            "fold rows that are seldom needed",
            at=(data, "panels"),
        )
    for each in (data.get("annotations") or {}).get("list") or ():
        source = each.get("datasource")
        if source_name(source) not in ("-- Grafana --", "grafana") and not view.chooses(source):
            message = "the annotation reads a data source of its own"
            yield view.finding(DATA_SOURCE_OF_ITS_OWN, str(each.get("name")), message, CHOSEN, at=(each, "datasource"))


def find_together(views: Sequence[View]) -> Iterator[tuple[int, DashboardFinding]]:
    """Yield uids that two dashboards share, and links that lead to none of them, each with the dashboard's index."""
    uids = Counter(str(view.data["uid"]) for view in views if view.data.get("uid"))
    for index, view in enumerate(views):
        if uids[str(view.data.get("uid"))] > 1:
            message = f"another dashboard has the uid `{view.data.get('uid')}`"
            yield (
                index,
                view.finding(
                    UID_THAT_LINKS_CANNOT_RELY_ON,
                    "",
                    message,
                    "of two, one overwrites the other",
                    at=(view.data, "uid"),
                ),
            )
        for place, url, link in _links(view):
            found = _TARGET.match(url)
            if found and not _leads(found[1], uids):
                message = f"`{url}` leads to no dashboard"
                help_ = "link the uid of one that is there"
                yield index, view.finding(LINK_TO_NO_DASHBOARD, place, message, help_, at=(link, "url"))


def _leads(target: str, uids: Counter[str]) -> bool:
    """Whether a uid, in which labels may be filled in later, is one of a dashboard."""
    pattern = "".join(
        "[a-z0-9-]+" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{[^}]*\})", target)
    )
    return any(re.fullmatch(pattern, uid_) for uid_ in uids) if "${" in target else target in uids


def _links(view: View) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for each in view.data.get("links") or ():
        yield "", str(each.get("url") or ""), each
    for panel in view.panels:
        title = str(panel.get("title", ""))
        config: Any = panel.get("fieldConfig") or {}
        found = [*(panel.get("links") or ()), *((config.get("defaults") or {}).get("links") or ())]
        for override in config.get("overrides") or ():
            for each in override.get("properties") or ():
                value = each.get("value") if each.get("id") == "links" else None
                found += [link for link in value if isinstance(link, dict)] if isinstance(value, list) else []
        yield from ((title, str(each.get("url") or ""), each) for each in found)
