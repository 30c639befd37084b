"""Panels of the fleet overview: the grid and the table of all models, their objectives, graphs and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from generators.language.catalog import Environment, PlacedPanel, Platform, Show
from generators.language.values.currencies import shared_unit
from generators.planning.dashboards.alerts import LEVELS, STATE, firing
from generators.planning.dashboards.budgets import BUDGET
from generators.planning.dashboards.panels import (
    FULL,
    HALF,
    Column,
    Kind,
    Legend,
    Link,
    Panel,
    Query,
    Size,
    chosen,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.dashboards.uids import is_cut
from generators.planning.expressions import binary, call, equal, number, selector
from generators.planning.links import runbook_of_labels
from generators.planning.names import ENVIRONMENT, MODEL, TENANT
from generators.promql.syntax.ast import Aggregate, Expr, Matcher, StringLiteral, VectorSelector

TOPIC: Final = "fleet"

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

    def unit(self, name: str) -> str:
        """Return the unit of a measure over all models that have it."""
        return shared_unit(each.measure(name).unit for each in self.subjects if each.has(name))

    def series(self, name: str) -> VectorSelector | None:
        """Return the series of a measure or metric, where any model has it."""
        found = sorted({each.filling.series[name] for each in self.subjects if name in each.filling.series})
        return selector(found[0], self.matchers) if found else None

    def placed(self, show: Show) -> tuple[PlacedPanel, ...]:
        """Return the panels that packs place on this page, each once, drawn in one way."""
        found = (each for subject in self.subjects for each in subject.deployment.panels)
        panels = {each.id: each for each in found if each.page == TOPIC and each.show is show}
        return tuple(panels.values())


def grid(fleet: Fleet, health: Expr) -> Panel:
    """Return a tile for each model, worst first."""
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


def table(fleet: Fleet, health: Expr) -> Panel:
    """Return the figures of each model, a row each, worst first."""
    worst = Aggregate("min", selector("slo:period_error_budget_remaining:ratio", fleet.matchers), labels=BY_MODEL)
    queries = [Query(_as_identity(health), instant=True, column="state"), Query(worst, instant=True, column="budget")]
    columns = [
        Column(TENANT, "Tenant"),
        Column(MODEL, "Model", link=_to_model(fleet, TENANT, MODEL)[0], width=220),
        Column("state", "State", thresholds=STATE, mappings=LEVELS),
    ]
    for placed in fleet.placed(Show.COLUMN):
        name = placed.measures[0]
        series = fleet.series(name)
        if series is not None:
            queries.append(Query(Aggregate("max", series, labels=BY_MODEL), instant=True, column=name))
            columns.append(Column(name, placed.title, unit=fleet.unit(name)))
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


def objectives(fleet: Fleet) -> Iterator[Panel]:
    """Yield the objectives that are worst off."""
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


def graphs(fleet: Fleet) -> Iterator[Panel]:
    """Yield requests, errors and duration of all models."""
    for placed in fleet.placed(Show.GRAPH):
        name = placed.measures[0]
        series = fleet.series(name)
        if series is not None:
            measure = next(each.measure(name) for each in fleet.subjects if each.has(name))
            yield Panel(
                kind=Kind.TIMESERIES,
                title=placed.title,
                description=f"{measure.description} Narrow it by tenant and model above.",
                unit=measure.unit,
                queries=(Query(series, Legend("", BY_MODEL)),),
                links=(ALL,),
                data_links=_to_model(fleet, TENANT, MODEL),
                size=Size(8, 8),
                minimum=0,
            )


def history(fleet: Fleet, health: Expr) -> Panel:
    """Return the state of each model over time."""
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


def alerts(fleet: Fleet) -> Panel:
    """Return the alerts that fire now."""
    labels = ("tenant", "model", "alertname", "severity", "team")
    runbook = Link("Runbook", url=runbook_of_labels(fleet.platform, fleet.environment))
    return Panel(
        kind=Kind.TABLE,
        title="Alerts now",
        description="All alerts that fire now. The name leads to the runbook.",
        queries=(Query(Aggregate("max", firing(fleet.alerts), labels=labels), instant=True, column="firing"),),
        columns=(
            Column("alertname", "Alert", link=runbook),
            *(Column(label, label.capitalize()) for label in labels if label != "alertname"),
            Column("firing", ""),
        ),
        links=(ALL,),
        size=FULL,
        no_data="no alert fires",
    )


def _to_model(fleet: Fleet, tenant: str, model: str) -> tuple[Link, ...]:
    """Return the ways from a series to its model; where a uid cannot be put together from labels, only by its tag."""
    environment = fleet.environment.name
    by_tag = Link("All its dashboards", url=f"/dashboards?tag=model%3A{{{tenant}}}%2F{{{model}}}")
    cut = any(is_cut(each.deployment.model.tenant, each.deployment.model.name, environment) for each in fleet.subjects)
    return (by_tag,) if cut else (Link("System health", uid=f"{{{tenant}}}_{{{model}}}_{environment}"), by_tag)


def relabelled(reporting: VectorSelector) -> Expr:
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
