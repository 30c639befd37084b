"""Rendered dashboards of our specs, as they are on disk."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import committed

from generators.artifact import Artifact
from generators.planning.plan import Plan
from generators.targets.grafana import dashboards

ROOT = Path(__file__).parents[2]


@cache
def planned() -> Plan:
    return committed.plan()


@cache
def artifacts() -> tuple[Artifact, ...]:
    return tuple(dashboards.TARGET.artifacts(planned()))


@cache
def documents() -> dict[str, Any]:
    return {each.path: json.loads(each.text) for each in artifacts() if each.path.endswith(".json")}


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """All panels, those of folded rows included, rows excluded."""
    top = dashboard["panels"]
    everything = [each for panel in top for each in (panel, *panel.get("panels", ()))]
    return [each for each in everything if each["type"] != "row"]
