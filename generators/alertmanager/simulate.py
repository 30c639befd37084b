"""Who is told what, and when: a whole Alertmanager on a virtual clock.

The life of a group is Alertmanager's: flushed once after group_wait, then at every group_interval while it
holds alerts; at each flush alerts pass inhibition and time intervals, and each integration of the receiver
is told if its notification log says so. Sending takes no time and never fails; one server, no silences.

Two things surprise people, and are simulated on purpose: a repeat_interval that is a multiple of the
group_interval comes one group_interval late, and an alert that resolves while it is inhibited or muted may
never be reported as resolved, so that it does not notify when it comes back before repeat_interval has
passed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from generators.alertmanager.config import Config, Integration
from generators.alertmanager.inhibition import Inhibitor, Labels
from generators.alertmanager.integrations import INTEGRATIONS
from generators.alertmanager.intervals import any_active
from generators.alertmanager.notification_log import Entry, Reason, reason_to_notify
from generators.alertmanager.routing import Delivery, group_key, group_labels, route

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESEND = 60.0
"""Prometheus sends alerts again after this many seconds (``--rules.alert.resend-delay``)."""

_RESOLVED_RETENTION_MS = 15 * 60_000
"""How long Prometheus keeps sending a resolved alert."""


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """A time in which an alert fires: from ``starts`` until ``ends`` (None: for ever), in seconds.

    The same labels may fire again later.
    """

    labels: Mapping[str, str] = field(hash=False)
    starts: float
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """One message of one integration; ``at`` is in seconds, like the alerts that it is about."""

    at: float
    receiver: str
    integration: Integration
    group_key: str
    reason: Reason
    firing: tuple[Mapping[str, str], ...] = field(hash=False)
    resolved: tuple[Mapping[str, str], ...] = field(hash=False, default=())


def simulate(
    config: Config,
    alerts: Iterable[FiringAlert],
    until: float,
    *,
    start: datetime = EPOCH,
    resend: float = RESEND,
) -> tuple[Notification, ...]:
    """Return every notification up to ``until`` seconds, in order of time.

    ``start`` is the moment of second 0, for time intervals. ``resend`` is how often Prometheus sends an
    alert again. The configuration has to be one that Alertmanager accepts (see ``check.is_refused``).
    """
    run = _Run(config, start)
    for alert in sorted(alerts, key=lambda one: (one.starts, sorted(one.labels.items()))):
        run.plan(alert, _ms(resend))
    return run.until(_ms(until))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@dataclass(slots=True)
class _Group:
    """An aggregation group: its alerts with the time at which each began, and ended if it did."""

    id: tuple[tuple[int, ...], Labels]
    delivery: Delivery
    key: str
    alerts: dict[Labels, tuple[int, int | None]] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    """The state of one simulation. Times are whole milliseconds, so that equal times are equal."""

    config: Config
    start: datetime
    inhibitor: Inhibitor = field(init=False)
    queue: list[tuple[int, int, int, _Group | tuple[Labels, int, int | None]]] = field(default_factory=list)
    groups: dict[tuple[tuple[int, ...], Labels], _Group] = field(default_factory=dict)
    log: dict[tuple[str, str, int], Entry] = field(default_factory=dict)
    latest: dict[Labels, int] = field(default_factory=dict)
    sent: list[Notification] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.inhibitor = Inhibitor(self.config)

    def plan(self, alert: FiringAlert, resend: int) -> None:
        """Queue what Prometheus sends of an alert: that it fires, that it is resolved, and that again."""
        labels = tuple(sorted(alert.labels.items()))
        starts, ends = _ms(alert.starts), None if alert.ends is None else _ms(alert.ends)
        self._push(starts, 1, (labels, starts, None))
        if ends is not None:
            for again in range(ends, ends + _RESOLVED_RETENTION_MS, max(resend, 1)):
                self._push(again, 0, (labels, starts, ends))

    def until(self, last: int) -> tuple[Notification, ...]:
        """Work through the queue; at equal times first what resolves, then what fires, then flushes."""
        while self.queue and self.queue[0][0] <= last:
            now, _, _, event = heapq.heappop(self.queue)
            if isinstance(event, _Group):
                self._flush(event, now)
            else:
                self._update(*event, now)
        return tuple(self.sent)

    def _push(self, at: int, order: int, event: _Group | tuple[Labels, int, int | None]) -> None:
        self.count += 1
        heapq.heappush(self.queue, (at, order, self.count, event))

    def _update(self, labels: Labels, starts: int, ends: int | None, now: int) -> None:
        if self.latest.get(labels, starts) > starts:
            return  # it fires again, so Prometheus has forgotten that it was resolved
        self.latest[labels] = starts
        if ends is None:
            self.inhibitor.fire(labels)
        else:
            self.inhibitor.resolve(labels)
        for delivery in route(self.config, dict(labels)):
            self._insert(delivery, labels, starts, ends, now)

    def _insert(self, delivery: Delivery, labels: Labels, starts: int, ends: int | None, now: int) -> None:
        found = group_labels(delivery, dict(labels))
        group_id = (delivery.position, tuple(found.items()))
        group = self.groups.get(group_id)
        if group is None:
            group = self.groups[group_id] = _Group(group_id, delivery, group_key(delivery, found))
            wait = _ms(delivery.group_wait)
            self._push(now if starts + wait < now else now + wait, 2, group)
        group.alerts[labels] = (starts, ends)

    def _flush(self, group: _Group, now: int) -> None:
        gone = frozenset(labels for labels, (_, ends) in group.alerts.items() if ends is not None and ends <= now)
        heard = [labels for labels in sorted(group.alerts) if not self.inhibitor.silences(labels)]
        if heard and self._is_open(group.delivery, now):
            self._notify(group, frozenset(heard) - gone, frozenset(heard) & gone, now)
        for labels in gone:
            del group.alerts[labels]
        if group.alerts:
            self._push(now + _ms(group.delivery.group_interval), 2, group)
        else:
            del self.groups[group.id]

    def _is_open(self, delivery: Delivery, now: int) -> bool:
        """Whether time intervals let the route notify now."""
        moment = self.start + timedelta(milliseconds=now)
        active, mute = delivery.active_time_intervals, delivery.mute_time_intervals
        return (not active or any_active(self.config, active, moment)) and not any_active(self.config, mute, moment)

    def _notify(self, group: _Group, firing: frozenset[Labels], resolved: frozenset[Labels], now: int) -> None:
        repeat = _ms(group.delivery.repeat_interval)
        receiver = next((one for one in self.config.receivers if one.name == group.delivery.receiver), None)
        for index, integration in enumerate(receiver.integrations if receiver else ()):
            key = (group.key, group.delivery.receiver, index)
            entry = self.log.get(key)
            if entry is not None and entry.is_expired(now):
                entry = None
            tells_resolved = _sends_resolved(integration)
            reason = reason_to_notify(entry, firing, resolved, send_resolved=tells_resolved, repeat=repeat, now=now)
            if reason is None:
                continue
            self.log[key] = Entry(now, firing, resolved, repeat)
            if firing or tells_resolved:
                told = resolved if tells_resolved else frozenset()
                self.sent.append(
                    Notification(
                        now / 1000,
                        group.delivery.receiver,
                        integration,
                        group.key,
                        reason,
                        _dicts(firing),
                        _dicts(told),
                    )
                )


def _sends_resolved(integration: Integration) -> bool:
    kind = INTEGRATIONS.get(integration.kind)
    stated = integration.settings.get("send_resolved")
    return stated if isinstance(stated, bool) else kind is None or kind.send_resolved


def _dicts(alerts: frozenset[Labels]) -> tuple[Mapping[str, str], ...]:
    return tuple(dict(labels) for labels in sorted(alerts))
