"""Steps of runbooks: what they point at is looked up, so that nobody is sent to what is not there.

A step points at a measure, an alert or a panel of its model: ``{measure:recall}``, ``{alert:RecallLow}``,
``{panel:Confusion of seven days}``; words of its own stand behind a bar, ``{measure:recall|the cases found}``. Packs of
the library serve many models, so a step of theirs that points at what a model does not have is left out; in any other
step that is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.language.catalog import Deployment, Runbook
from generators.language.sources import of_library
from generators.planning import kpis
from generators.planning.names import measure_title
from generators.planning.objectives.objective import alerts

POINTS_AT_NOTHING = Code(
    "R328",
    "Step that points at nothing",
    "A step of a runbook points at a measure, an alert or a panel that the model has.",
    "steps: ['Look at {measure:acuracy}.']",
    "steps: ['Look at {measure:accuracy}.']",
)

_REFERENCE = re.compile(r"(?<![{$])\{([a-z]+):([^{}|]*)(?:\|([^{}]*))?\}(?!\})")
_LABEL = re.compile(r"(?<![{$])\{([a-z_][a-z0-9_]*)\}(?!\})")
"""Braces doubled or behind a dollar sign are another language's, and stay as they are."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a step points at: the name of something of a ``kind``, in the words that a reader sees."""

    kind: str
    name: str
    words: str


Part: TypeAlias = str | Reference


def parts(step: str) -> tuple[Part, ...]:
    """Return a step as text and references in turn; a label that the alert has is shown as ``‹feature›``."""
    found: list[Part] = []
    end = 0
    for match in _REFERENCE.finditer(step):
        found += [_text(step[end : match.start()]), _reference(match)]
        end = match.end()
    return tuple(part for part in (*found, _text(step[end:])) if part)


def words(step: str) -> str:
    """Return a step as a reader sees it where nothing can be linked."""
    return "".join(part if isinstance(part, str) else part.words for part in parts(step))


def references(step: str) -> tuple[Reference, ...]:
    """Return what a step points at."""
    return tuple(part for part in parts(step) if isinstance(part, Reference))


def labels(step: str) -> tuple[str, ...]:
    """Return the labels of the alert that a step names."""
    return tuple(_LABEL.findall(step))


def _text(text: str) -> str:
    return _LABEL.sub(r"‹\1›", text)


def _reference(match: re.Match[str]) -> Reference:
    kind, name = match[1], match[2].strip()
    title = measure_title(name)
    shown = f"{title[:1].lower()}{title[1:]}" if title[1:2].islower() else title
    return Reference(kind, name, (match[3] or "").strip() or (shown if kind == "measure" else name))


def with_steps_that_apply(deployment: Deployment) -> tuple[Deployment, tuple[Problem, ...]]:
    """Return a deployment in which runbooks point at nothing that it lacks, and the steps that wrongly do."""
    there = _names(deployment)
    problems: list[Problem] = []

    def kept(runbook: Runbook) -> Runbook:
        return _kept(runbook, there, problems)

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


def _kept(runbook: Runbook, there: Mapping[str, frozenset[str]], problems: list[Problem]) -> Runbook:
    steps: list[tuple[str, Position]] = []
    for step, place in runbook.placed_steps:
        wrong = [each for each in references(step) if each.name not in there.get(each.kind, ())]
        if not wrong:
            steps.append((step, place))
        elif not of_library(place):
            problems += _problems(wrong, there, place)
    return replace(runbook, steps=tuple(step for step, _ in steps), step_positions=tuple(place for _, place in steps))


def _problems(wrong: Iterable[Reference], there: Mapping[str, frozenset[str]], place: Position) -> Iterator[Problem]:
    for each in wrong:
        if each.kind not in there:
            help_ = did_you_mean(each.kind, there) or f"steps point at {', '.join(sorted(there))}"
            yield Problem(POINTS_AT_NOTHING, f"steps cannot point at a `{each.kind}`", place, help_)
        else:
            names = there[each.kind]
            help_ = did_you_mean(each.name, names) or f"{each.kind}s: {', '.join(sorted(names)) or 'none'}"
            yield Problem(POINTS_AT_NOTHING, f"the model has no {each.kind} `{each.name}` to point at", place, help_)
