"""When a server sends its alerts to Alertmanager, and with which times.

Source: ``rules/alerting.go`` and ``rules/manager.go`` of Prometheus 3.15.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generators.promql.engine.results import Times
from generators.promql.engine.series.labels import Labels, from_mapping
from generators.promql.rules.evaluation.timeline import Alert, Timeline

RESOLVED_RETENTION = 15 * 60_000
"""How long, in ms, a resolved alert is kept and sent again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One alert in one request; times in Unix milliseconds.

    A firing alert has its end in the future: that is when Alertmanager gives it up if nothing more comes.
    """

    time: int
    alert: Alert
    labels: Labels
    starts_at: int
    ends_at: int

    @property
    def resolved(self) -> bool:
        """Tell whether the alert is sent as resolved."""
        return self.ends_at <= self.time

    def annotations(self) -> Mapping[str, str]:
        """Render the annotations as they were sent; a resolved alert keeps those of its last evaluation."""
        return self.alert.annotations_at(self.time)


def sent(timeline: Timeline) -> tuple[Sent, ...]:
    """Return all that is sent, in the order of time."""
    again: dict[tuple[int, Labels], list[int]] = {}
    for alert in timeline.alerts:
        again.setdefault((id(alert.outcome), alert.labels), []).append(alert.active_at)
    found: list[Sent] = []
    for alert in timeline.alerts:
        if alert.fired_at is not None:
            later = [time for time in again[id(alert.outcome), alert.labels] if time > alert.active_at]
            found += _sent(alert, timeline, min(later, default=timeline.end + 1))
    return tuple(sorted(found, key=lambda entry: (entry.time, entry.labels)))


def _sent(alert: Alert, timeline: Timeline, until: int) -> Iterator[Sent]:
    server = timeline.server
    labels = from_mapping({**dict(server.external_labels), **dict(alert.labels)})
    validity = 4 * max(server.interval_of(alert.outcome.group), server.resend_delay)
    table = alert.history.table
    times = table.times[table.ok]
    fired_at = alert.fired_at if alert.fired_at is not None else alert.active_at
    end = alert.ended_at if alert.ended_at is not None else timeline.end + 1
    for time in _every(times, fired_at, end, server.resend_delay):
        yield Sent(time, alert, labels, fired_at, time + validity)
    if alert.resolved_at is not None:
        last = min(until, alert.resolved_at + RESOLVED_RETENTION + 1)
        for time in _every(times, alert.resolved_at, last, server.resend_delay):
            yield Sent(time, alert, labels, fired_at, alert.resolved_at)


def _every(times: Times, first: int, end: int, delay: int) -> Iterator[int]:
    """Yield ticks from the first on, each more than ``delay`` after the one before, up to but without the end."""
    index = int(np.searchsorted(times, first))
    while index < times.size and times[index] < end:
        yield int(times[index])
        index = int(np.searchsorted(times, times[index] + delay, side="right"))
