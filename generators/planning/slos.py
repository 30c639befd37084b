"""Objectives: error ratios over windows, budgets, and one alert a burn-rate tier.

Names and labels are those that sloth's dashboards and user interface read (``slo:sli_error:ratio_rate5m``,
``sloth_id``, …).  Unlike an average of ratios, every window above five minutes divides averaged bad events by
averaged events, so that a quiet hour weighs less than a busy one, and an idle one neither helps nor harms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from generators.language.catalog import Deployment, EventRatio, Formula, Latency, Limit, Slo
from generators.language.resolve.items import converted
from generators.planning.alerts import SLOTH_SEVERITY, Condition
from generators.planning.build import (
    MINUTE_MS,
    binary,
    call,
    equal,
    increase,
    number,
    or_zero,
    over,
    positive,
    rate,
    selector,
    steps,
    total,
    without,
)
from generators.planning.fill import Filling
from generators.planning.instruments import latency_bound
from generators.planning.names import ENVIRONMENT, camel_case, sloth_id, sloth_service
from generators.planning.plan import Objective, Recording
from generators.planning.texts import shown
from generators.planning.windows import Tier, tiers
from generators.promql.ast import Call, Expr, Matcher, VectorSelector
from generators.promql.durations import format_duration
from otel.names import edge_text
from otel.units import plain_number

BASE_MS: Final = 5 * MINUTE_MS
MONTH_PANEL_MS: Final = 60 * MINUTE_MS
"""The window that monthly error-budget panels read, whatever the tiers."""

DAY_MS: Final = 1440 * MINUTE_MS
TOTAL: Final = "slo:sli_total:rate5m"
BAD: Final = "slo:sli_bad:rate5m"
Of: TypeAlias = Callable[[VectorSelector, int], Call]
"""``rate`` or ``increase`` of a counter over a window."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An objective with what its rules need: ids, identity labels and the series that it reads."""

    slo: Slo
    deployment: Deployment
    filling: Filling
    interval_ms: int

    @property
    def labels(self) -> dict[str, str]:
        """Labels of every recording."""
        ids = {
            "sloth_id": sloth_id(self.deployment, self.slo),
            "sloth_service": sloth_service(self.deployment),
            "sloth_slo": self.slo.name,
        }
        return {**ids, **{matcher.label: matcher.value for matcher in self.filling.matchers}}

    @property
    def id_matchers(self) -> tuple[Matcher, ...]:
        """Matchers that select this objective's own recordings, also where environments share a server."""
        labels = self.labels
        return tuple(equal(name, labels[name]) for name in ("sloth_id", ENVIRONMENT))

    @property
    def budget(self) -> Decimal:
        """Share of events that may be bad."""
        return 1 - self.slo.objective

    @property
    def alerting_tiers(self) -> tuple[Tier, ...]:
        """The tiers that alert, fastest first."""
        chosen = self.slo.tiers
        if chosen is None:
            return tuple(tier for tier in tiers() if tier.factor(self.slo.window_ms) >= 1)
        return tuple(tier for tier in tiers() if tier.name in chosen)

    def ratio(self, window_ms: int) -> VectorSelector:
        """The recorded error ratio over a window."""
        return selector(ratio_record(window_ms), self.id_matchers)


def ratio_record(window_ms: int) -> str:
    """Return the name of the error ratio over a window, the window in canonical form."""
    return f"slo:sli_error:ratio_rate{format_duration(window_ms)}"


def recordings(planned: Planned) -> tuple[Recording, ...]:
    """Return the recordings of an objective, inputs before what reads them."""
    bad, events = _base(planned)
    found = [
        _recording(planned, TOTAL, events, "{event}/s", "Events per second, the base of all windows."),
        _recording(planned, BAD, bad, "{event}/s", "Bad events per second, the base of all windows."),
    ]
    for window in windows(planned.slo):
        name = format_duration(window)
        found.append(
            _recording(
                planned,
                ratio_record(window),
                _ratio(planned, window),
                "1",
                f"Share of bad events over {name}.",
                sloth_window=name,
            )
        )
    return (*found, *_metadata(planned))


def windows(slo: Slo) -> tuple[int, ...]:
    """Return the windows that are recorded, ascending: those of all tiers, the month panel's, and the period."""
    catalogue = {window for tier in tiers() for window in (tier.short_ms, tier.long_ms)}
    return tuple(sorted({BASE_MS, MONTH_PANEL_MS, slo.window_ms, *catalogue}))


def burn_conditions(planned: Planned) -> Iterator[Condition]:
    """Yield the alert of each tier: the budget burns too fast in the long window, and still does in the short."""
    slo = planned.slo
    for tier in planned.alerting_tiers:
        factor = tier.factor(slo.window_ms)
        bound = factor * planned.budget
        long, short = format_duration(tier.long_ms), format_duration(tier.short_ms)
        yield Condition(
            alert=alert_name(slo),
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
        )


def outage_condition(planned: Planned, promise_ms: int, for_ms: int) -> Condition | None:
    """Return the alert of a total outage, straight from the raw series; None where the objective has none."""
    slo, outage = planned.slo, planned.slo.outage
    if outage is None or isinstance(slo.indicator, Limit):
        return None
    bad, events = _sums(planned, outage.window_ms, rate)
    if bad is None:
        return None
    count, _ = _sums(planned, outage.window_ms, increase)
    share = binary(">", binary("/", bad, positive(events)), number(outage.ratio))
    window = format_duration(outage.window_ms)
    return Condition(
        alert=alert_name(slo),
        expr=binary("and", share, binary(">=", count or bad, number(Decimal(outage.min_events)))),
        level=tiers()[0].level,
        for_ms=for_ms,
        keep_firing_for_ms=60_000,
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
            "urgent": "true",
            "sloth_id": sloth_id(planned.deployment, slo),
            "sloth_service": sloth_service(planned.deployment),
            "sloth_slo": slo.name,
            "sloth_severity": SLOTH_SEVERITY[tiers()[0].level],
        },
        promise_ms=promise_ms,
        runbook=slo.runbook,
        provenance=(outage.position,),
    )


