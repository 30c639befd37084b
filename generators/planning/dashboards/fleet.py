"""Fleet overview: every model of an environment, healthy or not in five seconds, worst first."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog import Show
from generators.language.values.currencies import CURRENCY
from generators.planning.dashboards.alerts import firing, state
from generators.planning.dashboards.fleet_panels import (
    ALERT_LABELS,
    ALL,
    BY_MODEL,
    TOPIC,
    Fleet,
    alerts,
    graphs,
    grid,
    history,
    objectives,
    relabelled,
    table,
)
from generators.planning.dashboards.page import DATASOURCE, HOUR_MS
from generators.planning.dashboards.panels import (
    LARGE,
    TILE,
    Annotation,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Query,
    Row,
    Size,
    Status,
    Thresholds,
    Variable,
    chosen,
)
from generators.planning.dashboards.uids import fleet_uid
from generators.planning.expressions import binary, call, equal, number, selector
from generators.planning.names import ENVIRONMENT, MODEL, TENANT
from generators.promql.syntax.ast import Aggregate, Expr, VectorSelector


def overview(fleet: Fleet) -> Dashboard | None:
    """Return the overview of an environment, or None where nothing runs."""
    reporting = fleet.series("versions")
    if reporting is None:
        return None
    health = state(fleet.alerts, relabelled(reporting), ALERT_LABELS)
    name = fleet.environment.name
    rows = (
        Row(panels=tuple(_tiles(fleet, reporting, health))),
        Row(panels=(grid(fleet, health),)),
        Row(panels=(table(fleet, health),)),
        Row(title="Objectives", panels=tuple(objectives(fleet))),
        Row(title="Requests, errors, duration", panels=tuple(graphs(fleet))),
        Row(title="Since when", panels=(history(fleet, health), alerts(fleet))),
    )
    return Dashboard(
        uid=fleet_uid(fleet.environment),
        topic=TOPIC,
        folder="",
        domain=fleet.platform.organisation,
        subject="all models",
        environment=name,
        description=f"Every model in {name}: healthy or not, worst first. Click on one to see why.",
        rows=rows,
        variables=_variables(fleet, reporting),
        annotations=(
            Annotation(
                name="Critical alerts",
                status=Status.CRITICAL,
                expr=firing(fleet.alerts, "critical"),
                title=Legend("", ("alertname",)),
                text=Legend("", ALERT_LABELS),
            ),
        ),
        related="watchspec",
        tags=("watchspec", "fleet"),
        range_ms=6 * HOUR_MS,
        refresh_ms=30_000,
    )


def _tiles(fleet: Fleet, reporting: VectorSelector, health: Expr) -> Iterator[Panel]:
    silent = (equal("alertname", "TelemetryMissing"),)
    spent = binary("<", selector("slo:period_error_budget_remaining:ratio", fleet.matchers), number(0))
    present = Aggregate("count", reporting, labels=BY_MODEL)
    for title, words, counted, status, size in (
        ("Critical", "Models with a critical alert that fires.", _equal(health, 2), Status.CRITICAL, LARGE),
        ("Warning", "Models whose worst firing alert is a warning.", _equal(health, 1), Status.WARNING, LARGE),
        (
            "Silent",
            "Models from which nothing arrives any more. Until that is explained, nothing is known about them.",
            firing((*fleet.alerts, *silent)),
            Status.CRITICAL,
            LARGE,
        ),
        (
            "Budgets spent",
            "Objectives whose error budget is used up: promises that are broken.",
            spent,
            Status.CRITICAL,
            LARGE,
        ),
    ):
        yield _count(title, words, counted, Thresholds(Status.OK, ((1, status),)), size)
    yield _count(
        "Models reporting",
        f"Models that report; {len(fleet.subjects)} are planned.",
        present,
        Thresholds(),
        TILE,
    )
    for placed in fleet.placed(Show.TILE):
        name = placed.measures[0]
        series = fleet.series(name)
        # What models pay in different currencies has no sum; the table below shows each.
        if series is not None and CURRENCY not in fleet.unit(name):
            yield Panel(
                kind=Kind.STAT,
                title=placed.title,
                description=f"{next(each.measure(name).description for each in fleet.subjects if each.has(name))} "
                "All models together.",
                unit=fleet.unit(name),
                queries=(Query(Aggregate("sum", series), Legend(placed.title)),),
                links=(ALL,),
                size=TILE,
            )


def _count(title: str, words: str, counted: Expr, limits: Thresholds, size: Size) -> Panel:
    value = binary("or", Aggregate("count", counted), call("vector", number(0)))
    return Panel(
        kind=Kind.STAT,
        title=title,
        description=f"{words}\n\nFirst step: the list below shows which ones, worst first.",
        unit="{model}",
        queries=(Query(value, Legend(title)),),
        thresholds=limits,
        links=(ALL,),
        size=size,
        decimals=0,
    )


def _variables(fleet: Fleet, reporting: VectorSelector) -> tuple[Variable, ...]:
    environment = chosen(ENVIRONMENT, "environment")
    name = reporting.name or ""
    return (
        DATASOURCE,
        Variable(
            name="environment",
            title="Environment",
            description=f"Where the models run. Alerts are those of {fleet.environment.name}.",
            label=ENVIRONMENT,
            series=selector(name),
            initial=fleet.environment.label,
        ),
        Variable(
            name="tenant",
            title="Tenant",
            description="Whose models.",
            label=TENANT,
            series=selector(name, (environment,)),
        ),
        Variable(
            name="model",
            title="Model",
            description="Which models.",
            label=MODEL,
            series=selector(name, (environment, chosen(TENANT, "tenant"))),
        ),
    )


def _equal(health: Expr, value: int) -> Expr:
    return binary("==", health, number(value))
