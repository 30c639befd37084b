"""Text of a file → the dashboards in it, each with its places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from generators.diagnostics import Path, Position, Problem
from generators.formats.yaml.reader import load
from generators.formats.yaml.schema import GO
from generators.grafana.lint.embedded import UnreadableError, embedded
from generators.grafana.lint.finding import DashboardFinding, Place
from generators.grafana.lint.places import Places
from generators.grafana.lint.shape import NOT_A_DASHBOARD

DEEPEST: Final = 100
_API: Final = "dashboard.grafana.app/"
_TYPICAL: Final = ("panels", "templating", "schemaVersion", "title", "rows")
_EXPORT: Final = "export the dashboard as classic JSON: Share, Export, without “export for sharing externally”"


@dataclass(frozen=True)
class Dashboard:
    """A dashboard in a file; ``above`` is the path of what it is wrapped in."""

    file: str
    data: Mapping[str, Any]
    places: Places
    above: Path = ()

    def problem(self, finding: DashboardFinding) -> Problem:
        """Return a finding with its place in the file."""
        return finding.at(Position(self.file, *self.places.place((*self.above, *finding.path), finding.offset)))


def read(text: str, file: str) -> tuple[list[Dashboard], list[Problem]]:
    """Return the dashboards of a file: JSON, or YAML of Kubernetes with JSON in it; and why there is none."""
    dashboards: list[Dashboard] = []
    problems: list[Problem] = []
    for places in _parts(text, file, problems):
        try:
            dashboards.append(_dashboard(file, places))
        except UnreadableError as error:
            problems.append(_problem(file, error.place, str(error), error.help))
    return dashboards, problems


def _parts(text: str, file: str, problems: list[Problem]) -> Iterator[Places]:
    """Yield the JSON texts of a file."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        yield Places(text)
        return
    if not start:
        problems.append(_problem(file, (1, 1, 1, 1), "the file is empty", "write a dashboard, or remove it"))
        return
    loaded = load(text, file, GO)
    problems += loaded.problems
    if loaded.problems:
        return
    try:
        yield from embedded(loaded.documents)
    except UnreadableError as error:
        problems.append(_problem(file, error.place, str(error), error.help))


def _dashboard(file: str, places: Places) -> Dashboard:
    """Return the dashboard of a JSON text. Raises UnreadableError."""
    text = places.text
    try:
        data = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        message = f"{error.msg[:1].lower()}{error.msg[1:]}"
        at = min(error.pos, max(len(text) - 1, 0))
        raise UnreadableError(f"not JSON: {message}", places.between(at, at + 1), "correct the syntax") from None
    except (ValueError, RecursionError) as error:
        message = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise UnreadableError(f"not JSON: {message}", places.between(0, 1), "correct it") from None
    if _depth(data) > DEEPEST:
        raise UnreadableError("nested too deeply", places.between(0, 1), f"at most {DEEPEST} levels are read")
    above, found = _unwrapped(data)
    if not isinstance(found, dict):
        raise UnreadableError(
            "a dashboard is one JSON object", places.place(above), 'write `{"title": …, "panels": […]}`'
        )
    if "elements" in found and "layout" in found:
        raise UnreadableError("this is a dashboard of schema v2, which has no `panels`", places.place(above), _EXPORT)
    if not any(key in found for key in _TYPICAL):
        message = f"nothing here is of a dashboard: there is none of {', '.join(f'`{key}`' for key in _TYPICAL)}"
        raise UnreadableError(message, places.place(above), _EXPORT)
    return Dashboard(file, found, places, above)


def _unwrapped(data: Any) -> tuple[Path, Any]:
    """Return the dashboard in a resource of Kubernetes or an answer of the API, and its path."""
    if isinstance(data, dict):
        if str(data.get("apiVersion", "")).startswith(_API) and "spec" in data:
            return ("spec",), data["spec"]
        if isinstance(data.get("dashboard"), dict) and "panels" not in data:
            return ("dashboard",), data["dashboard"]
    return (), data


def _depth(data: Any) -> int:
    depth, level = 0, [data]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
    return depth


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"`{word}` is no number")


def _problem(file: str, place: Place, message: str, help_: str) -> Problem:
    return Problem(NOT_A_DASHBOARD, message, Position(file, *place), help_)
