"""Metrics of all models of the organisation, merged: one name is one definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generators.diagnostics import Code, Position, Problem, Severity
from generators.language.catalog import Attribute, Metric, Model
from generators.language.values.currencies import comparable, shared_unit
from generators.planning.plan import Instrument, ModelPlan

TWO_DEFINITIONS = Code(
    "P421",
    "One name, two definitions",
    "A metric means the same for all models of the organisation: the instrument, the unit and the description.",
    "unit: ms  # another model has s",
    "unit: s",
)


@dataclass(frozen=True, slots=True)
class Owned:
    """A metric as one model emits it; ``environment`` names the place."""

    model: Model
    environment: str
    metric: Metric
    instrument: Instrument

    @property
    def subject(self) -> str:
        """Tenant and model."""
        return f"{self.model.tenant}/{self.model.name}"


@dataclass(frozen=True, slots=True)
class SharedMetric:
    """A metric with everybody who emits it, sorted by subject and environment; the first speaks for all."""

    owned: tuple[Owned, ...]

    @property
    def first(self) -> Owned:
        """Whose definition counts."""
        return self.owned[0]

    @property
    def name(self) -> str:
        """OpenTelemetry name."""
        return self.first.metric.name

    @property
    def unit(self) -> str:
        """Its unit, with `{currency}` where models pay in different ones."""
        return shared_unit(each.metric.unit for each in self.owned)

    @property
    def position(self) -> Position:
        """Where it is declared."""
        return self.first.metric.position

    @property
    def subjects(self) -> tuple[str, ...]:
        """The models that emit it."""
        return tuple(dict.fromkeys(each.subject for each in self.owned))

    @property
    def prometheus(self) -> tuple[str, ...]:
        """Names of its series."""
        return tuple(dict.fromkeys(name for each in self.owned for name in each.instrument.prometheus))

    @property
    def keys(self) -> tuple[str, ...]:
        """Attribute keys, in the order in which they are declared."""
        return tuple(dict.fromkeys(attribute.key for each in self.owned for attribute in each.metric.attributes))

    def declared(self, key: str) -> tuple[Attribute, ...]:
        """Return the declarations of an attribute, by model and environment."""
        return tuple(one for each in self.owned for one in each.metric.attributes if one.key == key)

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values that an attribute has on this metric, over all models."""
        return tuple(dict.fromkeys(value for one in self.declared(key) for value in one.values))

    def everywhere(self, key: str) -> bool:
        """Whether each model always sets the attribute."""
        found = self.declared(key)
        return len(found) == len(self.owned) and not any(one.optional for one in found)

    def buckets(self) -> dict[str, tuple[float, ...]]:
        """Return the bucket edges of each model, of all its environments together."""
        edges: dict[str, set[float]] = {}
        for each in self.owned:
            edges.setdefault(each.subject, set()).update(each.instrument.buckets)
        return {subject: tuple(sorted(found)) for subject, found in edges.items()}

    def dpia(self) -> dict[str, str]:
        """Return what the metric says about persons, with the entry of each model's assessment."""
        found: dict[str, str] = {}
        for each in self.owned:
            if each.metric.personal_data:
                entry = f"{each.model.dpia}: " if each.model.dpia else ""
                found[each.subject] = f"{entry}{each.metric.personal_data}"
        return found


def shared_metrics(models: Iterable[ModelPlan]) -> tuple[SharedMetric, ...]:
    """Return the metrics of all models by name."""
    found: dict[str, list[Owned]] = {}
    for plan in models:
        for instrument in plan.instruments:
            metric = plan.deployment.metrics.get(instrument.id)
            if metric is not None:
                owned = Owned(plan.deployment.model, plan.environment, metric, instrument)
                found.setdefault(metric.name, []).append(owned)
    return tuple(SharedMetric(tuple(sorted(found[name], key=_order))) for name in sorted(found))


def disagreements(metrics: Iterable[SharedMetric]) -> Iterator[Problem]:
    """Yield a problem for each definition that differs from the first of its name."""
    for shared in metrics:
        reported: set[Position] = set()
        for each in shared.owned[1:]:
            field = next((name for name in ("kind", "unit", "description") if _differ(shared, each, name)), "")
            if field and each.metric.position not in reported:
                reported.add(each.metric.position)
                yield _disagreement(shared.first, each, field)


def _differ(shared: SharedMetric, each: Owned, field: str) -> bool:
    first, other = shared.first.metric, each.metric
    return not comparable(first.unit, other.unit) if field == "unit" else getattr(first, field) != getattr(other, field)


def _disagreement(first: Owned, other: Owned, field: str) -> Problem:
    """Report two definitions; only a difference in kind or unit makes the series themselves incomparable."""
    words = {"kind": "instrument"}.get(field, field)
    one, two = getattr(first.metric, field), getattr(other.metric, field)
    return Problem(
        TWO_DEFINITIONS.as_(Severity.WARNING if field == "description" else Severity.ERROR),
        f"metric `{other.metric.name}` of `{other.subject}` has the {words} `{two}`, but `{one}` for `{first.subject}`",
        other.metric.position,
        "one name has one definition in the whole organisation: make them equal, or rename one",
        (("the other definition", first.metric.position),),
    )


def _order(owned: Owned) -> tuple[str, str]:
    return owned.subject, owned.environment
