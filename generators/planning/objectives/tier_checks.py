"""Burn-rate tiers that an objective cannot have: those that never fire, and those that are slower than its budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.diagnostics import Code, Problem, Severity, did_you_mean
from generators.formats.durations import format_duration
from generators.language.catalog import Slo
from generators.planning.alerts.texts import shown
from generators.planning.objectives.objective import alerting_tiers
from generators.planning.objectives.tiers import Tier, tiers
from otel.units import plain_number

SILENT_TIER = Code(
    "A506",
    "Tier that never fires",
    "The tier's factor times the error budget is more than all events.",
    "objective: 85%",
    "{objective: 85%, tiers: [slow, trickle]}",
)
SLOW_TIER = Code(
    "A511",
    "Tier slower than the budget",
    "The tier would alert although the budget outlasts the window.",
    "{window: 1d, tiers: [trickle]}",
    "{window: 30d, tiers: [trickle]}",
)
TIER_LEFT_OUT = Code(
    "A513",
    "Tier left out",
    "The budget of a short window outlasts it at the pace of slow tiers, so that the objective does not have them.",
    "window: 7d",
    "{window: 7d, tiers: [fast, medium]}",
    Severity.WARNING,
)
UNKNOWN_BURN_RATE_TIER = Code(
    "R321",
    "Unknown burn-rate tier",
    "Tiers are those of the window catalogue.",
    "tiers: [quick]",
    "tiers: [fast]",
)


def tier_problems(slo: Slo) -> Iterator[Problem]:
    """Yield what is wrong with the tiers of an objective; what nobody named is left out, and told."""
    known = [tier.name for tier in tiers()]
    for name, place in zip(slo.tiers or (), slo.tier_positions, strict=True):
        if name not in known:
            help_ = did_you_mean(name, known) or f"tiers: {', '.join(known)}"
            yield Problem(UNKNOWN_BURN_RATE_TIER, f"there is no burn-rate tier `{name}`", place, help_)
    slow = [tier for tier in tiers() if tier.factor(slo.window_ms) < 1]
    able = [tier for tier in tiers() if tier not in slow and not _is_silent(tier, slo)]
    keep = f"keep the tiers that can fire: `tiers: [{', '.join(each.name for each in able)}]`" if able else ""
    silent = [tier for tier in alerting_tiers(slo) if _is_silent(tier, slo)]
    if silent:
        factor = plain_number(min(tier.factor(slo.window_ms) for tier in silent))
        message = f"{_named(silent)} of `{slo.name}` can never fire: {factor} times the error budget of"
        message = f"{message} {shown(1 - slo.objective, '1')} is more than all events"
        yield Problem(SILENT_TIER, message, slo.objective_position, keep or "raise the objective")
    if slow and slo.tiers is None and not silent:
        message = f"`{slo.name}` has no {_named(slow)}, at whose pace the budget outlasts its window"
        yield Problem(
            TIER_LEFT_OUT,
            message,
            slo.window_position,
            keep or "write a longer window, or `tiers: []` if it is only shown",
        )
    places = dict(zip(slo.tiers or (), slo.tier_positions, strict=True))
    for tier in slow:
        if tier.name in places:
            message = f"tier `{tier.name}` of `{slo.name}` fires while the budget still outlasts the window"
            help_ = f"its long window is {format_duration(tier.long_ms)}; leave the tier out"
            yield Problem(SLOW_TIER, message, places[tier.name], help_)


def _is_silent(tier: Tier, slo: Slo) -> bool:
    return tier.factor(slo.window_ms) * (1 - slo.objective) >= 1


def _named(found: Sequence[Tier]) -> str:
    *names, last = (f"`{each.name}`" for each in found)
    return f"tiers {', '.join(names)} and {last}" if names else f"tier {last}"
