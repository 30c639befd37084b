"""Escalation: Alertmanager has no stages, so rules watch alerts that go on firing and raise the next one.

The number of rules depends on teams and stages, not on models.
"""

from __future__ import annotations

from collections.abc import Iterable

from generators.formats.durations import format_duration
from generators.language.catalog import Escalation, Level, Platform, Runbook, Team
from generators.planning.expressions import call, equal, selector, without
from generators.planning.links import fleet_runbook
from generators.planning.plan import Alerting
from generators.promql.syntax.ast import StringLiteral
from generators.promql.templates import escape

ALERT = "Escalation"
STAGE_LABEL = "stage"
SOURCE_LABEL = "escalated"

RUNBOOK = Runbook(
    meaning="A critical alert has been firing for long, and whoever was told before has not ended it.",
    impact="The same people are affected as by the alert that was escalated, for longer.",
    steps=(
        "Open the runbook of the alert named in the label `escalated`.",
        "Call the person on duty. If nobody works on it, take it over.",
        "Decide on a rollback now rather than after the analysis.",
    ),
)


def escalation_alerts(teams: Iterable[Team], platform: Platform) -> tuple[Alerting, ...]:
    """Return one rule for each stage of each team, in order of time."""
    return tuple(_alert(team, stage, platform) for team in teams for stage in team.escalation)


def _alert(team: Team, stage: Escalation, platform: Platform) -> Alerting:
    firing = selector(
        "ALERTS",
        (equal("alertstate", "firing"), equal("escalate", "true"), equal("team", team.name)),
    )
    expr = call(
        "label_replace",
        without("max", firing, "alertstate", STAGE_LABEL, "escalate"),
        StringLiteral(SOURCE_LABEL),
        StringLiteral("$1"),
        StringLiteral("alertname"),
        StringLiteral("(.+)"),
    )
    after = format_duration(stage.after_ms)
    annotations = {
        "summary": "{{ $labels.escalated }} of {{ $labels.model }} has been firing for " + after,
        "description": escape(f"Stage {stage.receiver} of team {team.name}: the stages before have not ended it."),
        "owner": escape(f"{team.name}, {team.contact}"),
        "runbook_url": fleet_runbook(platform, ALERT),
    }
    return Alerting(
        alert=ALERT,
        expr=expr,
        for_ms=stage.after_ms,
        keep_firing_for_ms=0,
        labels=((STAGE_LABEL, stage.receiver), ("team", team.name)),
        annotations=tuple(sorted(annotations.items())),
        level=Level.CRITICAL,
        threshold="",
        promise_ms=None,
        runbook=RUNBOOK,
        provenance=(stage.position,),
    )
