"""SLO burn-down: what was promised, how much of the budget is left, how fast it goes, and when it will be gone."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog import Level, Slo
from generators.planning.build import binary, call, equal, number, positive, selector, steps, without
from generators.planning.dashboards.page import DAY_MS, HOUR_MS, page
from generators.planning.dashboards.subject import Subject, thresholds
from generators.planning.names import ENVIRONMENT, sloth_service
from generators.planning.panels import (
    HALF,
    TILE,
    Dashboard,
    Kind,
    Legend,
    Link,
    Panel,
    Query,
    Row,
    Size,
    Status,
    Style,
    Thresholds,
    chosen,
)
from generators.planning.plan import Objective
from generators.planning.slos import alert_name, ratio_record
from generators.planning.windows import Tier, tiers
from generators.promql.ast import Aggregate, Expr
from generators.promql.durations import format_duration

LAST_SHARE = float(max(tier.share for tier in tiers()))
"""What one more incident may cost before the slowest tier alerts."""

BUDGET = Thresholds(Status.CRITICAL, ((0.0, Status.WARNING), (LAST_SHARE, Status.OK)))
"""A budget below zero is overspent; with less than one more incident left, releases should wait."""

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
        rows.insert(0, Row(panels=tuple(_all(subject))))
    longest = max((slo.window_ms for _, slo in found), default=DAY_MS)
    return page(
        subject,
        "slo",
        "Will the error budget last? One row an objective: the promise, what is left of it, and how fast it burns.",
        rows,
        range_ms=min(longest, 30 * DAY_MS),
        refresh_ms=5 * 60_000,
    )


def budget_tile(subject: Subject, size: Size = TILE) -> Panel:
    """Return the budget of the objective that has least of it left."""
    matchers = (equal("sloth_service", sloth_service(subject.deployment)), chosen(ENVIRONMENT, "environment"))
    left = Aggregate("min", selector("slo:period_error_budget_remaining:ratio", matchers))
    return Panel(
        kind=Kind.STAT,
        title="Error budget left",
        description=(
            "The smallest error budget of all objectives, as a share of the period's. Below zero a promise is broken; "
            "with less than a tenth left, releases should wait.\n\nFirst step: see in the burn-down which objective."
        ),
        unit="1",
        queries=(Query(left, Legend("Budget left")),),
        thresholds=BUDGET,
        links=(subject.dashboard("SLO burn-down", "slo"),),
        data_links=(subject.dashboard("SLO burn-down", "slo"),),
        size=size,
        no_data="no events",
    )


def _all(subject: Subject) -> Iterator[Panel]:
    """Yield the objectives of the model side by side."""
    matchers = (equal("sloth_service", sloth_service(subject.deployment)), chosen(ENVIRONMENT, "environment"))
    by_slo = Legend("", ("sloth_slo",))
    for kind, title, words, unit, record, limits in (
        (
            Kind.BAR_GAUGE,
            "Budgets left",
            "Share of each error budget that is left. Below zero a promise is broken.",
            "1",
            "slo:period_error_budget_remaining:ratio",
            BUDGET,
        ),
        (
            Kind.TIMESERIES,
            "Burn rates of all objectives",
            "How many times faster than allowed each budget burns. Above 1 it does not last for the period.",
            "{x}",
            "slo:current_burn_rate:ratio",
            thresholds({}, {1.0: Level.WARNING}),
        ),
    ):
        yield Panel(
            kind=kind,
            title=title,
            description=words,
            unit=unit,
            queries=(Query(selector(record, matchers), by_slo, instant=kind is Kind.BAR_GAUGE),),
            thresholds=limits,
            links=(subject.dashboard("System health"),),
            minimum=0,
            maximum=1 if kind is Kind.BAR_GAUGE else None,
            no_data="no events",
        )


def _slo(subject: Subject, objective: Objective) -> Slo:
    return next(each for each in subject.deployment.slos if each.name == objective.slo)


def _panels(subject: Subject, objective: Objective, slo: Slo) -> Iterator[Panel]:
    links = (subject.runbook(alert_name(slo)), subject.dashboard("System health"))
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
            _burn_thresholds(slo),
            "no events",
        ),
        (
            "Gone in",
            "When the budget will be gone if the last hour goes on. Nothing is shown while it lasts for the period.",
            "s",
            _exhaustion(subject, objective, slo),
            _exhaustion_thresholds(slo),
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
        for tier in _alerting(slo)
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
        thresholds=_burn_thresholds(slo),
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


def _alerting(slo: Slo) -> tuple[Tier, ...]:
    able = tuple(tier for tier in tiers() if tier.factor(slo.window_ms) >= 1)
    return able if slo.tiers is None else tuple(tier for tier in able if tier.name in slo.tiers)


def _exhaustion_thresholds(slo: Slo) -> Thresholds:
    """How long a full budget lasts at the pace of each tier that alerts."""
    lower: dict[float, Level] = {}
    for tier in sorted(_alerting(slo), key=lambda each: each.factor(slo.window_ms)):
        lower[slo.window_ms / 1000 / float(tier.factor(slo.window_ms))] = tier.level
    return thresholds(lower, {})


def _burn_thresholds(slo: Slo) -> Thresholds:
    """The factors of the tiers that alert; without any, 1 is the limit at which the budget does not last."""
    found = {float(tier.factor(slo.window_ms)): tier.level for tier in _alerting(slo)}
    return thresholds({}, found or {1.0: Level.WARNING})
