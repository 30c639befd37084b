"""Steps of runbooks: what they point at is looked up, so that nobody is sent to what is not there.

A step points at a measure, an alert or a panel of its model: ``{measure:recall}``, ``{alert:RecallLow}``,
``{panel:Confusion of seven days}``; words of its own stand behind a bar, ``{measure:recall|the cases found}``. Packs of
the library serve many models, so a step of theirs that points at what a model does not have is left out; in any other
step that is a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.language.catalog import Deployment, Runbook
from generators.language.sources import of_library
from generators.planning import kpis
from generators.planning.alerts.references import Reference, references
from generators.planning.objectives.objective import alerts

POINTS_AT_NOTHING = Code(
    "R328",
    "Step that points at nothing",
    "A step of a runbook points at a measure, an alert or a panel that the model has.",
    "steps: ['Look at {measure:acuracy}.']",
    "steps: ['Look at {measure:accuracy}.']",
)


def with_steps_that_apply(deployment: Deployment) -> tuple[Deployment, tuple[Problem, ...]]:
    """Return a deployment in which runbooks point at nothing that it lacks, and the steps that wrongly do."""
    there = _names(deployment)
    offered = frozenset(each.name for each in deployment.left_out)
    problems: list[Problem] = []

    def kept(runbook: Runbook) -> Runbook:
        return _kept(runbook, there, offered, problems)

    return replace(
        deployment,
        slos=tuple(replace(each, runbook=kept(each.runbook)) for each in deployment.slos),
        kpis=tuple(replace(each, runbook=kept(each.runbook)) for each in deployment.kpis),
        alerts=tuple(replace(each, runbook=kept(each.runbook)) for each in deployment.alerts),
    ), tuple(problems)


def _names(deployment: Deployment) -> dict[str, frozenset[str]]:
    """Return what steps may point at, by kind."""
    return {
        "alert": frozenset(
            (
                *(each.name for each in deployment.alerts),
                *(each.alert for each in deployment.slos if alerts(each)),
                *(kpis.alert_name(kpi, each) for kpi in deployment.kpis for each in kpi.thresholds),
            )
        ),
        "measure": frozenset(deployment.measures),
        "panel": frozenset(each.title for each in deployment.panels if each.title),
    }


def _kept(
    runbook: Runbook, there: Mapping[str, frozenset[str]], offered: frozenset[str], problems: list[Problem]
) -> Runbook:
    steps: list[tuple[str, Position]] = []
    for step, place in runbook.placed_steps:
        wrong = [each for each in references(step) if each.name not in there.get(each.kind, ())]
        if not wrong:
            steps.append((step, place))
        elif not of_library(place):
            problems += _problems(wrong, there, offered, place)
    return replace(runbook, steps=tuple(step for step, _ in steps), step_positions=tuple(place for _, place in steps))


def _problems(
    wrong: Iterable[Reference], there: Mapping[str, frozenset[str]], offered: frozenset[str], place: Position
) -> Iterator[Problem]:
    for each in wrong:
        if each.kind not in there:
            help_ = did_you_mean(each.kind, there) or f"steps point at {', '.join(sorted(there))}"
            yield Problem(POINTS_AT_NOTHING, f"steps cannot point at a `{each.kind}`", place, help_)
        else:
            names = there[each.kind]
            more = f"add `alerts: {{{each.name}: {{enabled: true}}}}`" if each.name in offered else ""
            help_ = more or did_you_mean(each.name, names) or f"{each.kind}s: {', '.join(sorted(names)) or 'none'}"
            yield Problem(POINTS_AT_NOTHING, f"the model has no {each.kind} `{each.name}` to point at", place, help_)
