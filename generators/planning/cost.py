"""What monitoring costs, and whether the platform allows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import prod

from generators.diagnostics import NOWHERE, Code, Position, Problem
from generators.language.catalog import Budget, Deployment, Environment, Platform
from generators.planning.fleet import TILE_MS
from generators.planning.formulas import of_one_model
from generators.planning.plan import NO_COST, Alerting, Cost, Group, Instrument, ModelPlan

MODEL_TOO_EXPENSIVE = Code(
    "B601",
    "Model too expensive",
    "The model needs more series, samples or rules than allowed.",
    "budget: {series: 100}",
    "budget: {series: 5000}",
)
TENANT_TOO_EXPENSIVE = Code(
    "B602",
    "Tenant too expensive",
    "All models of the tenant together need more than allowed.",
    "budget: {tenant: {series: 100}}",
    "budget: {tenant: {series: 50000}}",
)
ENVIRONMENT_TOO_EXPENSIVE = Code(
    "B603",
    "Environment too expensive",
    "All models of the environment together need more than allowed.",
    "budget: {environment: {rules: 10}}",
    "budget: {environment: {rules: 5000}}",
)

SEE = "see `watchspec cost`"


def model_cost(deployment: Deployment, instruments: Iterable[Instrument], groups: Iterable[Group]) -> Cost:
    """Return the cost of one model in one environment: what replicas export at most, and what rules record of it."""
    emitted = tuple(instruments)
    replicas = deployment.model.replicas
    series = sum(each.series * (1 if each.per_model else replicas) for each in emitted)
    exported = Fraction(1000 * series, deployment.environment.export_interval_ms)
    return Cost(series, float(exported), 0, 0) + _fleet_share(deployment, emitted) + rules_cost(groups)


def _fleet_share(deployment: Deployment, instruments: Iterable[Instrument]) -> Cost:
    """Return the series that fleet rules record of a model: one for each combination of the labels that they keep."""
    sizes: dict[str, int] = {}
    own: dict[str, dict[str, int]] = {}
    for instrument in instruments:
        own[instrument.id] = {each.key: len(each.values) + each.optional for each in instrument.attributes}
        for key, size in own[instrument.id].items():
            sizes[key] = max(sizes.get(key, 1), size)
    usual = deployment.environment.evaluation_interval_ms
    rows = [
        *(
            (measure.keep, sizes, measure.interval_ms or usual)
            for measure in deployment.measures.values()
            if not of_one_model(measure.formula.template)
        ),
        *((tile.keep, own.get(tile.metric, sizes), TILE_MS) for tile in deployment.tiles.values()),
    ]
    counted = [(prod(known.get(key, 1) for key in keep), interval) for keep, known, interval in rows]
    per_second = sum(Fraction(1000 * series, interval) for series, interval in counted)
    return Cost(0, float(per_second), 0, sum(series for series, _ in counted))


def fleet_cost(groups: Iterable[Group]) -> Cost:
    """Return the cost of fleet rules apart from what they record, which is counted with each model."""
    return Cost(0, 0.0, sum(len(group.rules) for group in groups), 0)


def rules_cost(groups: Iterable[Group]) -> Cost:
    """Return the cost of a model's own rules, whose expressions give one series each."""
    cost = NO_COST
    for group in groups:
        recorded = sum(not isinstance(rule, Alerting) for rule in group.rules)
        per_second = float(Fraction(1000 * recorded, group.interval_ms))
        cost += Cost(0, per_second, len(group.rules), recorded)
    return cost


def check_budgets(
    environment: Environment, models: Iterable[ModelPlan], cost: Cost, platform: Platform
) -> Iterator[Problem]:
    """Yield a problem for each limit that is exceeded: of a model, a tenant, the environment."""
    tenants: dict[str, Cost] = {}
    largest: dict[str, ModelPlan] = {}
    for model in models:
        own = model.deployment.model.budget
        for budget in (own, platform.model_budget):
            where = f"model `{model.model}` of tenant `{model.tenant}` in `{environment.name}`"
            place = model.deployment.model.position
            yield from _exceeded(MODEL_TOO_EXPENSIVE, where, model.cost, budget, place, _dearest(model))
            if _stated(own):
                break
        tenants[model.tenant] = tenants.get(model.tenant, NO_COST) + model.cost
        if model.tenant not in largest or model.cost.series > largest[model.tenant].cost.series:
            largest[model.tenant] = model
    for tenant, spent in tenants.items():
        where = f"tenant `{tenant}` in `{environment.name}`"
        hint = f"its largest model is `{largest[tenant].model}` with {largest[tenant].cost.series:,} series"
        yield from _exceeded(TENANT_TOO_EXPENSIVE, where, spent, platform.tenant_budget, platform.position, hint)
    where = f"environment `{environment.name}`"
    yield from _exceeded(
        ENVIRONMENT_TOO_EXPENSIVE, where, cost, platform.environment_budget, environment.position, _heaviest(tenants)
    )


def _stated(budget: Budget) -> bool:
    return any(limit is not None for limit in (budget.series, budget.samples_per_second, budget.rules))


def _exceeded(code: Code, where: str, cost: Cost, budget: Budget, place: Position, hint: str) -> Iterator[Problem]:
    rows = (
        ("series", cost.series + cost.recorded_series, budget.series),
        ("samples per second", cost.samples_per_second, budget.samples_per_second),
        ("rules", cost.rules, budget.rules),
    )
    for what, spent, limit in rows:
        if limit is not None and spent > limit:
            message = f"{where} needs {spent:,.0f} {what}, and {limit:,} are allowed"
            related = (("the limit", budget.position),) if budget.position and budget.position != NOWHERE else ()
            yield Problem(code, message, place, hint if what == "series" else SEE, related=related)


def _dearest(model: ModelPlan) -> str:
    if not model.instruments:
        return SEE
    most = max(model.instruments, key=lambda each: (each.series, each.id))
    return f"`{most.id}` alone has {most.series:,} series in each replica; {SEE}"


def _heaviest(tenants: Mapping[str, Cost]) -> str:
    if not tenants:
        return SEE
    most = max(tenants, key=lambda name: (tenants[name].series, name))
    return f"tenant `{most}` has {tenants[most].series:,} of them; {SEE}"
