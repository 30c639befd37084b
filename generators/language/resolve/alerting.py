"""How many of the packs' alerts a model gets.

Each alert of a pack exists from some degree of alerting on: lean, standard, thorough.  What an organisation itself
asks for always exists: an alert that the model's own file names or gives levels to, and one that is switched on, or
whose levels or expression are stated, outside the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from generators.diagnostics import Position
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Alert, AlertingDegree
from generators.language.resolve.applicability import Scope
from generators.language.resolve.reading import Reading
from generators.language.sources import of_library

_DEGREES: Final = tuple(AlertingDegree)


def alerting(reading: Reading) -> AlertingDegree:
    """Return the degree that a spec asks for, or the least in which an alert exists."""
    return AlertingDegree(reading.text("alerting", AlertingDegree.STANDARD))


def left_out(alerts: Mapping[str, Alert], scope: Scope) -> tuple[str, ...]:
    """Return the names of those alerts, sorted, that exist only under more thorough alerting than the spec asks for."""
    chosen = _DEGREES.index(alerting(scope.merged))
    return tuple(sorted(name for name, alert in alerts.items() if _DEGREES.index(_least(alert, scope)) > chosen))


def _least(alert: Alert, scope: Scope) -> AlertingDegree:
    stated = scope.merged.child("alerts").child(alert.name)
    if _named_by_model(alert, scope) or (stated.flag("enabled", default=False) and _own(stated.place("enabled"))):
        return AlertingDegree.LEAN
    written = [each.position for each in alert.thresholds] + ([alert.formula.position] if alert.formula else [])
    if any(map(_own, written)) and not (stated.has("alerting") and _own(stated.place("alerting"))):
        return AlertingDegree.LEAN
    return alerting(stated)


def _named_by_model(alert: Alert, scope: Scope) -> bool:
    """Whether the model's own file names an alert, or the measure that it compares."""
    return any(
        place is not None and place.file == scope.file
        for place in (
            _place(scope, "alerts", alert.name),
            *(_place(scope, "quality", each.measure) for each in alert.thresholds),
        )
    )


def _place(scope: Scope, section: str, name: str) -> Position | None:
    node = scope.merged.node.get(section)
    entry = node.entry(name) if isinstance(node, MappingNode) else None
    return None if entry is None else entry.key_position


def _own(place: Position) -> bool:
    return not of_library(place)
