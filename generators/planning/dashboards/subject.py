"""What dashboards of one model are made of: its measures, series, thresholds, objectives and ways onward."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from generators.language.catalog import Alert, Deployment, Level, Measure, Platform
from generators.planning.dashboards.panels import Link, Status, Thresholds, chosen
from generators.planning.dashboards.uids import fleet_uid, model_uid
from generators.planning.expressions import equal, selector
from generators.planning.formulas import Filling
from generators.planning.links import INDEX, ModelLinks
from generators.planning.names import ENVIRONMENT, MODEL, SCRAPED, TENANT, VERSION
from generators.planning.plan import Instrument, Objective
from generators.promql.syntax.ast import Matcher, VectorSelector

STATUS = {Level.INFO: Status.INFO, Level.WARNING: Status.WARNING, Level.CRITICAL: Status.CRITICAL}


@dataclass(frozen=True)
class Subject:
    """One model in one environment, as its dashboards see it.

    Series of the service itself can be narrowed to versions, jobs and instances; recorded ones know the model only.
    """

    deployment: Deployment
    filling: Filling
    instruments: tuple[Instrument, ...]
    objectives: tuple[Objective, ...]
    platform: Platform

    @cached_property
    def matchers(self) -> tuple[Matcher, ...]:
        """Matchers of recorded series: tenant and model are fixed, the environment is a variable."""
        model = self.deployment.model
        return (equal(TENANT, model.tenant), equal(MODEL, model.name), chosen(ENVIRONMENT, "environment"))

    @cached_property
    def emitted_matchers(self) -> tuple[Matcher, ...]:
        """Matchers of series that the service emits."""
        return (*self.matchers, chosen(VERSION, "version"), *(chosen(label, label) for label in SCRAPED))

    @cached_property
    def own_alerts(self) -> tuple[Matcher, ...]:
        """Matchers of ``ALERTS``: rules name the environment, not its label."""
        model = self.deployment.model
        facts = {"tenant": model.tenant, "model": model.name, "environment": self.deployment.environment.name}
        return tuple(equal(label, value) for label, value in facts.items())

    @cached_property
    def by_measure(self) -> dict[str, tuple[Alert, ...]]:
        """The alerts on each measure, also those that only draw their limits."""
        found: dict[str, tuple[Alert, ...]] = {}
        for alert in self.deployment.limits:
            for measure in dict.fromkeys(each.measure for each in alert.thresholds):
                own = tuple(each for each in alert.thresholds if each.measure == measure)
                found[measure] = (*found.get(measure, ()), replace(alert, measure=measure, thresholds=own))
        return found

    def has(self, *measures: str) -> bool:
        """Whether the model has all of these measures."""
        return all(measure in self.deployment.measures for measure in measures)

    def emits(self, *metrics: str) -> bool:
        """Whether the service emits all of these metrics."""
        return all(metric in self.deployment.metrics for metric in metrics)

    def of(self, measures: Iterable[str]) -> tuple[str, ...]:
        """Return those measures that the model has."""
        return tuple(measure for measure in measures if measure in self.deployment.measures)

    def measure(self, name: str) -> Measure:
        """Return a measure that the model has."""
        return self.deployment.measures[name]

    def recorded(self, name: str, *matchers: Matcher) -> VectorSelector:
        """Return the recorded series of a measure or tile."""
        return selector(self.filling.series[name], (*self.matchers, *matchers))

    def emitted(self, name: str, *matchers: Matcher) -> VectorSelector:
        """Return a series that the service emits, by the name that formulas use (``duration_bucket``)."""
        return selector(self.filling.series[name], (*self.emitted_matchers, *matchers))

    def slo(self, record: str, objective: Objective) -> VectorSelector:
        """Return a recording of an objective."""
        return selector(record, (equal("sloth_id", objective.sloth_id), chosen(ENVIRONMENT, "environment")))

    def dashboard(self, title: str, topic: str = "") -> Link:
        """Return the way to another dashboard of the model."""
        return Link(title, uid=model_uid(self.deployment, topic))

    def fleet(self) -> Link:
        """Return the way up."""
        return Link("Fleet", uid=fleet_uid(self.deployment.environment))

    def runbook(self, alert: str, title: str = "") -> Link:
        """Return the way to an alert's page."""
        return Link(title or f"Runbook {alert}", url=self._pages.runbook(alert))

    def runbooks(self) -> Link:
        """Return the way to the page that lists the model's alerts."""
        return Link("Runbooks", url=self._pages.runbook(INDEX))

    def clicked_runbook(self) -> Link:
        """Return the way to the page of the alert that was clicked."""
        return Link("Runbook", url=self._pages.runbook_of_label("alertname"))

    @cached_property
    def _pages(self) -> ModelLinks:
        return ModelLinks(self.deployment, self.platform)

    def thresholds(self, measure: str) -> Thresholds:
        """Return the thresholds that the spec's alerts on a measure have."""
        lower: dict[float, Level] = {}
        upper: dict[float, Level] = {}
        for alert in self.by_measure.get(measure, ()):
            for each in alert.thresholds:
                side = upper if each.op in (">", ">=") else lower
                value = float(each.value.amount)
                side[value] = max(side.get(value, each.level), each.level, key=_ORDER.index)
        return thresholds(lower, upper)


_ORDER = tuple(Level)


def thresholds(lower: dict[float, Level], upper: dict[float, Level]) -> Thresholds:
    """Return steps from limits: below each of ``lower`` and from each of ``upper`` on it is as bad as its level."""
    if not lower and not upper:
        return Thresholds()
    below, above = sorted(lower), sorted(upper)
    steps: list[tuple[float, Status]] = []
    for index, value in enumerate(below):
        status = STATUS[lower[below[index + 1]]] if index + 1 < len(below) else Status.OK
        steps.append((value, status))
    steps += [(value, STATUS[upper[value]]) for value in above]
    base = STATUS[lower[below[0]]] if below else Status.OK
    return Thresholds(base, tuple(steps))
