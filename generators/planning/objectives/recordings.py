"""Recordings of an objective: its base, the error ratio over every window, and what is promised.

Unlike an average of ratios, every window above five minutes divides averaged bad events by averaged events, so that a
quiet hour weighs less than a busy one, and an idle one neither helps nor harms.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from generators.formats.durations import format_duration
from generators.planning.expressions import MINUTE_MS, binary, call, number, over, positive, selector, steps, without
from generators.planning.names import pairs
from generators.planning.objectives.events import base_events
from generators.planning.objectives.objective import BAD, BASE_MS, TOTAL, PlannedObjective, ratio_record, windows
from generators.planning.plan import Recording
from generators.promql.syntax.ast import Expr, VectorSelector

DAY_MS: Final = 1440 * MINUTE_MS


def recordings(planned: PlannedObjective) -> tuple[Recording, ...]:
    """Return the recordings of an objective, inputs before what reads them."""
    bad, events = base_events(planned)
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


def _ratio(planned: PlannedObjective, window_ms: int) -> Expr:
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


def _metadata(planned: PlannedObjective) -> Iterator[Recording]:
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


def _recording(
    planned: PlannedObjective, record: str, expr: Expr, unit: str, description: str, **labels: str
) -> Recording:
    merged = {**planned.labels, **labels}
    return Recording(record, expr, pairs(merged), unit, description, (planned.slo.objective_position,))


def _constant(value: Decimal) -> Expr:
    return call("vector", number(value))
