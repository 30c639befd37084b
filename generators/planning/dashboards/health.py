"""System health: healthy or not in five seconds, then rate, errors, duration and saturation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.language.catalog import Latency
from generators.language.values.pages import PAGES, TOP
from generators.planning.dashboards import alerts
from generators.planning.dashboards.budgets import budget_tile
from generators.planning.dashboards.measures import describe, onward
from generators.planning.dashboards.page import about, page
from generators.planning.dashboards.panels import (
    HALF,
    LARGE,
    RATE_INTERVAL,
    THIRD,
    TILE,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Query,
    Row,
    Style,
)
from generators.planning.dashboards.placed import in_row
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import binary, call, equal, number, or_zero, positive, total
from generators.planning.names import VERSION
from generators.promql.syntax.ast import Aggregate, Expr, Matcher, MatchOp, MatrixSelector, VectorSelector

TOPIC: Final = "health"


def dashboard(subject: Subject) -> Dashboard | None:
    """Return the dashboard that alerts lead to."""
    return page(
        subject,
        "",
        PAGES[TOPIC].question,
        (
            Row(panels=tuple(_tiles(subject))),
            Row(panels=tuple(_details(subject))),
            Row(title="Rate and errors", panels=tuple(_errors(subject))),
            Row(title="Duration", panels=tuple(_duration(subject))),
            Row(title="Saturation", panels=tuple(in_row(subject, TOPIC, "Saturation"))),
            Row(title="Alerts", panels=(alerts.timeline(subject), alerts.table(subject))),
            Row(title="Versions and replicas", panels=tuple(_versions(subject)), folded=True),
            Row(title="About this model", panels=(about(subject),), folded=True),
        ),
    )


def _tiles(subject: Subject) -> Iterator[Panel]:
    if subject.emits("info"):
        yield alerts.state_tile(subject, Aggregate("count", subject.emitted("info")))
    yield from in_row(subject, TOPIC, TOP)
    if subject.objectives:
        yield budget_tile(subject, LARGE)


def _details(subject: Subject) -> Iterator[Panel]:
    yield from in_row(subject, TOPIC, "Details")
    if subject.emits("info"):
        yield Panel(
            kind=Kind.STAT,
            title="Replicas reporting",
            description="Replicas whose telemetry arrives. Compare with the number that the spec asks for.",
            unit="{replica}",
            queries=(Query(Aggregate("count", subject.emitted("info")), Legend("Replicas")),),
            links=onward(subject, ()),
            size=TILE,
            no_data="none",
        )


def _errors(subject: Subject) -> Iterator[Panel]:
    if subject.emits("duration"):
        yield Panel(
            kind=Kind.TIMESERIES,
            title="Requests by outcome",
            description=(
                "Requests per second, answered and failed. Failures are split by reason.\n\n"
                "First step: one reason usually dominates and names the culprit."
            ),
            unit="{request}/s",
            queries=(
                Query(
                    _rate(subject.emitted("duration_count", equal("error_type", ""))),
                    Legend("answered"),
                    style=Style.STACKED,
                ),
                Query(
                    _rate(subject.emitted("duration_count", FAILED[0]), "error_type"),
                    Legend("", ("error_type",)),
                    style=Style.STACKED,
                ),
            ),
            links=onward(subject, ("error_ratio",) if subject.has("error_ratio") else ()),
            minimum=0,
        )
    yield from in_row(subject, TOPIC, "Rate and errors")


def _duration(subject: Subject) -> Iterator[Panel]:
    yield from in_row(subject, TOPIC, "Duration")
    if subject.emits("duration"):
        yield from _within(subject)


def _within(subject: Subject) -> Iterator[Panel]:
    """Yield the share of requests within each latency objective, beside the promise."""
    for objective in subject.objectives:
        slo = next(each for each in subject.deployment.slos if each.name == objective.slo)
        if isinstance(slo.indicator, Latency):
            good = binary("-", number(1), subject.slo("slo:sli_error:ratio_rate5m", objective))
            yield Panel(
                kind=Kind.TIMESERIES,
                title=f"Fast enough: {slo.name}",
                description=f"Share of requests within the objective `{slo.name}`, beside what is promised.",
                unit="1",
                queries=(
                    Query(good, Legend("fast enough")),
                    Query(subject.slo("slo:objective:ratio", objective), Legend("promised"), style=Style.LIMIT),
                ),
                links=(subject.dashboard("SLO burn-down", "slo"),),
                size=THIRD,
                maximum=1,
            )


def _versions(subject: Subject) -> Iterator[Panel]:
    if not subject.emits("duration"):
        return
    count, buckets = subject.emitted("duration_count"), subject.emitted("duration_bucket")
    failed = subject.emitted("duration_count", *FAILED)
    by = Legend("", (VERSION,))
    requests = _rate(count, VERSION)
    share = binary("/", or_zero(_rate(failed, VERSION), requests), positive(requests))
    slow = call("histogram_quantile", number(0.95), _rate(buckets, VERSION, "le"))
    base = describe(subject, subject.of(("error_ratio",)))
    for title, words, unit, expr, legend in (
        ("Requests by version", "Requests per second of each version.", "{request}/s", requests, by),
        ("Errors by version", f"Share of failed requests of each version. {base}", "1", share, by),
        ("p95 by version", "Time within which 95 % of the requests of a version are answered.", "s", slow, by),
        (
            "Requests by replica",
            "Requests per second of each replica. A replica without its share is stuck or not ready.",
            "{request}/s",
            _rate(count, "instance"),
            Legend("", ("instance",)),
        ),
    ):
        yield Panel(
            kind=Kind.TIMESERIES,
            title=title,
            description=words,
            unit=unit,
            queries=(Query(expr, legend),),
            links=onward(subject, ()),
            size=HALF,
            minimum=0,
        )


FAILED = tuple(Matcher("error_type", MatchOp.NOT_EQUAL, reason) for reason in ("", "invalid_input"))
"""Requests that failed through our fault."""


def _rate(series: VectorSelector, *labels: str) -> Expr:
    return total(call("rate", MatrixSelector(series, RATE_INTERVAL)), labels or None)
