"""Rules that read what they or later rules wrote before: evaluated tick by tick, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from generators.promql.engine import Storage
from generators.promql.engine.results import Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, from_mapping, with_labels
from generators.promql.engine.series.storage import STALE
from generators.promql.rules.evaluation.alert_history import DUPLICATE, Alerts, Change, LabelRule
from generators.promql.rules.evaluation.alert_series import ALERTS, FOR_STATE
from generators.promql.rules.evaluation.alert_state import State, Waits, advance
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import Table, conflicts, run_at
from generators.promql.rules.evaluation.timeline import querier
from generators.promql.rules.model import AlertingRule, Group, RecordingRule, Rule

DUPLICATE_RECORDING = "vector contains metrics with the same labelset after applying rule labels"


class _RuleFailedError(Exception):
    """A rule fails at this tick."""


@dataclass(slots=True)
class Stepper:
    """One rule on its way through the ticks of a stretch."""

    group: Group
    rule: Rule
    times: Times
    offset: int
    server: Server
    contested: frozenset[str] = frozenset()
    refused: dict[int, str] = field(default_factory=dict)
    samples: list[dict[Labels, float]] = field(default_factory=list)
    written: set[Labels] = field(default_factory=set)
    failures: dict[int, str] = field(default_factory=dict)
    origins: list[dict[Labels, Labels]] = field(default_factory=list)
    states: dict[Labels, State] = field(default_factory=dict)
    changes: dict[Labels, list[Change]] = field(default_factory=dict)
    label_rule: LabelRule | None = None

    def step(self, storage: Storage) -> None:
        """Evaluate at the next tick, and write what comes of it."""
        tick = len(self.samples)
        time = int(self.times[tick])
        self.samples.append({})
        self.origins.append({})
        try:
            found, problem = run_at(self.rule.expr, storage, time - self.offset, self.server)
            if problem is not None:
                raise _RuleFailedError(problem.message)
            isalert = isinstance(self.rule, AlertingRule)
            output = self.alert(found, tick, time, storage) if isalert else self.record(found, tick)
        except _RuleFailedError as failure:
            self.failures[tick] = str(failure)
            self.samples[tick] = {}
            return
        self.write(output, tick, time - self.offset, storage)

    def write(self, output: dict[Labels, float], tick: int, time: int, storage: Storage) -> None:
        """Store samples, and stale markers for what is no longer there."""
        names = {dict(labels).get(METRIC_NAME, "") for labels in output} & self.contested
        existing = {series.labels: series for name in names for series in storage.named(name)}
        for labels in sorted(self.written - output.keys()):
            storage.add(labels, [time], [STALE])
        for labels, value in sorted(output.items()):
            before = existing.get(labels)
            if before is not None:
                for _, message in conflicts(before, np.array([time]), np.array([value])):
                    self.refused.setdefault(tick, message)
            storage.add(labels, [time], [value])
        self.written = set(output)

    def record(self, found: Sequence[tuple[Labels, float]], tick: int) -> dict[Labels, float]:
        """Return what a recording rule writes."""
        changes = [*self.group.labels_of(self.rule).items(), (METRIC_NAME, self.rule.name)]
        output: dict[Labels, float] = {}
        for labels, value in found:
            changed = with_labels(labels, changes)
            if changed in output:
                raise _RuleFailedError(f"{DUPLICATE_RECORDING}: {format_labels(changed)}")
            output[changed] = value
        if 0 < self.group.limit < len(output):
            raise _RuleFailedError(f"exceeded limit of {self.group.limit} with {len(output)} series")
        self.samples[tick] = output
        return output

    def alert(
        self, found: Sequence[tuple[Labels, float]], tick: int, time: int, storage: Storage
    ) -> dict[Labels, float]:
        """Move the alerts' states on, and return the series that tell of them."""
        rule = self.rule
        assert isinstance(rule, AlertingRule)  # noqa: S101 - the caller looked
        self.label_rule = self.label_rule or LabelRule.of(self.group, rule)
        query = querier(storage, time, self.server)
        present: dict[Labels, float] = {}
        for labels, value in found:
            identity = self.label_rule.identity(labels, value, self.server, time, query)
            if identity in present:
                raise _RuleFailedError(f"{DUPLICATE}: {format_labels(identity)}")
            present[identity] = value
            self.origins[tick][identity] = labels
        states = {}
        for identity in {**self.states, **present}:
            before = self.states.get(identity)
            after = advance(before, time, identity in present, Waits(rule.for_, rule.keep_firing_for))
            if after != before:
                self.changes.setdefault(identity, []).append((tick, after))
            if after is not None:
                states[identity] = after
        if 0 < self.group.limit < len(states):
            self.forget(tick)
            raise _RuleFailedError(f"exceeded limit of {self.group.limit} with {len(states)} alerts")
        self.states = states
        self.samples[tick] = present
        return _state_samples(states, self.label_rule.texts)

    def forget(self, tick: int) -> None:
        """Drop all alerts, as a breached limit does."""
        for changes in self.changes.values():
            while changes and changes[-1][0] == tick:
                changes.pop()
            if changes and changes[-1][1] is not None:
                changes.append((tick, None))
        self.states = {}

    def table(self, rows: Sequence[dict[Labels, float]]) -> Table:
        """Return rows of samples by tick as a table."""
        labels = tuple(dict.fromkeys(label for row in rows for label in row))
        places = {label: index for index, label in enumerate(labels)}
        values = np.zeros((len(labels), self.times.size))
        present = np.zeros(values.shape, dtype=bool)
        for tick, row in enumerate(rows):
            for label, value in row.items():
                values[places[label], tick], present[places[label], tick] = value, True
        return Table(self.times, labels, values, present, self.failures)

    def outcome(self) -> Table | Alerts:
        """Return all that happened, in the form that evaluation of all ticks at once gives."""
        if isinstance(self.rule, RecordingRule):
            return self.table(self.samples)
        raw = [
            {origin[identity]: value for identity, value in samples.items()}
            for samples, origin in zip(self.samples, self.origins, strict=True)
        ]
        result, table = self.table(raw), self.table(self.samples)
        rows = {labels: index for index, labels in enumerate(result.labels)}
        sources = {}
        for identity in table.labels:
            source = np.full(self.times.size, -1, dtype=np.int64)
            for tick, samples in enumerate(self.samples):
                if identity in samples:
                    source[tick] = rows[self.origins[tick][identity]]
            sources[identity] = source
        return Alerts(result, table, sources, {labels: tuple(found) for labels, found in self.changes.items()})


def _state_samples(states: dict[Labels, State], texts: Mapping[str, str]) -> dict[Labels, float]:
    output: dict[Labels, float] = {}
    for identity, state in states.items():
        plain = {**texts, **dict(identity)}
        output[from_mapping({**plain, METRIC_NAME: ALERTS, "alertstate": state.phase.value})] = 1.0
        output[from_mapping({**plain, METRIC_NAME: FOR_STATE})] = float(state.active_at // 1000)
    return output
