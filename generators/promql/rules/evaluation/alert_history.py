"""From what an alert's expression yields to the history of every alert: when it was pending, fired and resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from generators.promql.engine import Storage
from generators.promql.engine.results import Mask, Times
from generators.promql.engine.series.labels import METRIC_NAME, Labels, from_mapping, without
from generators.promql.engine.series.storage import is_stale
from generators.promql.rules.evaluation.alert_state import Phase, State, Waits, advance, restored, wakes_at
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import Table, merged
from generators.promql.rules.model import AlertingRule, Group
from generators.promql.templates import Template, parse_template
from generators.promql.templates.expansion import expand
from generators.promql.templates.label_references import references
from generators.promql.templates.rule_functions import Query

ALERT_NAME = "alertname"
DUPLICATE = "vector contains metrics with the same labelset after applying alert labels"

Change: TypeAlias = tuple[int, State | None]
"""Index of a tick, and the state from there on."""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """How the labels of an alert come about: the rule's labels, parsed as templates."""

    rule: AlertingRule
    templates: Mapping[str, Template | None]
    texts: Mapping[str, str]
    varying: bool
    """Whether a label depends on more than the labels of the result."""

    @classmethod
    def of(cls, group: Group, rule: AlertingRule) -> LabelRule:
        """Parse the templates of a rule's labels; text that is no template stands for itself."""
        texts = group.labels_of(rule)
        templates = {name: parse_template(text)[0] if "{{" in text else None for name, text in texts.items()}
        found = [references(template) for template in templates.values() if template is not None]
        varying = any(read.value or {"query", "now"} & set(read.functions) for read in found)
        return cls(rule, templates, texts, varying)

    def identity(self, labels: Labels, value: float, server: Server, time: int, query: Query | None) -> Labels:
        """Return the labels that identify an alert on an element of the result."""
        plain = dict(labels)
        result = dict(without(labels, (METRIC_NAME,)))
        for name, template in self.templates.items():
            result[name] = (
                self.texts[name]
                if template is None
                else expand(
                    template,
                    plain,
                    value,
                    dict(server.external_labels),
                    server.external_url,
                    query=query,
                    timestamp=time / 1000,
                    alert=self.rule.alert,
                )
            )
        result[ALERT_NAME] = self.rule.alert
        return from_mapping(result)


@dataclass(frozen=True, slots=True, eq=False)
class Alerts:
    """All alerts of a rule over one stretch of ticks.

    ``table`` has a row for every identity; ``sources`` gives for each row and tick the row of ``result``, the
    expression's own table, that it comes from (-1 where absent); ``changes`` are those of its state.
    """

    result: Table
    table: Table
    sources: Mapping[Labels, Times]
    changes: Mapping[Labels, tuple[Change, ...]]


def identities(
    result: Table, label_rule: LabelRule, server: Server, ask: Callable[[int], Query]
) -> tuple[Table, dict[Labels, Times]]:
    """Give the rows of a result the identities of alerts, and remember which row each came from.

    ``ask`` makes the function ``query`` of templates for a time.
    """
    if label_rule.varying:
        return _varying(result, label_rule, server, ask)
    groups: dict[Labels, list[int]] = {}
    for index, labels in enumerate(result.labels):
        groups.setdefault(label_rule.identity(labels, 0.0, server, 0, None), []).append(index)
    sources = {}
    for identity, rows in groups.items():
        source = np.full(result.times.size, -1, dtype=np.int64)
        for row in rows:
            source[result.present[row]] = row
        sources[identity] = source
    return merged(result, groups, DUPLICATE), sources


def _varying(
    result: Table, label_rule: LabelRule, server: Server, ask: Callable[[int], Query]
) -> tuple[Table, dict[Labels, Times]]:
    """As ``identities``, where each sample may be an alert of its own."""
    sources: dict[Labels, Times] = {}
    failures: dict[int, str] = {}
    for row, labels in enumerate(result.labels):
        for tick in np.flatnonzero(result.present[row]):
            time, value = int(result.times[tick]), float(result.values[row, tick])
            identity = label_rule.identity(labels, value, server, time, ask(time))
            source = sources.setdefault(identity, np.full(result.times.size, -1, dtype=np.int64))
            if source[tick] >= 0:
                failures[int(tick)] = DUPLICATE
            source[tick] = row
    shape = (len(sources), result.times.size)
    rows = np.array(list(sources.values()), dtype=np.int64).reshape(shape)
    ticks = np.broadcast_to(np.arange(result.times.size), shape)
    values = np.where(rows >= 0, result.values[rows, ticks] if result.values.size else 0.0, 0.0)
    table = Table(result.times, tuple(sources), values, rows >= 0, result.failures)
    return table.failing(failures), sources


