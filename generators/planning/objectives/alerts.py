"""Alerts of an objective: one a burn-rate tier, and one for a total outage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from generators.formats.durations import format_duration
from generators.language.catalog import EventRatio, Latency, Limit, Slo
from generators.planning.alerts.conditions import SLOTH_SEVERITY, Condition
from generators.planning.alerts.references import unlinked
from generators.planning.alerts.texts import shown
from generators.planning.expressions import MINUTE_MS, binary, increase, number, positive, rate, without
from generators.planning.links import OBJECTIVES
from generators.planning.names import sloth_id, sloth_service
from generators.planning.objectives.events import sums
from generators.planning.objectives.objective import PlannedObjective, promised
from generators.planning.objectives.tiers import Tier, tiers
from generators.promql.syntax.ast import Expr, VectorSelector


def burn_conditions(planned: PlannedObjective) -> Iterator[Condition]:
    """Yield the alert of each tier: the budget burns too fast in the long window, and still does in the short."""
    slo = planned.slo
    for tier in planned.alerting_tiers:
        factor = tier.factor(slo.window_ms)
        bound = factor * planned.budget
        long, short = format_duration(tier.long_ms), format_duration(tier.short_ms)
        yield Condition(
            alert=slo.alert,
            expr=binary(
                "and",
                _above(planned.ratio(tier.long_ms), bound),
                _above(planned.ratio(tier.short_ms), bound),
            ),
            level=tier.level,
            for_ms=planned.interval_ms,
            keep_firing_for_ms=2 * planned.interval_ms,
            symptom=slo.symptom,
            summary=f"{_wrong(slo, long)}, above {{threshold}}",
            description=_explained(slo, tier, long, short),
            unit="1",
            threshold=shown(bound, "1"),
            labels={
                "slo": slo.name,
                "tier": tier.name,
                "long": long,
                "short": short,
                "sloth_severity": SLOTH_SEVERITY[tier.level],
            },
            runbook=slo.runbook,
            provenance=(slo.objective_position,),
            instance=("slo",),
            hidden_by=tuple(cause.alert for cause in slo.hidden_by),
            topic=OBJECTIVES,
        )


def outage_condition(planned: PlannedObjective, promise_ms: int, for_ms: int) -> Condition | None:
    """Return the alert of a total outage, straight from the raw series; None where the objective has none."""
    slo, outage = planned.slo, planned.slo.outage
    if outage is None or isinstance(slo.indicator, Limit):
        return None
    bad, events = sums(planned, outage.window_ms, rate)
    if bad is None:
        return None
    count, _ = sums(planned, outage.window_ms, increase)
    share = binary(">", binary("/", bad, positive(events)), number(outage.ratio))
    window = format_duration(outage.window_ms)
    return Condition(
        alert=slo.alert,
        expr=binary("and", share, binary(">=", count or bad, number(Decimal(outage.min_events)))),
        level=tiers()[0].level,
        for_ms=for_ms,
        keep_firing_for_ms=MINUTE_MS,
        symptom=slo.symptom,
        summary="{model} of {tenant} is down in {environment}: {value} of requests fail",
        description=" ".join(
            filter(
                None,
                (
                    "{value} of the requests to {model} ({tenant}, {environment}) failed over the last "
                    f"{window}, above {{threshold}}.",
                    slo.runbook.impact,
                    _first_step(slo),
                ),
            )
        ),
        unit="1",
        threshold=shown(outage.ratio, "1"),
        labels={
            "slo": slo.name,
            "tier": "outage",
            "long": window,
            "short": window,
            "sloth_id": sloth_id(planned.deployment, slo),
            "sloth_service": sloth_service(planned.deployment),
            "sloth_slo": slo.name,
            "sloth_severity": SLOTH_SEVERITY[tiers()[0].level],
        },
        promise_ms=promise_ms,
        runbook=slo.runbook,
        provenance=(outage.position,),
        instance=("slo",),
        hidden_by=tuple(cause.alert for cause in slo.hidden_by),
    )


def _wrong(slo: Slo, long: str) -> str:
    """Say what is wrong and how much of it was measured."""
    match slo.indicator:
        case Latency(below=below):
            bound = shown(below.amount, str(below.unit))
            return f"{{value}} of what {{model}} answers took longer than {bound} over {long}"
        case Limit():
            return f"{{model}} was outside the limit of objective `{slo.name}` for {{value}} of {long}"
        case EventRatio():
            return f"{{value}} of what objective `{slo.name}` of {{model}} counts went wrong over {long}"


def _explained(slo: Slo, tier: Tier, long: str, short: str) -> str:
    """Say how much against which limit, since when and how fast, what was promised, who is hit, what to do first."""
    gone = format_duration(round(slo.window_ms / tier.factor(slo.window_ms) / MINUTE_MS) * MINUTE_MS)
    sentences = (
        f"{_wrong(slo, long)} ({{tenant}}, {{environment}}), above {{threshold}}, and it goes on over {short}.",
        f"At {{threshold}} the error budget of {format_duration(slo.window_ms)} lasts {gone}.",
        f"The objective is {shown(slo.objective, '1')}: {promised(slo)}" if slo.description else "",
        slo.runbook.impact,
        _first_step(slo),
    )
    return " ".join(filter(None, sentences))


def _first_step(slo: Slo) -> str:
    first = next(iter(slo.runbook.steps), "")
    return f"First step: {unlinked(first)}" if first else ""


def _above(series: VectorSelector, bound: Decimal) -> Expr:
    """The series where it is above a bound, without its window, so that the alert keeps one identity."""
    return without("max", binary(">", series, number(bound)), "sloth_window")
