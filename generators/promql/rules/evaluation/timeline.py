"""What came of evaluating rules over time: recorded tables, alerts with their annotations, failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from generators.promql.engine import Storage
from generators.promql.engine.series.labels import Labels
from generators.promql.rules.evaluation.alert_history import Alerts, Change
from generators.promql.rules.evaluation.alert_state import Phase
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import Table, run_at
from generators.promql.rules.model import AlertingRule, Group, Rule
from generators.promql.syntax.parser import parse
from generators.promql.templates import parse_template
from generators.promql.templates.expansion import expand
from generators.promql.templates.rule_functions import Query


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that failed at a tick: time in Unix milliseconds, and the reason."""

    group: str
    rule: int
    name: str
    time: int
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class RuleOutcome:
    """What one rule did: a table, or alerts, for each stretch of ticks."""

    group: Group
    number: int
    rule: Rule
    recorded: tuple[Table, ...] = ()
    alerts: tuple[Alerts, ...] = ()

    def failures(self) -> Iterator[RuleFailure]:
        """Yield the ticks at which the rule failed."""
        for table in (*self.recorded, *(alerts.table for alerts in self.alerts)):
            for tick, message in sorted(table.failures.items()):
                yield RuleFailure(self.group.name, self.number, self.rule.name, int(table.times[tick]), message)


@dataclass(frozen=True, eq=False)
class Alert:
    """One alert from becoming active to its end; times in Unix milliseconds, None where it did not come to that.

    ``resolved_at`` is the first evaluation at which it was gone; an alert that ends with the server's memory (an
    outage, a breached limit) has ``ended_at`` without being resolved.
    """

    outcome: RuleOutcome
    labels: Labels
    active_at: int
    fired_at: int | None
    ended_at: int | None
    resolved_at: int | None
    history: Alerts
    renderer: Callable[[str, Labels, float, int, str], str] = field(repr=False)

    @property
    def name(self) -> str:
        """The alert's name."""
        return self.outcome.rule.name

    def phase_at(self, time: int) -> Phase | None:
        """Return the phase at a time, None outside of the alert's life."""
        if time < self.active_at or (self.ended_at is not None and time >= self.ended_at):
            return None
        return Phase.FIRING if self.fired_at is not None and time >= self.fired_at else Phase.PENDING

    def sample_at(self, time: int) -> tuple[Labels, float, int]:
        """Return labels and value of the last sample up to a time, and the time it was evaluated at."""
        table = self.history.result
        sources = self.history.sources[self.labels]
        upto = int(np.searchsorted(table.times, time, side="right"))
        tick = int(np.flatnonzero(sources[:upto] >= 0)[-1])
        row = int(sources[tick])
        return table.labels[row], float(table.values[row, tick]), int(table.times[tick])

    def annotations_at(self, time: int) -> Mapping[str, str]:
        """Render the annotations as they are at a time while the alert lives."""
        rule = self.outcome.rule
        if not isinstance(rule, AlertingRule):
            return {}
        labels, value, evaluated = self.sample_at(time)
        return {
            name: self.renderer(text, labels, value, evaluated, rule.alert)
            for name, text in sorted(rule.annotations.items())
        }


@dataclass(frozen=True, eq=False)
class Timeline:
    """The whole evaluation: outcomes in the order of groups and rules, and the storage with all that was recorded."""

    outcomes: tuple[RuleOutcome, ...]
    storage: Storage
    server: Server
    start: int
    end: int
    refused: tuple[RuleFailure, ...] = ()
    """Samples that could not be written, because there was one of another value already."""

    @cached_property
    def failures(self) -> tuple[RuleFailure, ...]:
        """Every failure of a rule, in the order of time."""
        found = [*(failure for outcome in self.outcomes for failure in outcome.failures()), *self.refused]
        return tuple(sorted(found, key=lambda failure: failure.time))

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert, by the time it became active, then by rule and labels."""
        found = [
            alert
            for outcome in self.outcomes
            for number, history in enumerate(outcome.alerts)
            for labels, changes in history.changes.items()
            for alert in self._alerts(outcome, history, labels, changes, number)
        ]
        return tuple(sorted(found, key=lambda alert: alert.active_at))

    def firing_at(self, time: int, name: str) -> tuple[Alert, ...]:
        """Return the alerts of a name that are firing at a time, ordered by labels."""
        found = (alert for alert in self.alerts if alert.name == name and alert.phase_at(time) is Phase.FIRING)
        return tuple(sorted(found, key=lambda alert: alert.labels))

    def _alerts(
        self, outcome: RuleOutcome, history: Alerts, labels: Labels, changes: Sequence[Change], number: int
    ) -> Iterator[Alert]:
        times = history.table.times
        following = outcome.alerts[number + 1].table.times if number + 1 < len(outcome.alerts) else None
        lost = None if following is None else int(following[0])
        begun: tuple[int, int | None] | None = None
        for tick, state in changes:
            if state is None and begun is not None:
                at = int(times[tick])
                resolved = at if begun[1] is not None and tick not in history.table.failures else None
                yield Alert(outcome, labels, *begun, at, resolved, history, self.render)
                begun = None
            elif state is not None:
                fired = state.fired_at if state.phase is Phase.FIRING else None
                begun = (state.active_at, fired if begun is None or begun[1] is None else begun[1])
        if begun is not None:
            yield Alert(outcome, labels, *begun, lost, None, history, self.render)

    def render(self, text: str, labels: Labels, value: float, time: int, alert: str) -> str:
        """Expand one annotation."""
        if "{{" not in text:
            return text
        template, _ = parse_template(text)
        if template is None:
            return text
        return expand(
            template,
            dict(labels),
            value,
            dict(self.server.external_labels),
            self.server.external_url,
            query=querier(self.storage, time, self.server),
            timestamp=time / 1000,
            alert=alert,
        )


def querier(storage: Storage, time: int, server: Server) -> Query:
    """Return the function ``query`` of templates, at a time."""

    @lru_cache(maxsize=64)
    def run(text: str) -> tuple[tuple[Mapping[str, str], float], ...]:
        expr, problems = parse(text)
        if expr is None:
            raise ValueError(problems[0].message)
        samples, problem = run_at(expr, storage, time, server)
        if problem is not None:
            raise ValueError(problem.message)
        return tuple((dict(labels), value) for labels, value in samples)

    return run