def histories(table: Table, waits: Waits, limit: int) -> tuple[Table, dict[Labels, tuple[Change, ...]]]:
    """Work out all changes of state; ticks at which more alerts are active than the limit fail and end them all."""
    changes: dict[Labels, list[Change]] = {labels: [] for labels in table.labels}
    first = 0
    while True:
        part = {labels: list(_changes(table, row, waits, first)) for row, labels in enumerate(table.labels)}
        over = _first_over(part, table.times.size, limit)
        for labels, found in part.items():
            kept = [change for change in found if over is None or change[0] < over]
            active = bool(kept) and kept[-1][1] is not None
            changes[labels] += [*kept, (over, None)] if over is not None and active else kept
        if over is None:
            return table, {labels: tuple(found) for labels, found in changes.items()}
        count = int(sum(1 for found in part.values() if _at(found, over) is not None))
        table = table.failing({over: f"exceeded limit of {limit} with {count} alerts"})
        first = over + 1


def _changes(table: Table, row: int, waits: Waits, first: int) -> Iterator[Change]:
    """Yield the changes of one alert, looking only at ticks at which something can change."""
    ok = table.ok
    ok = ok[ok >= first]
    times, present = table.times[ok], table.present[row, ok]
    edges = np.flatnonzero(np.diff(present, prepend=False))
    state: State | None = None
    index, size = (int(edges[0]) if edges.size else len(times)), len(times)
    while index < size:
        following = advance(state, int(times[index]), bool(present[index]), waits)
        if following != state:
            yield int(ok[index]), following
        state = following
        edge = np.searchsorted(edges, index, side="right")
        next_edge = int(edges[edge]) if edge < edges.size else size
        wake = max(int(np.searchsorted(times, wakes_at(state, waits))), index + 1)
        index = min(next_edge, wake)


def _at(changes: list[Change], tick: int) -> State | None:
    state = None
    for when, following in changes:
        if when > tick:
            break
        state = following
    return state


def _first_over(changes: Mapping[Labels, list[Change]], size: int, limit: int) -> int | None:
    if limit <= 0:
        return None
    deltas = np.zeros(size + 1, dtype=np.int64)
    for found in changes.values():
        active = False
        for tick, state in found:
            deltas[tick] += (state is not None) - active
            active = state is not None
    over = np.flatnonzero(np.cumsum(deltas) > limit)
    return int(over[0]) if over.size else None


def active_mask(changes: tuple[Change, ...], size: int, phase: Phase) -> Mask:
    """Return at which ticks an alert is in a phase."""
    mask = np.zeros(size, dtype=bool)
    for (tick, state), (end, _) in zip(changes, (*changes[1:], (size, None)), strict=True):
        if state is not None and state.phase is phase:
            mask[tick:end] = True
    return mask


def restore(
    changes: tuple[Change, ...], labels: Labels, table: Table, storage: Storage, waits: Waits, server: Server
) -> tuple[Change, ...]:
    """Replay an alert that is active at the second tick after an outage, with the time before it counted."""
    ok = table.ok
    if waits.for_ < server.for_grace_period or ok.size < 2 or not changes:
        return changes
    second = int(ok[1])
    now = int(table.times[second])
    state = _at(list(changes), second)
    stored = _last_for_state(labels, storage, now, server.outage_tolerance)
    if state is None or stored is None:
        return changes
    state = restored(state, stored[1], stored[0], now, for_=waits.for_, grace=server.for_grace_period)
    row = table.labels.index(labels)
    kept = [change for change in changes if change[0] < second]
    replayed: list[Change] = [(second, state)]
    for tick in ok[2:]:
        following = advance(state, int(table.times[tick]), bool(table.present[row, tick]), waits)
        if following != state:
            replayed.append((int(tick), following))
        state = following
    return (*kept, *replayed)


def _last_for_state(labels: Labels, storage: Storage, now: int, tolerance: int) -> tuple[int, int] | None:
    """Return time and value, both in ms, of the last stored sample of ALERTS_FOR_STATE, unless it is stale."""
    wanted = from_mapping({**dict(labels), METRIC_NAME: "ALERTS_FOR_STATE"})
    for series in storage.named("ALERTS_FOR_STATE"):
        if series.labels == wanted:
            within = np.flatnonzero((series.timestamps >= now - tolerance) & (series.timestamps <= now))
            if not within.size or is_stale(series.values[within[-1:]])[0]:
                return None
            return int(series.timestamps[within[-1]]), int(series.values[within[-1]]) * 1000
    return None
