"""LLM cost: today against yesterday, where it goes, what a request costs, and what the month will."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generators.planning.dashboards.measures import bars, describe, graph, graphs, onward, tile
from generators.planning.dashboards.page import DAY_MS, page
from generators.planning.dashboards.panels import HALF, LARGE, Dashboard, Kind, Legend, Panel, Query, Row, Style
from generators.planning.dashboards.subject import Subject
from generators.promql.syntax.ast import Duration

TOP = {
    "cost_1d": "Last 24 hours",
    "cost_1h": "Last hour",
    "cost_month_forecast": "Thirty days at this pace",
    "cost_hour_ratio": "Hour against the day's mean",
}
SPLITS = ("cost_by_tier", "cost_by_user_tier")
DEAREST = ("cost_by_endpoint",)
EACH = (
    "cost_per_request",
    "request_cost_p95",
    "cost_per_1000_requests",
    "cost_per_request_growth",
    "cost_per_user",
    "cost_per_run",
)
SAVED = ("cache_savings_1d",)


def dashboard(subject: Subject) -> Dashboard | None:
    """Return what an application of language models costs, or None where it has no prices."""
    if not subject.has("cost_1h"):
        return None
    top = tuple(tile(subject, name, title, LARGE) for name, title in TOP.items() if subject.has(name))
    return page(
        subject,
        "llm-cost",
        "What does it cost, where does the money go, and will the month stay within what was agreed?",
        (
            Row(panels=top),
            Row(title="Over time", panels=tuple(_over_time(subject))),
            Row(title="Where it goes", panels=tuple(_splits(subject))),
            Row(title="For each request and user", panels=tuple(graphs(subject, EACH))),
            Row(title="Saved", panels=tuple(graphs(subject, SAVED, HALF))),
        ),
        range_ms=7 * DAY_MS,
        refresh_ms=5 * 60_000,
    )


def _over_time(subject: Subject) -> Iterator[Panel]:
    now = subject.recorded("cost_1h")
    before = replace(now, offset=Duration(DAY_MS))
    yield Panel(
        kind=Kind.TIMESERIES,
        title="Money per hour, today against yesterday",
        description=f"Money of the last hour, and the same a day before. {describe(subject, ('cost_1h',))}",
        unit=subject.measure("cost_1h").unit,
        queries=(Query(now, Legend("today")), Query(before, Legend("yesterday"), style=Style.LIMIT)),
        links=onward(subject, ("cost_hour_ratio",) if subject.has("cost_hour_ratio") else ()),
        minimum=0,
    )
    if subject.has("cost_month_forecast"):
        yield graph(subject, ("cost_month_forecast",), "Thirty days at this pace")


def _splits(subject: Subject) -> Iterator[Panel]:
    for name in subject.of(SPLITS):
        yield graph(subject, (name,), style=Style.STACKED)
    for name in subject.of(DEAREST):
        yield bars(subject, name, "Dearest endpoints", HALF)
