"""Which rules and alerts depend on a metric, directly or through recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from generators.planning.plan import EnvironmentPlan, Group, Plan, Recording, Rule
from generators.promql.syntax.walk import selectors


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads a series: the records of rules, and alerts by the subject that they belong to."""

    records: frozenset[str] = frozenset()
    alerts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _World:
    """Which rules read a series; ``shared`` are the rules of the fleet."""

    shared: _World | None = None
    records: dict[str, set[str]] = field(default_factory=dict)
    alerts: dict[str, set[str]] = field(default_factory=dict)

    def add(self, rule: Rule) -> None:
        """Note what a rule reads."""
        written, name = (self.records, rule.record) if isinstance(rule, Recording) else (self.alerts, rule.alert)
        for each in selectors(rule.expr):
            written.setdefault(each.name or "", set()).add(name)

    def recorded_of(self, series: str) -> set[str]:
        """Return what is recorded of a series."""
        shared = self.shared.records.get(series, set()) if self.shared else set()
        return self.records.get(series, set()) | shared

    def reached(self, series: Iterable[str]) -> set[str]:
        """Return series and everything that is recorded of them."""
        found = set(series)
        pending = list(found)
        while pending:
            new = self.recorded_of(pending.pop()) - found
            found |= new
            pending += new
        return found


def readers(plan: Plan) -> dict[str, Readers]:
    """Return the readers of each metric by its OpenTelemetry name; an alert belongs to ``tenant/model``."""
    records: dict[str, set[str]] = {}
    alerts: dict[str, dict[str, set[str]]] = {}
    for environment in plan.environments:
        for subject, instruments, world in _worlds(environment):
            for name, series in instruments:
                found = world.reached(series)
                records.setdefault(name, set()).update(found - set(series))
                for each in found:
                    for alert in world.alerts.get(each, ()):
                        alerts.setdefault(name, {}).setdefault(alert, set()).add(subject)
    return {
        name: Readers(
            frozenset(found),
            {alert: tuple(sorted(whose)) for alert, whose in sorted(alerts.get(name, {}).items())},
        )
        for name, found in records.items()
    }


def _worlds(environment: EnvironmentPlan) -> Iterator[tuple[str, list[tuple[str, tuple[str, ...]]], _World]]:
    """Yield each model with its metrics and with the rules that may read them."""
    fleet = _World()
    for rule in _rules(environment.fleet):
        fleet.add(rule)
    for model in environment.models:
        world = _World(fleet)
        for rule in _rules(model.groups):
            world.add(rule)
        yield f"{model.tenant}/{model.model}", [(each.name, each.prometheus) for each in model.instruments], world


def _rules(groups: Iterable[Group]) -> Iterator[Rule]:
    for group in groups:
        yield from group.rules
