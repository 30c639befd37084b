"""What an objective counts: bad events and events, as PromQL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from generators.language.catalog import EventRatio, Formula, Latency, Limit
from generators.language.resolve.items import converted
from generators.planning.expressions import binary, call, equal, number, or_zero, over, rate, selector, steps, total
from generators.planning.objectives.objective import BASE_MS, TOTAL, PlannedObjective
from generators.planning.telemetry.instruments import latency_bound
from generators.promql.syntax.ast import Call, Expr, Matcher, VectorSelector
from otel.names import edge_text

Of: TypeAlias = Callable[[VectorSelector, int], Call]
"""``rate`` or ``increase`` of a counter over a window."""


def base_events(planned: PlannedObjective) -> tuple[Expr, Expr]:
    """Bad events and events per second, over five minutes; bad is zero, not empty, while there are events."""
    if isinstance(planned.slo.indicator, Limit):
        return _slices(planned, planned.slo.indicator)
    bad, events = sums(planned, BASE_MS, rate)
    recorded = total(selector(TOTAL, planned.id_matchers))
    return or_zero(bad if bad is not None else recorded, recorded), events


def sums(planned: PlannedObjective, window_ms: int, of: Of) -> tuple[Expr | None, Expr]:
    """Sums over replicas of bad events and of events."""
    match planned.slo.indicator:
        case Latency(metric=metric) as latency:
            count = _series(planned, f"{metric}_count")
            bound = latency_bound(latency, planned.deployment.metrics[metric].unit)
            edge = edge_text(float(bound or 0), scraped=False)
            good = total(of(_series(planned, f"{metric}_bucket", equal("le", edge)), window_ms))
            events = total(of(count, window_ms))
            return call("clamp_min", binary("-", events, good), number(0)), events
        case EventRatio(bad=bad, good=good, total=all_):
            events = total(of(_selected(planned, all_), window_ms))
            if bad is not None:
                return total(of(_selected(planned, bad), window_ms)), events
            fine = or_zero(total(of(_selected(planned, good), window_ms)), events) if good else events
            return call("clamp_min", binary("-", events, fine), number(0)), events
    return None, number(0)


def _slices(planned: PlannedObjective, limit: Limit) -> tuple[Expr, Expr]:
    """Evaluations per second at which the measure is beyond its limit, and at which it has a value at all.

    A slice slides: at each evaluation the mean of the last slice is compared.
    """
    measure = planned.deployment.measures[limit.measure]
    series = selector(measure.record, planned.filling.matchers)
    step = planned.interval_ms
    value: Expr = call("avg_over_time", over(series, limit.slice_ms)) if limit.slice_ms else series
    bound = _limit_amount(limit, measure.unit)
    beyond = binary(">" if limit.upper else "<", value, number(bound))
    seconds = number(Decimal(BASE_MS) / 1000)
    bad = binary("/", total(call("count_over_time", steps(beyond, BASE_MS, step))), seconds)
    events = binary("/", total(call("count_over_time", steps(value, BASE_MS, step))), seconds)
    return or_zero(bad, total(selector(TOTAL, planned.id_matchers))), events


def _limit_amount(limit: Limit, unit: str) -> Decimal:
    return converted(limit.limit, unit, limit.position, []) or limit.limit.amount


def _series(planned: PlannedObjective, hole: str, *matchers: Matcher) -> VectorSelector:
    return selector(planned.filling.series[hole], (*planned.filling.matchers, *matchers))


def _selected(planned: PlannedObjective, formula: Formula) -> VectorSelector:
    filled = planned.filling.single(formula)
    if not isinstance(filled, VectorSelector):
        raise TypeError("events of an objective are selectors; the resolver checks it")
    return filled
