"""Panels of alerts: how bad it is, since when, and which ones."""

from __future__ import annotations

from generators.planning.dashboards.panels import (
    LARGE,
    Column,
    Kind,
    Legend,
    Mapping,
    Panel,
    Query,
    Size,
    Status,
    Thresholds,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import binary, equal, number, selector
from generators.promql.syntax.ast import Aggregate, Expr, Matcher

LEVELS = (
    Mapping(0, "OK", Status.OK),
    Mapping(1, "WARNING", Status.WARNING),
    Mapping(2, "CRITICAL", Status.CRITICAL),
)
"""What the numbers of a state mean."""

STATE = Thresholds(Status.OK, ((1, Status.WARNING), (2, Status.CRITICAL)))


def firing(matchers: tuple[Matcher, ...], severity: str = "") -> Expr:
    """Return the alerts that fire, of one severity or of all."""
    levels = (equal("severity", severity),) if severity else ()
    return selector("ALERTS", (*matchers, equal("alertstate", "firing"), *levels))


def state(matchers: tuple[Matcher, ...], present: Expr, labels: tuple[str, ...]) -> Expr:
    """Return 0, 1 or 2 by labels: nothing, a warning or something critical fires; ``present`` are the healthy."""
    critical = binary("*", firing(matchers, "critical"), number(2))
    warning = firing(matchers, "warning")
    healthy = binary("*", present, number(0))
    return Aggregate("max", binary("or", binary("or", critical, warning), healthy), labels=labels or None)


def state_tile(subject: Subject, present: Expr, size: Size = LARGE) -> Panel:
    """Return the tile that says whether anything fires."""
    return Panel(
        kind=Kind.STAT,
        title="Health",
        description=(
            "The worst alert of this model that fires now. OK means that none does, and that the model reports.\n\n"
            "First step: open the alert below, and its runbook."
        ),
        queries=(Query(state(subject.own_alerts, present, ()), Legend("Health")),),
        thresholds=STATE,
        mappings=LEVELS,
        links=(subject.runbooks(),),
        size=size,
        no_data="no telemetry",
        unit="",
    )


def timeline(subject: Subject) -> Panel:
    """Return when which alert fired."""
    critical = binary("*", firing(subject.own_alerts, "critical"), number(2))
    both = binary("or", critical, firing(subject.own_alerts, "warning"))
    return Panel(
        kind=Kind.STATE_TIMELINE,
        title="Alerts over time",
        description=(
            "Which alerts fired, and when. What began first is often the cause of the rest.\n\n"
            "First step: read the runbook of the topmost critical one."
        ),
        queries=(Query(Aggregate("max", both, labels=("alertname",)), Legend("", ("alertname",))),),
        thresholds=STATE,
        mappings=LEVELS,
        data_links=(subject.clicked_runbook(),),
        links=(subject.runbooks(),),
        size=Size(12, 8),
        no_data="no alert fired",
    )


def table(subject: Subject) -> Panel:
    """Return the alerts that fire now, with a way to their runbooks."""
    now = Aggregate("max", firing(subject.own_alerts), labels=("alertname", "severity", "symptom"))
    return Panel(
        kind=Kind.TABLE,
        title="Alerts now",
        description="Alerts of this model that fire now. The name leads to the runbook.",
        queries=(Query(now, instant=True, column="firing"),),
        columns=(
            Column("alertname", "Alert", link=subject.clicked_runbook()),
            Column("severity", "Severity"),
            Column("symptom", "Symptom"),
            Column("firing", ""),
        ),
        links=(subject.runbooks(),),
        size=Size(12, 8),
        no_data="no alert fires",
    )
