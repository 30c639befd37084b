"""Causes: the alerts of a model that explain others, which then tell nobody anything new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from generators.diagnostics import Code, Problem, did_you_mean
from generators.language.catalog import Alert, Cause, Slo, burn_alert
from generators.language.resolve.applicability import Scope
from generators.language.sources import of_library

UNKNOWN_CAUSE = Code(
    "R329",
    "Unknown cause",
    "An alert is hidden by another one of the same model; an objective's is named after it.",
    "hidden_by: [Availability]",
    "hidden_by: [AvailabilityBurn]",
)
HIDDEN_IN_A_CIRCLE = Code(
    "R330",
    "Alerts that hide each other",
    "When all alerts of the circle fire, each is hidden by another, and nobody is told.",
    "{Slow: {hidden_by: [Late]}, Late: {hidden_by: [Slow]}}",
    "{Slow: {hidden_by: [Late]}}",
)


def with_causes(
    slos: Mapping[str, Slo], alerts: Mapping[str, Alert], scope: Scope
) -> tuple[dict[str, Slo], dict[str, Alert]]:
    """Return objectives and alerts with those causes that this model has; report names that nothing has."""
    asked = {slo.alert: slo.hidden_by for slo in slos.values()}
    asked |= {alert.name: alert.hidden_by for alert in alerts.values()}
    declared = {*asked, *scope.declared("alerts"), *map(burn_alert, scope.declared("slos"))}
    for causes in asked.values():
        scope.merged.problems.extend(_unknown(causes, declared))
    present = {name: tuple(cause for cause in causes if cause.alert in asked) for name, causes in asked.items()}
    scope.merged.problems.extend(_circles(present))
    return (
        {name: replace(slo, hidden_by=present[slo.alert]) for name, slo in slos.items()},
        {name: replace(alert, hidden_by=present[alert.name]) for name, alert in alerts.items()},
    )


def _unknown(causes: tuple[Cause, ...], declared: set[str]) -> Iterator[Problem]:
    """A pack of the library may name what only other tasks have."""
    for cause in causes:
        if cause.alert not in declared and not of_library(cause.position):
            help_ = did_you_mean(cause.alert, declared) or "name an alert of this model"
            yield Problem(UNKNOWN_CAUSE, f"the model has no alert `{cause.alert}`", cause.position, help_)


def _circles(causes: Mapping[str, tuple[Cause, ...]]) -> Iterator[Problem]:
    for name, own in causes.items():
        for cause in own:
            if name in _explaining(cause.alert, causes):
                message = f"`{name}` and `{cause.alert}` hide each other, so that nobody is told of either"
                yield Problem(HIDDEN_IN_A_CIRCLE, message, cause.position, "let the one that says more stay")


def _explaining(name: str, causes: Mapping[str, tuple[Cause, ...]]) -> set[str]:
    """Return an alert and all that may hide it, through others too."""
    found, open_ = {name}, [name]
    while open_:
        for cause in causes.get(open_.pop(), ()):
            if cause.alert not in found:
                found.add(cause.alert)
                open_.append(cause.alert)
    return found
