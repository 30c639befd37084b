"""The series ALERTS and ALERTS_FOR_STATE of an alerting rule, as a table to store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from generators.promql.engine.series.labels import METRIC_NAME, Labels, from_mapping
from generators.promql.rules.evaluation.alert_history import Change, active_mask
from generators.promql.rules.evaluation.alert_state import Phase
from generators.promql.rules.evaluation.tables import Table

ALERTS, FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"


def alert_series(
    table: Table, changes: Mapping[Labels, tuple[Change, ...]], texts: Mapping[str, str], first: int = 0
) -> Table:
    """Return what a rule writes about its alerts, from a tick on: 1 for the phase, and since when each is active.

    ``texts`` are the rule's labels as written: where a template comes out empty, its text stands in these series.
    """
    size = table.times.size
    rows: dict[Labels, tuple[np.ndarray, np.ndarray]] = {}
    for labels, found in changes.items():
        if not found:
            continue
        plain = {**texts, **dict(labels)}
        since = np.zeros(size)
        for (tick, state), (end, _) in zip(found, (*found[1:], (size, None)), strict=True):
            since[tick:end] = 0 if state is None else state.active_at // 1000
        masks = {phase: active_mask(found, size, phase) for phase in Phase}
        for phase, mask in masks.items():
            if mask.any():
                named = from_mapping({**plain, METRIC_NAME: ALERTS, "alertstate": phase.value})
                also = rows[named][1] if named in rows else False  # alerts on ALERTS differ in a label that is replaced
                rows[named] = (np.ones(size), mask | also)
        active = masks[Phase.PENDING] | masks[Phase.FIRING]
        if active.any():
            rows[from_mapping({**plain, METRIC_NAME: FOR_STATE})] = (since, active)
    shape = (len(rows), size)
    values = np.array([row[0] for row in rows.values()]).reshape(shape)
    present = np.array([row[1] for row in rows.values()], dtype=bool).reshape(shape)
    present[:, list(table.failures)] = False
    present[:, :first] = False
    return Table(table.times, tuple(rows), values, present, table.failures)
