"""Alerts of an objective: one a burn-rate tier, and one for a total outage."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from generators.formats.durations import format_duration
from generators.language.catalog import Limit
from generators.planning.alerts.conditions import SLOTH_SEVERITY, Condition
from generators.planning.alerts.texts import shown
from generators.planning.expressions import MINUTE_MS, binary, increase, number, positive, rate, without
from generators.planning.names import sloth_id, sloth_service
from generators.planning.objectives.events import sums
from generators.planning.objectives.objective import PlannedObjective
from generators.planning.objectives.tiers import tiers
from generators.promql.syntax.ast import Expr, VectorSelector
from otel.units import plain_number


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
            for_ms=0,
            keep_firing_for_ms=2 * planned.interval_ms,
            symptom=slo.symptom,
            summary=f"{{model}} in {{environment}}: {slo.name} {_pace(factor)}",
            description=(
                f"{{value}} of events were bad over {long}, and it goes on over {short}; "
                f"{shown(bound, '1')} is the limit of this tier. {slo.description}"
            ).rstrip(),
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
        description=(
            f"More than {{threshold}} of the requests of {{service}} failed over the last {window}. {slo.description}"
        ).rstrip(),
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


def _pace(factor: Decimal) -> str:
    """Say how fast the budget goes, for a summary."""
    if factor <= 1:
        return "will use up its error budget"
    return f"burns its error budget {plain_number(factor.quantize(Decimal('0.1')))} times too fast"


def _above(series: VectorSelector, bound: Decimal) -> Expr:
    """The series where it is above a bound, without its window, so that the alert keeps one identity."""
    return without("max", binary(">", series, number(bound)), "sloth_window")
