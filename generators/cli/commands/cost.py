"""Show what monitoring costs: series, samples and rules, against budgets."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from generators.cli.console import Console
from generators.cli.costs import UNITS, Dear, Spent, dearest, spent
from generators.cli.explaining.explanation import UnknownNameError, unknown
from generators.cli.parser import add_specs_argument
from generators.cli.tables import plural, table
from generators.cli.workspace import open_workspace
from generators.pipeline import compile_plan, errors
from generators.planning.plan import Plan

FORMATS = ("text", "json")


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
