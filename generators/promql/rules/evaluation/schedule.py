"""When groups are evaluated: ticks in milliseconds, in stretches of equal steps between outages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from generators.promql.engine.hashing import xxhash64
from generators.promql.engine.results import Times
from generators.promql.engine.series.labels import encode_labels, from_mapping
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.rules.model import Group

DEFAULT_INTERVAL = 60_000


@dataclass(frozen=True, slots=True)
class Outage:
    """The server is down from ``start`` up to ``end``, in Unix milliseconds, and forgets all that is not stored."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Server:
    """How a server evaluates rules; times and durations in milliseconds.

    ``same_interval`` evaluates all groups at this interval from the very start, whatever their own, as promtool does.
    ``hashed_slots`` spreads groups over their interval as a server does; otherwise all start at whole intervals.
    """

    interval: int = DEFAULT_INTERVAL
    query_offset: int = 0
    lookback: int = 300_000
    resend_delay: int = 60_000
    external_labels: tuple[tuple[str, str], ...] = ()
    external_url: str = ""
    profile: Profile = PROMETHEUS_3
    same_interval: int = 0
    hashed_slots: bool = False
    default_step: int = DEFAULT_INTERVAL
    outages: tuple[Outage, ...] = ()
    for_grace_period: int = 600_000
    outage_tolerance: int = 3_600_000

    def interval_of(self, group: Group) -> int:
        """Return the interval at which a group is evaluated."""
        return self.same_interval or group.interval or self.interval

    def offset_of(self, group: Group) -> int:
        """Return how far a group's queries look back."""
        return self.query_offset if group.query_offset is None else group.query_offset


Stretch: TypeAlias = Times
"""Ticks at equal steps, without an outage in between."""


def stretches(group: Group, path: str, server: Server, start: int, end: int) -> tuple[Stretch, ...]:
    """Return the ticks of a group from start to end, both included; each outage begins a new stretch."""
    step = server.interval_of(group)
    first = (
        start if server.same_interval else _first(start, step, _slot(group, path, step) if server.hashed_slots else 0)
    )
    return tuple(
        stretch
        for low, high in _running(server.outages, start, end)
        if (stretch := _ticks(first, step, low, high)).size
    )


def _first(start: int, step: int, slot: int) -> int:
    return start + (slot - start) % step


def _ticks(first: int, step: int, low: int, high: int) -> Times:
    begin = first + max(0, -(-(low - first) // step)) * step
    return np.arange(begin, high + 1, step, dtype=np.int64)


def _running(outages: tuple[Outage, ...], start: int, end: int) -> Iterator[tuple[int, int]]:
    low = start
    for outage in sorted(outages, key=lambda outage: outage.start):
        yield low, min(outage.start - 1, end)
        low = max(low, outage.end)
    yield low, end


def _slot(group: Group, path: str, step: int) -> int:
    """Return the group's place in its interval: Prometheus' hash of name and file, in nanoseconds."""
    digest = xxhash64(encode_labels(from_mapping({"name": group.name, "file": path})))
    return digest % (step * 1_000_000) // 1_000_000
