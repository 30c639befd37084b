"""Error budgets: their thresholds, which are those of the burn-rate tiers, and panels that compare them."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog import Level, Slo
from generators.planning.dashboards.panels import (
    TILE,
    Kind,
    Legend,
    Panel,
    Query,
    Size,
    Status,
    Thresholds,
    chosen,
)
from generators.planning.dashboards.subject import Subject, thresholds
from generators.planning.expressions import equal, selector
from generators.planning.names import ENVIRONMENT, sloth_service
from generators.planning.objectives.tiers import Tier, tiers
from generators.promql.syntax.ast import Aggregate

LAST_SHARE = float(max(tier.share for tier in tiers()))
"""What one more incident may cost before the slowest tier alerts."""

BUDGET = Thresholds(Status.CRITICAL, ((0.0, Status.WARNING), (LAST_SHARE, Status.OK)))
"""A budget below zero is overspent; with less than one more incident left, releases should wait."""


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


def side_by_side(subject: Subject) -> Iterator[Panel]:
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


def alerting(slo: Slo) -> tuple[Tier, ...]:
    """Return the tiers that alert on an objective."""
    able = tuple(tier for tier in tiers() if tier.factor(slo.window_ms) >= 1)
    return able if slo.tiers is None else tuple(tier for tier in able if tier.name in slo.tiers)


def exhaustion_thresholds(slo: Slo) -> Thresholds:
    """How long a full budget lasts at the pace of each tier that alerts."""
    lower: dict[float, Level] = {}
    for tier in sorted(alerting(slo), key=lambda each: each.factor(slo.window_ms)):
        lower[slo.window_ms / 1000 / float(tier.factor(slo.window_ms))] = tier.level
    return thresholds(lower, {})


def burn_thresholds(slo: Slo) -> Thresholds:
    """The factors of the tiers that alert; without any, 1 is the limit at which the budget does not last."""
    found = {float(tier.factor(slo.window_ms)): tier.level for tier in alerting(slo)}
    return thresholds({}, found or {1.0: Level.WARNING})
