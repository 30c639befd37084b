"""The command ``cost``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Final

from generators.cli.console import Console
from generators.cli.parser import add_specs_argument
from generators.cli.tables import plural, table
from generators.cli.unknown_names import UnknownNameError, unknown
from generators.cli.workspace import open_workspace
from generators.diagnostics import errors
from generators.language.catalog import Budget, Platform
from generators.pipeline import compile_plan
from generators.planning.cost import fleet_cost
from generators.planning.plan import NO_COST, Cost, EnvironmentPlan, Instrument, ModelPlan, Plan

FORMATS = ("text", "json")
UNITS: Final = ("series", "samples_per_second", "rules")
"""What is counted, named like the fields of a budget."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument("--environment", help="only this environment")
    parser.add_argument("--tenant", help="only this tenant")
    parser.add_argument("--top", type=number, default=10, metavar="N", help="how many metrics to list (default: 10)")
    add_specs_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Plan, count, and compare with the limits."""
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    console.progress(f"compiling {len(workspace.sources)} files")
    compiled = compile_plan(workspace.sources)
    console.progress("")
    if compiled.plan is None:
        workspace.report(compiled.problems, console)
        return console.fail("the specs have to be mended first")
    try:
        _check_names(compiled.plan, arguments)
    except UnknownNameError as error:
        return console.fail(str(error), code=2)
    rows = tuple(spent(compiled.plan, arguments.environment, arguments.tenant))
    dear = dearest(compiled.plan, arguments.environment, arguments.tenant, arguments.top)
    if console.json:
        console.data({"scopes": [_data(row) for row in rows], "metrics": [_metric(each) for each in dear]})
    else:
        console.write(_text(rows, dear))
    exceeded = [row for row in rows for unit in UNITS if (row.share(unit) or 0) > 1]
    if exceeded:
        console.err.write(f"watchspec: {plural(len(exceeded), 'limit')} exceeded\n")
    if wrong := [problem for problem in errors(compiled.problems) if not problem.code.startswith("B")]:
        console.err.write(f"watchspec: {plural(len(wrong), 'error')} in the specs, so something may be missing\n")
    return 1 if exceeded or wrong else 0


def number(text: str) -> int:
    """Read a count; argparse names this function in its message."""
    count = int(text)
    if count < 0:
        raise ValueError
    return count


def _check_names(plan: Plan, arguments: argparse.Namespace) -> None:
    environments = [each.environment.name for each in plan.environments]
    if arguments.environment not in {None, *environments}:
        raise unknown("environment", arguments.environment, environments)
    tenants = plan.catalog.platform.tenants
    if arguments.tenant not in {None, *tenants}:
        raise unknown("tenant", arguments.tenant, tenants)


def _text(rows: Iterable[Spent], dear: tuple[Dear, ...]) -> str:
    header = ("environment", "scope", "name", "series", "samples/s", "rules", "of the limit")
    lines = [
        (
            row.environment,
            row.scope,
            row.name,
            f"{row.amount('series'):,.0f}",
            f"{row.amount('samples_per_second'):,.1f}",
            f"{row.amount('rules'):,.0f}",
            ", ".join(_used(row)),
        )
        for row in rows
    ]
    text = table(header, lines, right={3, 4, 5})
    if not dear:
        return text
    listed = [
        (f"{each.series:,}", each.metric, each.model, ", ".join(each.environments), each.attributes) for each in dear
    ]
    return f"{text}\n\n{table(('series', 'metric', 'model', 'environments', 'attributes'), listed, right={0})}"


def _used(row: Spent) -> Iterable[str]:
    for unit in UNITS:
        share = row.share(unit)
        if share is not None:
            mark = " EXCEEDED" if share > 1 else ""
            yield f"{share:.0%}".replace("%", " %") + f" of {row.limit(unit):,} {unit.replace('_', ' ')}{mark}"


def _data(row: Spent) -> dict[str, Any]:
    return {
        "environment": row.environment,
        "scope": row.scope,
        "name": row.name,
        **{unit: {"spent": row.amount(unit), "limit": row.limit(unit), "share": row.share(unit)} for unit in UNITS},
        "recorded_series": row.cost.recorded_series,
    }


def _metric(each: Dear) -> dict[str, Any]:
    return {
        "environments": list(each.environments),
        "model": each.model,
        "metric": each.metric,
        "series": each.series,
        "attributes": each.attributes,
    }


# --- what is spent ---


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
