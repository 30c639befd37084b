"""Rules about ids and places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from generators.grafana.lint.finding import Finding
from generators.grafana.lint.view import View

COLUMNS = 24


def find(view: View) -> Iterator[Finding]:
    """Yield panels without an id of their own, and those that do not fit."""
    top = view.data.get("panels") or ()
    everything = [inner for panel in top for inner in (panel, *(panel.get("panels") or ()))]
    seen: dict[object, str] = {}
    for panel in everything:
        id_, title = panel.get("id"), str(panel.get("title", ""))
        if not isinstance(id_, int) or id_ < 1:
            yield view.finding("D821", title, "the panel has no id")
        elif id_ in seen:
            yield view.finding("D821", title, f"the panel has the id of `{seen[id_]}`")
        seen.setdefault(id_, title)
    yield from _overlaps(view, top)
    for panel in top:
        yield from _overlaps(view, panel.get("panels") or ())
    for panel in view.panels:
        letters = [target.get("refId") for target in panel.get("targets") or ()]
        if len(set(letters)) != len(letters) or not all(letters):
            yield view.finding("D823", str(panel.get("title", "")), "two queries have the same letter, or one has none")


def _overlaps(view: View, panels: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    boxes = [(str(panel.get("title", "")), panel["gridPos"]) for panel in panels if panel.get("gridPos")]
    for title, box in boxes:
        if box["x"] < 0 or box["y"] < 0 or box["w"] < 1 or box["h"] < 1 or box["x"] + box["w"] > COLUMNS:
            yield view.finding("D822", title, f"the panel leaves the {COLUMNS} columns of the grid")
    for (one, a), (other, b) in combinations(boxes, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        if not (beside or below):
            yield view.finding("D822", other, f"the panel lies on `{one}`")
