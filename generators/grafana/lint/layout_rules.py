"""Rules about ids and places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from generators.diagnostics import Code, Severity
from generators.grafana.lint.finding import DashboardFinding
from generators.grafana.lint.view import View

PANEL_WITHOUT_AN_ID_OF_ITS_OWN = Code(
    "D821",
    "Panel without an id of its own",
    "Links, shared panels and alerts find a panel by its id. Where it is missing or taken, Grafana gives "
    "another when it opens the page, and not always the same.",
    '[{"id": 1, "title": "Hits"}, {"id": 1, "title": "Errors"}]',
    '[{"id": 1, "title": "Hits"}, {"id": 2, "title": "Errors"}]',
    Severity.WARNING,
)
PANEL_OUT_OF_PLACE = Code(
    "D822",
    "Panel out of place",
    "The grid has 24 columns, and Grafana moves a panel that leaves them or lies on another to where it fits.",
    '{"gridPos": {"x": 16, "y": 0, "w": 12, "h": 8}}',
    '{"gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}',
    Severity.WARNING,
)
QUERIES_WITH_THE_SAME_LETTER = Code(
    "D823",
    "Queries with the same letter",
    "Transformations, overrides and expressions find a query by its letter; of two with one letter, one is lost.",
    '[{"refId": "A", "expr": "up"}, {"refId": "A", "expr": "down"}]',
    '[{"refId": "A", "expr": "up"}, {"refId": "B", "expr": "down"}]',
)

COLUMNS = 24
OWN_ID = "give it a number of its own"


def find(view: View) -> Iterator[DashboardFinding]:
    """Yield panels without an id of their own, and those that do not fit."""
    everything = [inner for panel in view.top for inner in (panel, *(panel.get("panels") or ()))]
    seen: dict[object, str] = {}
    for panel in everything:
        id_, title = panel.get("id"), str(panel.get("title", ""))
        if not isinstance(id_, int) or id_ < 1:
            yield view.finding(PANEL_WITHOUT_AN_ID_OF_ITS_OWN, title, "the panel has no id", OWN_ID, at=(panel, "id"))
        elif id_ in seen:
            yield view.finding(
                PANEL_WITHOUT_AN_ID_OF_ITS_OWN,
                title,
                f"the panel has the id of `{seen[id_]}`",
                OWN_ID,
                at=(panel, "id"),
            )
        seen.setdefault(id_, title)
    yield from _overlaps(view, view.data.get("panels") or ())
    for panel in view.top:
        yield from _overlaps(view, panel.get("panels") or ())
    for panel in view.panels:
        letters = [target.get("refId") for target in panel.get("targets") or ()]
        if len(set(letters)) != len(letters) or not all(letters):
            message = "two queries have the same letter, or one has none"
            yield view.finding(
                QUERIES_WITH_THE_SAME_LETTER,
                str(panel.get("title", "")),
                message,
                "give each a `refId`",
                at=(panel, "targets"),
            )


def _overlaps(view: View, panels: Sequence[Mapping[str, Any]]) -> Iterator[DashboardFinding]:
    boxes = [(str(panel.get("title", "")), panel["gridPos"]) for panel in panels if panel.get("gridPos")]
    fits = "move it, or make it smaller"
    for title, box in boxes:
        if box["x"] < 0 or box["y"] < 0 or box["w"] < 1 or box["h"] < 1 or box["x"] + box["w"] > COLUMNS:
            yield view.finding(
                PANEL_OUT_OF_PLACE, title, f"the panel leaves the {COLUMNS} columns of the grid", fits, at=(box,)
            )
    for (one, a), (other, b) in combinations(boxes, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        if not (beside or below):
            yield view.finding(PANEL_OUT_OF_PLACE, other, f"the panel lies on `{one}`", fits, at=(b,))
