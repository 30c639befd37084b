"""What monitoring costs, by scope and by metric, against the limits that specs set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod

from generators.language.catalog import Budget, Platform
from generators.planning.cost import fleet_cost
from generators.planning.plan import NO_COST, Cost, EnvironmentPlan, Instrument, ModelPlan, Plan

UNITS = ("series", "samples_per_second", "rules")
"""What is counted, named like the fields of a budget."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a model, a tenant, the fleet's rules or an environment costs, and what it may cost."""

    environment: str
    scope: str
    name: str
    cost: Cost
    budget: Budget

    def amount(self, unit: str) -> float:
        """Return how much is spent; recorded series are series too."""
        if unit == "series":
            return self.cost.series + self.cost.recorded_series
        return self.cost.rules if unit == "rules" else self.cost.samples_per_second

    def limit(self, unit: str) -> int | None:
        """Return the limit, if there is one."""
        limit: int | None = getattr(self.budget, unit)
        return limit

    def share(self, unit: str) -> float | None:
        """Return what share of the limit is spent, if there is one."""
        limit = self.limit(unit)
        return None if limit is None else self.amount(unit) / limit


@dataclass(frozen=True, slots=True)
class Dear:
    """A metric of a model with the series of all its replicas, and the attributes that multiply them."""

    environments: tuple[str, ...]
    model: str
    metric: str
    series: int
    attributes: str


def spent(plan: Plan, environment: str | None, tenant: str | None) -> Iterator[Spent]:
    """Yield what each scope costs: models, then their tenant; then, unless one tenant is asked for, all."""
    platform = plan.catalog.platform
    for each in _environments(plan, environment):
        name = each.environment.name
        tenants: dict[str, list[ModelPlan]] = {}
        for model in each.models:
            tenants.setdefault(model.tenant, []).append(model)
        for owner, models in tenants.items():
            if tenant in {None, owner}:
                for model in models:
                    title = f"{model.tenant}/{model.model}"
                    yield Spent(name, "model", title, model.cost, _model_budget(model, platform))
                total = sum((model.cost for model in models), NO_COST)
                yield Spent(name, "tenant", owner, total, platform.tenant_budget)
        if tenant is None:
            yield Spent(name, "fleet", "shared rules", fleet_cost(each.fleet), Budget())
            yield Spent(name, "environment", name, each.cost, platform.environment_budget)


def dearest(plan: Plan, environment: str | None, tenant: str | None, top: int) -> tuple[Dear, ...]:
    """Return the metrics with most series, each once for all environments where it costs the same."""
    found: dict[Dear, list[str]] = {}
    for each in _environments(plan, environment):
        for model in each.models:
            for metric in model.instruments if tenant in {None, model.tenant} else ():
                found.setdefault(_dear(model, metric), []).append(each.environment.name)
    listed = (replace(dear, environments=tuple(names)) for dear, names in found.items())
    return tuple(sorted(listed, key=lambda dear: (-dear.series, dear.environments, dear.model, dear.metric))[:top])


def _dear(model: ModelPlan, metric: Instrument) -> Dear:
    together = [key for key, _ in metric.cells[0]] if metric.cells else []
    cells = sum(prod(len(values) for _, values in block) for block in metric.cells)
    factors = [f"{' and '.join(together)} ({cells})"] if together else []
    free = (each for each in metric.attributes if each.key not in together)
    factors += [f"{each.key} ({len(each.values)})" if each.values else each.key for each in free]
    series = metric.series * (1 if metric.per_model else model.deployment.model.replicas)
    return Dear((), f"{model.tenant}/{model.model}", metric.name, series, " × ".join(factors))


def _environments(plan: Plan, name: str | None) -> Iterable[EnvironmentPlan]:
    return (each for each in plan.environments if name in {None, each.environment.name})


def _model_budget(model: ModelPlan, platform: Platform) -> Budget:
    """Return a model's own budget, or else the platform's for every model."""
    own = model.deployment.model.budget
    return own if any(getattr(own, unit) is not None for unit in UNITS) else platform.model_budget
