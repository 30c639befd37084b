"""The shape of classic dashboards, as far as rules read them: what has another one is told, and left out.

Grafana is lenient about what is missing or null, so all keys may be; and about keys that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generators.diagnostics import Code, Path
from generators.grafana.lint.finding import DashboardFinding

NOT_A_DASHBOARD = Code(
    "D800",
    "Not a dashboard",
    "The file holds classic JSON as Grafana exports it: alone, in the answer of the API, in a resource of kind"
    " `Dashboard`, or in a ConfigMap. What has another shape is not loaded, or loaded without that part.",
    '{"title": "Hits", "panels": {"0": {}}}',
    '{"title": "Hits", "panels": [{}]}',
)


@dataclass(frozen=True, slots=True)
class Every:
    """A list whose items all have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Needed:
    """An object that is of use only with all of these keys."""

    keys: Mapping[str, Shape]


Shape = type | tuple[type, ...] | Mapping[str, "Shape"] | Every | Needed
"""Plain types, objects by their known keys, and lists."""

_NUMBER: Final = (int, float)
_SOURCE: Final = (str, dict)
_LINKS: Final = Every({"url": str, "title": str})
_DEFAULTS: Final[Shape] = {
    "unit": str,
    "noValue": (str, int, float),
    "mappings": list,
    "links": _LINKS,
    "thresholds": {"steps": Every({"value": (int, float, str), "color": str})},
}
_PANEL: Final[dict[str, Shape]] = {
    "id": int,
    "type": str,
    "title": str,
    "description": str,
    "datasource": _SOURCE,
    "gridPos": Needed(dict.fromkeys("xywh", _NUMBER)),
    "links": _LINKS,
    "fieldConfig": {"defaults": _DEFAULTS, "overrides": Every({"properties": Every({"id": str})})},
    "options": {"yAxis": {"unit": str}},
    "targets": Every({"refId": str, "expr": str, "datasource": _SOURCE}),
}
_PANELS: Final = Every({**_PANEL, "panels": Every(_PANEL)})
DASHBOARD: Final[Shape] = {
    "title": str,
    "uid": str,
    "editable": bool,
    "schemaVersion": int,
    "panels": _PANELS,
    "rows": Every({"title": str, "panels": _PANELS}),
    "links": _LINKS,
    "templating": {"list": Every({"name": str, "type": str, "query": _SOURCE, "datasource": _SOURCE, "allValue": str})},
    "annotations": {"list": Every({"name": str, "expr": str, "datasource": _SOURCE})},
}
_WORDS: Final = {
    str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "an object"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shaped:
    """A dashboard of the right shape, the paths of its objects by identity, and what had to be left out."""

    data: Mapping[str, Any]
    paths: Mapping[int, Path]
    findings: tuple[DashboardFinding, ...]


@dataclass(slots=True)
class _Fitting:
    title: str
    paths: dict[int, Path] = field(default_factory=dict)
    findings: list[DashboardFinding] = field(default_factory=list)

    def fit(self, value: Any, shape: Shape, path: Path) -> Any:
        """Return a value as its shape allows it, or None."""
        if value is None:
            return None
        if isinstance(shape, Every):
            return self._list(value, shape.item, path)
        if isinstance(shape, Needed):
            return self._needed(value, shape.keys, path)
        if isinstance(shape, Mapping):
            return self._object(value, shape, path)
        types = shape if isinstance(shape, tuple) else (shape,)
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            return self._wrong(
                path, " or ".join(_WORDS[each] for each in types if each is not int or float not in types)
            )
        return value

    def _list(self, value: Any, item: Shape, path: Path) -> Any:
        if not isinstance(value, list):
            return self._wrong(path, _WORDS[list])
        fitted = (self.fit(each, item, (*path, index)) for index, each in enumerate(value))
        return [each for each in fitted if each is not None]

    def _needed(self, value: Any, keys: Mapping[str, Shape], path: Path) -> Any:
        fitted = self._object(value, keys, path)
        if fitted is None:
            return None
        missing = [key for key in keys if fitted.get(key) is None]
        return self._wrong(path, f"an object with {', '.join(f'`{key}`' for key in missing)}") if missing else fitted

    def _object(self, value: Any, shape: Mapping[str, Shape], path: Path) -> Any:
        if not isinstance(value, dict):
            return self._wrong(path, _WORDS[dict])
        fitted = {
            key: self.fit(inner, shape[key], (*path, key)) if key in shape else inner for key, inner in value.items()
        }
        self.paths[id(fitted)] = path
        return fitted

    def _wrong(self, path: Path, wanted: str) -> None:
        key = next((each for each in reversed(path) if isinstance(each, str)), "dashboard")
        where = ".".join(map(str, path[:-1]))
        message = f"`{key}` is not {wanted}, and what it holds was not looked at"
        self.findings.append(DashboardFinding(NOT_A_DASHBOARD, message, path, f"write {wanted}", self.title, where))


def shaped(document: Mapping[str, Any]) -> Shaped:
    """Return a dashboard as rules can read it."""
    fitting = _Fitting(str(document.get("title") or ""))
    data = fitting.fit(dict(document), DASHBOARD, ())
    return Shaped(data, fitting.paths, tuple(fitting.findings))
