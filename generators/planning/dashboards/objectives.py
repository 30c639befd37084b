"""SLO burn-down: what was promised, how much of the budget is left, how fast it goes, and when it will be gone."""

from __future__ import annotations

from collections.abc import Iterator

from generators.formats.durations import format_duration
from generators.language.catalog import Slo
from generators.planning.dashboards.budgets import (
    BUDGET,
    alerting,
    burn_thresholds,
    exhaustion_thresholds,
    side_by_side,
)
from generators.planning.dashboards.page import DAY_MS, HOUR_MS, page
from generators.planning.dashboards.panels import (
    HALF,
    Dashboard,
    Kind,
    Legend,
    Link,
    Panel,
    Query,
    Row,
    Size,
    Style,
    Thresholds,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import binary, call, number, positive, steps, without
from generators.planning.objectives.objective import alerts, ratio_record
from generators.planning.plan import Objective
from generators.promql.syntax.ast import Expr

BURN_WINDOWS = (HOUR_MS, 6 * HOUR_MS, DAY_MS)


def dashboard(subject: Subject) -> Dashboard | None:
    """Return the burn-down of a model's objectives, one row each."""
    found = [(objective, _slo(subject, objective)) for objective in subject.objectives]
    rows = [
        Row(
            title=f"{slo.name}: {objective.objective} over {objective.window}",
            panels=tuple(_panels(subject, objective, slo)),
            folded=index > 0,
        )
        for index, (objective, slo) in enumerate(found)
    ]
    if len(found) > 1:
        rows.insert(0, Row(panels=tuple(side_by_side(subject))))
    longest = max((slo.window_ms for _, slo in found), default=DAY_MS)
    return page(
        subject,
        "slo",
        "Will the error budget last? One row an objective: the promise, what is left of it, and how fast it burns.",
        rows,
        range_ms=min(longest, 30 * DAY_MS),
        refresh_ms=5 * 60_000,
    )


def _slo(subject: Subject, objective: Objective) -> Slo:
    return next(each for each in subject.deployment.slos if each.name == objective.slo)


def _panels(subject: Subject, objective: Objective, slo: Slo) -> Iterator[Panel]:
    runbook = subject.runbook(slo.alert) if alerts(slo) else subject.runbooks()
    links = (runbook, subject.dashboard("System health"))
    yield from _tiles(subject, objective, slo, links)
    yield _burn_down(subject, objective, links)
    yield _burn_rates(subject, objective, slo, links)
    yield _indicator(subject, objective, slo, links)


def _tiles(subject: Subject, objective: Objective, slo: Slo, links: tuple[Link, ...]) -> Iterator[Panel]:
    left = subject.slo("slo:period_error_budget_remaining:ratio", objective)
    burn = subject.slo("slo:current_burn_rate:ratio", objective)
    rows: tuple[tuple[str, str, str, Expr, Thresholds, str], ...] = (
        (
            "Objective",
            f"Share of good events that is promised over {objective.window}. {slo.description}",
            "1",
            subject.slo("slo:objective:ratio", objective),
            Thresholds(),
            "",
        ),
        (
            "Budget left",
            f"Share of the error budget of {objective.window} that is left. Below zero the promise is broken.",
            "1",
            left,
            BUDGET,
            "no events",
        ),
        (
            "Burn rate",
            "How many times faster than allowed the budget burns now. At 1 it lasts exactly to the end.",
            "{x}",
            burn,
            burn_thresholds(slo),
            "no events",
        ),
        (
            "Gone in",
            "When the budget will be gone if the last hour goes on. Nothing is shown while it lasts for the period.",
            "s",
            _exhaustion(subject, objective, slo),
            exhaustion_thresholds(slo),
            "lasts",
        ),
    )
    for title, words, unit, expr, limits, no_data in rows:
        yield Panel(
            kind=Kind.STAT,
            title=title,
            description=words,
            unit=unit,
            queries=(Query(expr, Legend(title)),),
            thresholds=limits,
            links=links,
            size=Size(6, 5),
            no_data=no_data or "no data",
        )


def _exhaustion(subject: Subject, objective: Objective, slo: Slo) -> Expr:
    """Seconds until the budget is gone at the pace of the last hour, where that is within the period."""
    left = call("clamp_min", subject.slo("slo:period_error_budget_remaining:ratio", objective), number(0))
    pace = binary("/", _ratio(subject, objective, HOUR_MS), subject.slo("slo:error_budget:ratio", objective))
    seconds = binary("*", left, number(slo.window_ms / 1000))
    return binary("<", binary("/", seconds, positive(pace)), number(slo.window_ms / 1000))


def _burn_down(subject: Subject, objective: Objective, links: tuple[Link, ...]) -> Panel:
    left = subject.slo("slo:period_error_budget_remaining:ratio", objective)
    return Panel(
        kind=Kind.TIMESERIES,
        title="Budget burn-down",
        description=(
            f"Share of the error budget of the last {objective.window} that is left. A step is an incident, a slope is "
            "a defect.\n\nFirst step: put the steps beside the deployments and alerts that are marked."
        ),
        unit="1",
        queries=(Query(left, Legend("Budget left")),),
        thresholds=BUDGET,
        links=links,
        size=HALF,
        maximum=1,
    )


def _burn_rates(subject: Subject, objective: Objective, slo: Slo, links: tuple[Link, ...]) -> Panel:
    budget = subject.slo("slo:error_budget:ratio", objective)
    queries = tuple(
        Query(
            binary("/", _ratio(subject, objective, window), budget),
            Legend(f"over {format_duration(window)}"),
        )
        for window in BURN_WINDOWS
    )
    factors = ", ".join(
        f"{tier.name} from {float(tier.factor(slo.window_ms)):g} over {format_duration(tier.long_ms)}"
        for tier in alerting(slo)
    )
    return Panel(
        kind=Kind.TIMESERIES,
        title="Burn rates",
        description=(
            "How many times faster than allowed the budget burns, over three windows. An alert needs both windows of a "
            f"tier: {factors}."
            if factors
            else "How many times faster than allowed the budget burns, over three windows. No tier alerts on it."
        ),
        unit="{x}",
        queries=queries,
        thresholds=burn_thresholds(slo),
        links=links,
        size=HALF,
        minimum=0,
    )


def _indicator(subject: Subject, objective: Objective, slo: Slo, links: tuple[Link, ...]) -> Panel:
    bad = call("avg_over_time", steps(_ratio(subject, objective, 5 * 60_000), HOUR_MS, 5 * 60_000))
    return Panel(
        kind=Kind.TIMESERIES,
        title="Good events",
        description=f"Share of events that were good, beside what is promised. {slo.description}",
        unit="1",
        queries=(
            Query(binary("-", number(1), bad), Legend("over an hour")),
            Query(subject.slo("slo:objective:ratio", objective), Legend("promised"), style=Style.LIMIT),
        ),
        links=links,
        size=HALF,
        maximum=1,
    )


def _ratio(subject: Subject, objective: Objective, window_ms: int) -> Expr:
    """The recorded error ratio over a window, without the label that names the window."""
    return without("max", subject.slo(ratio_record(window_ms), objective), "sloth_window")
