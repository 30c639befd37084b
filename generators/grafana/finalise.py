"""The one pass over what grafanalib makes: plain values, no relics, stable ids, the schema of the wanted version.

Any grafanalib dashboard may go through it, with panels of ours, of grafanalib and of users.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from types import MappingProxyType
from typing import Any, Final

from generators.grafana.objects import Json
from generators.grafana.versions import SCHEMA_VERSIONS

RELICS: Final = frozenset(
    [
        "__inputs",
        "gnetId",
        "hideControls",
        "rows",
        "sharedCrosshair",
        "style",
        "version",
        "cacheTimeout",
        "editable",
        "error",
        "height",
        "hideTimeOverride",
        "minSpan",
        "span",
    ]
)
"""Fields that Grafana has not read for years, or that make every deployment look like a change."""

TARGET_RELICS: Final = frozenset(["intervalFactor", "step", "metric", "query", "target"])
TEMPLATE_RELICS: Final = frozenset(["useTags", "tagsQuery", "tagValuesQuery", "auto", "auto_min", "auto_count"])
EMPTY: Final = frozenset(("links", "mappings", "transformations"))
"""Lists that say nothing when they are empty."""

_SCALARS: Final = frozenset((str, int, float, bool, type(None)))

GRANTED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "axisLabel": "",
        "axisPlacement": "auto",
        "barAlignment": 0,
        "gradientMode": "none",
        "hideFrom": {"tooltip": False, "viz": False, "legend": False},
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "pointSize": 5,
        "scaleDistribution": {"type": "linear", "log": 2},
        "spanNulls": False,
        "stacking": {},
    }
)
"""Settings of time series that Grafana has without being told."""

_NOTHING: Final = object()

COARSE: Final = 100
"""grafanalib's ``maxDataPoints``, which makes every graph coarse."""


def finalise(dashboard: Any, grafana: str) -> Json:
    """Return a dashboard as plain values for a major version of Grafana.

    Raises KeyError for a version that ``SCHEMA_VERSIONS`` does not have.
    """
    data: Json = plain(dashboard)
    made: Json = {key: value for key, value in data.items() if key not in RELICS and value is not None}
    made["panels"] = [_panel(panel) for panel in data.get("panels") or ()]
    made["templating"] = {"list": [_without(each, TEMPLATE_RELICS) for each in data["templating"]["list"]]}
    made["editable"] = False
    made["schemaVersion"] = SCHEMA_VERSIONS[grafana]
    if isinstance(picker := made.get("timepicker"), Mapping):
        made["timepicker"] = {"refresh_intervals": picker["refresh_intervals"]} if "refresh_intervals" in picker else {}
    _number(made["panels"])
    return made


def plain(value: Any) -> Any:
    """Return grafanalib's objects as dictionaries and lists, all the way down."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is dict:
        return {key: item if type(item) in _SCALARS else plain(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _SCALARS else plain(item) for item in value]
    if isinstance(value, Mapping):
        return plain(dict(value))
    if isinstance(value, tuple):
        return plain(list(value))
    return plain(value.to_json_data())


def panel_id(key: str) -> int:
    """Return the id of a panel, from its name: inserting another panel does not change it."""
    return 1 + int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 0x7FFFFFFE


def _panel(panel: Json) -> Json:
    made = {
        key: value
        for key, value in panel.items()
        if key not in RELICS and value is not None and not (key in EMPTY and not value)
    }
    if made.get("transparent") is False:
        del made["transparent"]
    if made.get("maxDataPoints") == COARSE:
        del made["maxDataPoints"]
    if made["type"] == "row":
        inner = [_panel(each) for each in panel.get("panels") or ()]
        kept = ("collapsed", "gridPos", "id", "repeat", "title", "type")
        return {key: made[key] for key in kept if key in made} | {"panels": inner}
    if "fieldConfig" in made:
        made["fieldConfig"] = _field_config(made["fieldConfig"])
    if made["type"] == "text":
        made.pop("targets", None)
    elif "targets" in made:
        made["targets"] = list(_targets(made["targets"]))
    return made


def _field_config(config: Json) -> Json:
    """Return field configuration without empty lists, and without what Grafana takes for granted."""
    defaults = {
        key: value
        for key, value in config.get("defaults", {}).items()
        if value is not None and not (key in EMPTY and not value)
    }
    if "custom" in defaults:
        custom = defaults["custom"]
        defaults["custom"] = {key: value for key, value in custom.items() if GRANTED.get(key, _NOTHING) != value}
    if "thresholds" in defaults:
        if defaults["thresholds"].get("steps"):
            defaults["thresholds"] = _thresholds(defaults["thresholds"])
        else:
            del defaults["thresholds"]
    return {"defaults": defaults, "overrides": config.get("overrides") or []}


def _thresholds(thresholds: Json) -> Json:
    """Return steps of colour and value; the first one begins at minus infinity, which is null and not "null"."""
    steps = [{"color": each["color"], "value": each["value"]} for each in thresholds["steps"]]
    steps[0]["value"] = None
    return {"mode": thresholds.get("mode", "absolute"), "steps": steps}


def _targets(targets: list[Json]) -> Iterator[Json]:
    """Yield queries, each with a letter of its own where it has none."""
    taken = {each.get("refId") for each in targets}
    free = (letter for letter in (*ascii_uppercase, *(f"A{each}" for each in ascii_uppercase)) if letter not in taken)
    for each in targets:
        made = _without(each, TARGET_RELICS)
        if not made.get("refId"):
            made["refId"] = next(free)
        if made.get("hide") is False:
            del made["hide"]
        yield made


def _without(data: Json, relics: frozenset[str]) -> Json:
    return {key: value for key, value in data.items() if key not in relics and value is not None}


def _number(panels: list[Json]) -> None:
    """Give panels without an id one of their title and their row's; names that clash are told apart in order."""
    named: dict[str, Json] = {}
    row = ""
    for panel in panels:
        if panel["type"] == "row":
            row = panel["title"]
            _name(panel, f"row/{row}", named)
            for inner in panel["panels"]:
                _name(inner, f"{row}/{inner['title']}", named)
        else:
            _name(panel, f"{row}/{panel.get('title', '')}", named)
    taken = {panel["id"] for panel in named.values() if panel.get("id")}
    for key, panel in sorted(named.items()):
        if not panel.get("id"):
            panel["id"] = next(each for each in _ids(key) if each not in taken)
            taken.add(panel["id"])


def _name(panel: Json, key: str, named: dict[str, Json]) -> None:
    while key in named:
        key += "'"
    named[key] = panel


def _ids(key: str) -> Iterator[int]:
    while True:
        yield panel_id(key)
        key += "'"
