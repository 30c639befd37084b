"""Fleet overview: every model of an environment, healthy or not in five seconds, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from generators.language.catalog import Environment, Platform
from generators.planning.build import binary, call, equal, number, selector
from generators.planning.dashboards.alarms import LEVELS, STATE, firing, state
from generators.planning.dashboards.objectives import BUDGET
from generators.planning.dashboards.page import DATASOURCE, HOUR_MS
from generators.planning.dashboards.subject import Subject
from generators.planning.names import ENVIRONMENT, MODEL, TENANT
from generators.planning.panels import (
    FULL,
    HALF,
    LARGE,
    TILE,
    Annotation,
    Column,
    Dashboard,
    Kind,
    Legend,
    Link,
    Panel,
    Query,
    Row,
    Size,
    Status,
    Thresholds,
    Variable,
    chosen,
)
from generators.planning.uids import fleet_uid, is_cut
from generators.promql.ast import Aggregate, Expr, Matcher, StringLiteral, VectorSelector

ALL = Link("All dashboards", url="/dashboards?tag=watchspec")
"""The way onward from an overview: the list of all dashboards that are made from specs."""

MOST = 60
"""Models in the grid, worst first; more would not be read."""

WORST = 20
"""Series in panels that show the worst of all models."""

BY_MODEL = (TENANT, MODEL)
ALERT_LABELS = ("tenant", "model")


@dataclass(frozen=True)
class Fleet:
    """All models of an environment, as their overview sees them."""

    environment: Environment
    subjects: tuple[Subject, ...]
    platform: Platform

    @cached_property
    def matchers(self) -> tuple[Matcher, ...]:
        """Matchers of recorded series."""
        return (chosen(TENANT, "tenant"), chosen(MODEL, "model"), chosen(ENVIRONMENT, "environment"))

    @cached_property
    def alerts(self) -> tuple[Matcher, ...]:
        """Matchers of ``ALERTS``."""
        return (chosen("tenant", "tenant"), chosen("model", "model"), equal("environment", self.environment.name))

    def series(self, name: str) -> VectorSelector | None:
        """Return the series of a measure or metric, where any model has it."""
        found = sorted({each.filling.series[name] for each in self.subjects if name in each.filling.series})
        return selector(found[0], self.matchers) if found else None


def overview(fleet: Fleet) -> Dashboard | None:
    """Return the overview of an environment, or None where nothing runs."""
    reporting = fleet.series("versions")
    if reporting is None:
        return None
    health = state(fleet.alerts, _relabelled(reporting), ALERT_LABELS)
    name = fleet.environment.name
    rows = (
        Row(panels=tuple(_tiles(fleet, reporting, health))),
        Row(panels=(_grid(fleet, health),)),
        Row(panels=(_table(fleet, health),)),
        Row(title="Objectives", panels=tuple(_objectives(fleet))),
        Row(title="Requests, errors, duration", panels=tuple(_graphs(fleet))),
        Row(title="Since when", panels=(_history(fleet, health), _alerts(fleet))),
    )
    return Dashboard(
        uid=fleet_uid(fleet.environment),
        topic="fleet",
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
    for name, title, words, unit in (
        ("request_rate", "Requests", "Requests per second, all models together.", "{request}/s"),
        ("cost_1h", "Money in the last hour", "Money spent on tokens in the last hour, all models together.", "{USD}"),
    ):
        series = fleet.series(name)
        if series is not None:
            yield Panel(
                kind=Kind.STAT,
                title=title,
                description=words,
                unit=unit,
                queries=(Query(Aggregate("sum", series), Legend(title)),),
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


def _grid(fleet: Fleet, health: Expr) -> Panel:
    return Panel(
        kind=Kind.STAT,
        title="Models",
        description=(
            f"Each model with its worst firing alert, worst first, {MOST} at most. A click leads to its system health."
        ),
        queries=(
            Query(
                Aggregate("topk", health, labels=None, parameter=number(MOST)),
                Legend("", ALERT_LABELS),
                instant=True,
            ),
        ),
        thresholds=STATE,
        mappings=LEVELS,
        links=(ALL,),
        data_links=_to_model(fleet, "tenant", "model"),
        size=Size(24, 7),
        no_data="no model reports",
    )


def _table(fleet: Fleet, health: Expr) -> Panel:
    worst = Aggregate("min", selector("slo:period_error_budget_remaining:ratio", fleet.matchers), labels=BY_MODEL)
    queries = [Query(_as_identity(health), instant=True, column="state"), Query(worst, instant=True, column="budget")]
    columns = [
        Column(TENANT, "Tenant"),
        Column(MODEL, "Model", link=_to_model(fleet, TENANT, MODEL)[0], width=220),
        Column("state", "State", thresholds=STATE, mappings=LEVELS),
    ]
    for name, title in (
        ("error_ratio", "Errors"),
        ("latency_p95", "p95"),
        ("request_rate", "Requests"),
        ("accuracy", "Accuracy"),
        ("cpu_utilization", "CPU"),
        ("memory_utilization", "Memory"),
        ("cost_1h", "Money/h"),
    ):
        series = fleet.series(name)
        if series is not None:
            queries.append(Query(Aggregate("max", series, labels=BY_MODEL), instant=True, column=name))
            unit = next(each.measure(name).unit for each in fleet.subjects if each.has(name))
            columns.append(Column(name, title, unit=unit))
    columns.append(Column("budget", "Budget left", unit="1", thresholds=BUDGET))
    return Panel(
        kind=Kind.TABLE,
        title="Figures of each model",
        description="State, errors, latency, traffic and the smallest error budget of each model, worst first.",
        queries=tuple(queries),
        columns=tuple(columns),
        worst_first="state",
        links=(ALL,),
        size=Size(24, 10),
        no_data="no model reports",
    )


def _objectives(fleet: Fleet) -> Iterator[Panel]:
    by_slo = Legend("", ("sloth_service", "sloth_slo"))
    left = selector("slo:period_error_budget_remaining:ratio", fleet.matchers)
    burn = binary(">", selector("slo:current_burn_rate:ratio", fleet.matchers), number(1))
    yield Panel(
        kind=Kind.BAR_GAUGE,
        title="Error budgets left",
        description=f"The {WORST} objectives with least of their error budget left. Below zero a promise is broken.",
        unit="1",
        queries=(Query(Aggregate("bottomk", left, parameter=number(WORST)), by_slo, instant=True),),
        thresholds=BUDGET,
        links=(ALL,),
        minimum=0,
        maximum=1,
        no_data="no events",
    )
    yield Panel(
        kind=Kind.TIMESERIES,
        title="Budgets that burn too fast",
        description="Burn rates above 1: at this pace the budget does not last for the period. Empty is good.",
        unit="{x}",
        queries=(Query(burn, by_slo),),
        links=(ALL,),
        minimum=0,
        no_data="none burns too fast",
    )


def _graphs(fleet: Fleet) -> Iterator[Panel]:
    for name, title in (
        ("request_rate", "Requests by model"),
        ("error_ratio", "Share of failed requests by model"),
        ("latency_p95", "p95 by model"),
    ):
        series = fleet.series(name)
        if series is not None:
            measure = next(each.measure(name) for each in fleet.subjects if each.has(name))
            yield Panel(
                kind=Kind.TIMESERIES,
                title=title,
                description=f"{measure.description} Narrow it by tenant and model above.",
                unit=measure.unit,
                queries=(Query(series, Legend("", BY_MODEL)),),
                links=(ALL,),
                data_links=_to_model(fleet, TENANT, MODEL),
                size=Size(8, 8),
                minimum=0,
            )


def _history(fleet: Fleet, health: Expr) -> Panel:
    return Panel(
        kind=Kind.STATE_TIMELINE,
        title="States over time",
        description="The worst alert of each model over time. What turned at the same moment often has one cause.",
        queries=(Query(health, Legend("", ALERT_LABELS)),),
        thresholds=STATE,
        mappings=LEVELS,
        links=(ALL,),
        data_links=_to_model(fleet, "tenant", "model"),
        size=HALF,
        no_data="no model reports",
    )


def _alerts(fleet: Fleet) -> Panel:
    labels = ("tenant", "model", "alertname", "severity", "team")
    pattern = fleet.platform.runbook_url.replace("{environment}", quote(fleet.environment.name, safe=""))
    pattern = pattern.replace("{alert}", "{alertname}").replace("{service}", "").replace("{team}", "")
    return Panel(
        kind=Kind.TABLE,
        title="Alerts now",
        description="All alerts that fire now. The name leads to the runbook.",
        queries=(Query(Aggregate("max", firing(fleet.alerts), labels=labels), instant=True, column="firing"),),
        columns=(
            Column("alertname", "Alert", link=Link("Runbook", url=pattern)),
            *(Column(label, label.capitalize()) for label in labels if label != "alertname"),
            Column("firing", ""),
        ),
        links=(ALL,),
        size=FULL,
        no_data="no alert fires",
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


def _to_model(fleet: Fleet, tenant: str, model: str) -> tuple[Link, ...]:
    """Return the ways from a series to its model; where a uid cannot be put together from labels, only by its tag."""
    environment = fleet.environment.name
    by_tag = Link("All its dashboards", url=f"/dashboards?tag=model%3A{{{tenant}}}%2F{{{model}}}")
    cut = any(is_cut(each.deployment.model.tenant, each.deployment.model.name, environment) for each in fleet.subjects)
    return (by_tag,) if cut else (Link("System health", uid=f"{{{tenant}}}_{{{model}}}_{environment}"), by_tag)


def _equal(health: Expr, value: int) -> Expr:
    return binary("==", health, number(value))


def _relabelled(reporting: VectorSelector) -> Expr:
    """The models that report, under the labels that alerts use for tenant and model."""
    return _renamed(Aggregate("count", reporting, labels=BY_MODEL), zip(BY_MODEL, ALERT_LABELS, strict=True))


def _as_identity(health: Expr) -> Expr:
    """States under the labels that recorded series use."""
    renamed = _renamed(health, zip(ALERT_LABELS, BY_MODEL, strict=True))
    return Aggregate("max", renamed, labels=BY_MODEL)


def _renamed(expr: Expr, pairs: Iterable[tuple[str, str]]) -> Expr:
    for old, new in pairs:
        words = (StringLiteral(new), StringLiteral("$1"), StringLiteral(old), StringLiteral("(.*)"))
        expr = call("label_replace", expr, *words)
    return expr
