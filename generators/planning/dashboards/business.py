"""Business figures, beside the technical ones that they are made of and those that they move with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from generators.language.catalog import Formula, Kpi, Level
from generators.language.values.pages import PAGES
from generators.planning.alerts.references import words
from generators.planning.alerts.texts import shown
from generators.planning.dashboards.measures import legend
from generators.planning.dashboards.page import DAY_MS, HOUR_MS, page
from generators.planning.dashboards.panels import (
    FULL,
    HALF,
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
)
from generators.planning.dashboards.subject import Subject, thresholds
from generators.planning.expressions import binary, call, equal, on, positive, selector, steps
from generators.planning.kpis import LABEL, RECORD, alert_name
from generators.planning.names import IDENTITY, measure_title
from generators.promql.syntax.ast import Expr, VectorSelector
from generators.promql.syntax.walk import selectors

TOPIC: Final = "business"
WINDOW_MS = 7 * DAY_MS
STRENGTH = Thresholds(Status.NEUTRAL, ((-1.0, Status.INFO), (-0.5, Status.NEUTRAL), (0.5, Status.INFO)))


def dashboard(subject: Subject) -> Dashboard | None:
    """Return the business figures of a model, one row each."""
    rows = [
        Row(title=measure_title(kpi.name), panels=tuple(_panels(subject, kpi)), folded=index > 2)
        for index, kpi in enumerate(subject.deployment.kpis)
    ]
    return page(
        subject,
        TOPIC,
        PAGES[TOPIC].question,
        rows,
        range_ms=30 * DAY_MS,
        refresh_ms=15 * 60_000,
    )


def _panels(subject: Subject, kpi: Kpi) -> Iterator[Panel]:
    inputs = subject.of(dict.fromkeys(each.name for each in selectors(kpi.formula.expr) if each.name))
    links = _links(subject, kpi)
    words = _words(kpi)
    value = _recorded(subject, kpi)
    limits = _thresholds(kpi)
    yield Panel(
        kind=Kind.STAT,
        title="Now",
        description=words,
        queries=(Query(value, Legend(measure_title(kpi.name))),),
        size=Size(6, 6),
        no_data="not known yet",
        unit=kpi.unit,
        thresholds=limits,
        links=links,
    )
    before = replace(value, offset=steps(value, WINDOW_MS, HOUR_MS).range)
    yield Panel(
        kind=Kind.STAT,
        title="Since last week",
        description=f"Change against seven days ago. {words}",
        queries=(Query(binary("-", value, before), Legend("Change")),),
        size=Size(6, 6),
        no_data="not known yet",
        unit=kpi.unit,
        links=links,
    )
    yield Panel(
        kind=Kind.TIMESERIES,
        title="Over time",
        description=words,
        queries=(Query(value, Legend("now")), Query(before, Legend("a week before"))),
        size=Size(12, 6),
        unit=kpi.unit,
        thresholds=limits,
        links=links,
    )
    for name in inputs:
        if not subject.measure(name).keep:
            yield _beside(subject, kpi, name, links)
    yield _correlation(subject, kpi, links)


def _beside(subject: Subject, kpi: Kpi, name: str, links: tuple[Link, ...]) -> Panel:
    measure = subject.measure(name)
    return Panel(
        kind=Kind.TIMESERIES,
        title=f"Beside {measure_title(name)}",
        description=f"The figure, and one that it is made of (right axis). {measure.description}",
        unit=kpi.unit,
        queries=(
            Query(_recorded(subject, kpi), Legend(measure_title(kpi.name))),
            Query(
                subject.recorded(name),
                replace(legend(subject, name), words=f"{measure_title(name)} (right)"),
                unit=measure.unit,
            ),
        ),
        links=links,
        size=HALF,
    )


def _correlation(subject: Subject, kpi: Kpi, links: tuple[Link, ...]) -> Panel:
    """Return Pearson's coefficients over seven days, hour by hour, with each technical measure."""
    drivers = (each.measures for each in subject.deployment.panels if each.page == TOPIC)
    names = [name for names in drivers for name in names if not subject.measure(name).keep]
    value = _recorded(subject, kpi)
    return Panel(
        kind=Kind.BAR_GAUGE,
        title="Moves with",
        description=(
            "Correlation with technical figures over seven days, by the hour: 1 moves together, -1 against each other, "
            "0 not at all. It says where to look, not what is the cause: a third thing, such as the time of day, may "
            "move both."
        ),
        unit="{x}",
        queries=tuple(
            Query(correlation(value, subject.recorded(name)), Legend(measure_title(name)), instant=True)
            for name in names
        ),
        thresholds=STRENGTH,
        links=links,
        size=FULL,
        minimum=-1,
        maximum=1,
        decimals=2,
        no_data="too short, or constant",
    )


def correlation(one: VectorSelector, other: VectorSelector) -> Expr:
    """Return Pearson's correlation coefficient of two series over the window; empty where either is constant."""
    both = on(*IDENTITY)

    def over(function: str, expr: Expr) -> Expr:
        return call(function, steps(expr, WINDOW_MS, HOUR_MS))

    product = over("avg_over_time", binary("*", one, other, both))
    means = binary("*", over("avg_over_time", one), over("avg_over_time", other), both)
    spread = binary("*", over("stddev_over_time", one), over("stddev_over_time", other), both)
    return binary("/", binary("-", product, means, both), positive(spread), both)


def _recorded(subject: Subject, kpi: Kpi) -> VectorSelector:
    return selector(RECORD, (*subject.matchers, equal(LABEL, kpi.name)))


def _thresholds(kpi: Kpi) -> Thresholds:
    lower: dict[float, Level] = {}
    upper: dict[float, Level] = {}
    for each in kpi.thresholds:
        side = upper if each.op in (">", ">=") else lower
        side[float(each.value.amount)] = each.level
    return thresholds(lower, upper)


def _words(kpi: Kpi) -> str:
    limits = ", ".join(f"{each.level.value} {each.op} {shown(each.value.amount, kpi.unit)}" for each in kpi.thresholds)
    first = next(iter(kpi.runbook.steps), "")
    parts = (kpi.description, f"Limits: {limits}." if limits else "", f"First step: {words(first)}" if first else "")
    return "\n\n".join((*filter(None, parts), f"It is `{_formula(kpi.formula)}`."))


def _formula(formula: Formula) -> str:
    return formula.text.replace("`", "'")


def _links(subject: Subject, kpi: Kpi) -> tuple[Link, ...]:
    alerts = dict.fromkeys(alert_name(kpi, each) for each in kpi.thresholds)
    return (*(subject.runbook(alert) for alert in alerts), subject.dashboard("Model quality", "quality"))