def alert_name(slo: Slo) -> str:
    """Return the name of an objective's alerts."""
    return f"{camel_case(slo.name)}Burn"


def objective(planned: Planned) -> Objective:
    """Return what pages and dashboards say about an objective."""
    slo = planned.slo
    kind = {EventRatio: "events", Latency: "latency", Limit: "time"}[type(slo.indicator)]
    return Objective(
        slo=slo.name,
        sloth_id=sloth_id(planned.deployment, slo),
        sloth_service=sloth_service(planned.deployment),
        objective=shown(slo.objective, "1"),
        window=format_duration(slo.window_ms),
        description=slo.description,
        symptom=slo.symptom,
        kind=kind,
        provenance=(slo.objective_position,),
    )


def _pace(factor: Decimal) -> str:
    """Say how fast the budget goes, for a summary."""
    if factor <= 1:
        return "will use up its error budget"
    return f"burns its error budget {plain_number(factor.quantize(Decimal('0.1')))} times too fast"


def _above(series: VectorSelector, bound: Decimal) -> Expr:
    """The series where it is above a bound, without its window, so that the alert keeps one identity."""
    return without("max", binary(">", series, number(bound)), "sloth_window")


def _base(planned: Planned) -> tuple[Expr, Expr]:
    """Bad events and events per second, over five minutes; bad is zero, not empty, while there are events."""
    if isinstance(planned.slo.indicator, Limit):
        return _slices(planned, planned.slo.indicator)
    bad, events = _sums(planned, BASE_MS, rate)
    recorded = total(selector(TOTAL, planned.id_matchers))
    return or_zero(bad if bad is not None else recorded, recorded), events


def _sums(planned: Planned, window_ms: int, of: Of) -> tuple[Expr | None, Expr]:
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


def _slices(planned: Planned, limit: Limit) -> tuple[Expr, Expr]:
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


def _ratio(planned: Planned, window_ms: int) -> Expr:
    """Bad events over events in a window; nothing while there were no events."""
    bad, events = selector(BAD, planned.id_matchers), selector(TOTAL, planned.id_matchers)
    if window_ms == BASE_MS:
        return binary("/", bad, positive(events))
    return binary("/", _averaged(bad, window_ms), positive(_averaged(events, window_ms)))


def _averaged(series: VectorSelector, window_ms: int) -> Expr:
    """The mean over a window; from a day on, of one sample in five minutes: each covers its five minutes whole."""
    if window_ms < DAY_MS:
        return call("avg_over_time", over(series, window_ms))
    return call("avg_over_time", steps(series, window_ms, BASE_MS))


def _metadata(planned: Planned) -> Iterator[Recording]:
    slo = planned.slo
    budget = selector("slo:error_budget:ratio", planned.id_matchers)
    days = Decimal(slo.window_ms) / DAY_MS
    rows: tuple[tuple[str, Expr, str, str], ...] = (
        ("slo:objective:ratio", _constant(slo.objective), "1", "Share of good events that is promised."),
        ("slo:error_budget:ratio", _constant(planned.budget), "1", "Share of events that may be bad."),
        ("slo:time_period:days", _constant(days), "d", "Length of the compliance period."),
        (
            "slo:current_burn_rate:ratio",
            binary("/", without("max", planned.ratio(BASE_MS), "sloth_window"), budget),
            "1",
            "How fast the budget burns now; 1 uses it up exactly.",
        ),
        (
            "slo:period_burn_rate:ratio",
            binary("/", without("max", planned.ratio(slo.window_ms), "sloth_window"), budget),
            "1",
            "Share of the period's budget that is gone.",
        ),
        (
            "slo:period_error_budget_remaining:ratio",
            binary("-", number(1), selector("slo:period_burn_rate:ratio", planned.id_matchers)),
            "1",
            "Share of the period's budget that is left.",
        ),
    )
    for record, expr, unit, description in rows:
        yield _recording(planned, record, expr, unit, description)
    yield _recording(
        planned,
        "sloth_slo_info",
        _constant(Decimal(1)),
        "",
        "What the objective is; joined by dashboards.",
        sloth_mode="cli-gen-prom",
        sloth_objective=f"{(slo.objective * 100).normalize():f}",
        sloth_spec="prometheus/v1",
        sloth_version="watchspec",
    )


def _recording(planned: Planned, record: str, expr: Expr, unit: str, description: str, **labels: str) -> Recording:
    merged = {**planned.labels, **labels}
    return Recording(record, expr, tuple(sorted(merged.items())), unit, description, (planned.slo.objective_position,))


def _constant(value: Decimal) -> Expr:
    return call("vector", number(value))


def _series(planned: Planned, hole: str, *matchers: Matcher) -> VectorSelector:
    return selector(planned.filling.series[hole], (*planned.filling.matchers, *matchers))


def _selected(planned: Planned, formula: Formula) -> VectorSelector:
    filled = planned.filling.single(formula)
    if not isinstance(filled, VectorSelector):
        raise TypeError("events of an objective are selectors; the resolver checks it")
    return filled
