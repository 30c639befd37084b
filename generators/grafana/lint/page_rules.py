"""Rules about whole dashboards, and about those that are deployed together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from generators.grafana.lint.finding import Finding
from generators.grafana.lint.variable_rules import uid
from generators.grafana.lint.view import View
from generators.grafana.versions import SCHEMA_VERSIONS

MOST_QUERIES = 60
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TARGET = re.compile(r"/d/([^/?#]+)")


def find(view: View) -> Iterator[Finding]:
    """Yield what is wrong with a dashboard as a whole."""
    data = view.data
    if data.get("editable") is not False:
        yield view.finding("D815", "", "the dashboard can be edited in the browser", "`editable: false`")
    if not _UID.fullmatch(str(data.get("uid") or "")):
        yield view.finding("D820", "", f"`{data.get('uid') or ''}` is no uid that links can rely on")
    if data.get("schemaVersion") not in SCHEMA_VERSIONS.values():
        known = ", ".join(map(str, SCHEMA_VERSIONS.values()))
        yield view.finding("D827", "", f"schema version {data.get('schemaVersion')}", f"known: {known}")
    opened = [panel for panel in data.get("panels") or () if panel.get("type") != "row"]
    queries = sum(len(panel.get("targets") or ()) for panel in opened)
    if queries > MOST_QUERIES:
        yield view.finding("D833", "", f"{queries} queries are asked at once", "fold rows that are seldom needed")
    sources = {name for name, each in view.variables.items() if each.get("type") == "datasource"}
    for each in (data.get("annotations") or {}).get("list") or ():
        source = uid(each.get("datasource"))
        if source not in ("-- Grafana --", "grafana") and source.strip("${}") not in sources:
            yield view.finding("D830", str(each.get("name")), "the annotation reads a data source of its own")


def find_together(views: Sequence[View]) -> Iterator[Finding]:
    """Yield uids that two dashboards share, and links that lead to none of them."""
    uids = Counter(str(view.data.get("uid")) for view in views)
    for view in views:
        if uids[str(view.data.get("uid"))] > 1:
            yield view.finding("D820", "", f"another dashboard has the uid `{view.data.get('uid')}`")
        for place, url in _links(view):
            found = _TARGET.match(url)
            if found and not _leads(found[1], uids):
                yield view.finding("D826", place, f"`{url}` leads to no dashboard")


def _leads(target: str, uids: Counter[str]) -> bool:
    """Whether a uid, in which labels may be filled in later, is one of a dashboard."""
    pattern = "".join(
        "[a-z0-9-]+" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{[^}]*\})", target)
    )
    return any(re.fullmatch(pattern, uid_) for uid_ in uids) if "${" in target else target in uids


def _links(view: View) -> Iterator[tuple[str, str]]:
    for each in view.data.get("links") or ():
        yield "", str(each.get("url") or "")
    for panel in view.panels:
        title = str(panel.get("title", ""))
        config: Any = panel.get("fieldConfig") or {}
        found = [*(panel.get("links") or ()), *((config.get("defaults") or {}).get("links") or ())]
        for override in config.get("overrides") or ():
            for each in override.get("properties") or ():
                found += each["value"] if each.get("id") == "links" else []
        yield from ((title, str(each.get("url") or "")) for each in found)
