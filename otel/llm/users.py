"""How many users, and who of them runs into a limit, without keeping who they are.

A user's id is hashed with a random key that lives in this process only and changes every day; the id itself is never
kept.  So a hash says nothing outside the process, and nothing the day after.
"""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

DAY: Final = 86_400.0
_HOUR: Final = 3600.0
_REGISTER_BITS: Final = 11
_REGISTERS: Final = 1 << _REGISTER_BITS
_VALUE_BITS: Final = 64 - _REGISTER_BITS
_ALPHA: Final = 0.7213 / (1 + 1.079 / _REGISTERS)


def keyed_hash(identity: str, key: bytes) -> int:
    """Return 64 bits that stand for an identity, of no use without the key."""
    return int.from_bytes(blake2b(identity.encode(), key=key, digest_size=8).digest())


class Sketch:
    """How many different hashes were seen, with a standard error of 2.3 %, in 2 kB.

    HyperLogLog with linear counting for small numbers (Flajolet, Fusy, Gandouet, Meunier, 2007).
    """

    __slots__ = ("_registers",)

    def __init__(self) -> None:
        self._registers = bytearray(_REGISTERS)

    def add(self, hashed: int) -> None:
        """Take a hash of 64 bits."""
        place, rest = hashed >> _VALUE_BITS, hashed & ((1 << _VALUE_BITS) - 1)
        rank = _VALUE_BITS - rest.bit_length() + 1
        self._registers[place] = max(self._registers[place], rank)

    @staticmethod
    def estimate(sketches: Iterable[Sketch]) -> float:
        """Return how many different hashes the sketches saw together."""
        registers = bytes(map(max, zip(*(each._registers for each in sketches), bytearray(_REGISTERS), strict=True)))
        empty = registers.count(0)
        raw = _ALPHA * _REGISTERS**2 / math.fsum(2.0**-rank for rank in registers)
        return _REGISTERS * math.log(_REGISTERS / empty) if raw <= 2.5 * _REGISTERS and empty else raw


@dataclass(slots=True)
class _Ring:
    """Sketches of the hours since a key was made."""

    key: bytes
    since: float
    hours: dict[int, Sketch] = field(default_factory=dict)


class ActiveUsers:
    """Estimates how many different users the last 24 hours had, in this process.

    Every day gets a key.  Each user is hashed with today's key and with yesterday's, which has by then seen a whole day
    and gives the estimate; the key before is forgotten.
    """

    def __init__(self) -> None:
        self._rings: list[_Ring] = []

    def seen(self, user: str, now: float) -> None:
        """Take a user at a time in seconds since 1970."""
        self._rotate(now)
        hour = int(now // _HOUR)
        for ring in self._rings:
            ring.hours.setdefault(hour, Sketch()).add(keyed_hash(user, ring.key))

    def estimate(self, now: float) -> int:
        """Return the number of different users of the last 24 hours."""
        self._rotate(now)
        if not self._rings:
            return 0
        oldest = int((now - DAY) // _HOUR) + 1
        hours = self._rings[0].hours
        for hour in [each for each in hours if each < oldest]:
            del hours[hour]
        return round(Sketch.estimate(hours.values())) if hours else 0

    def _rotate(self, now: float) -> None:
        if not self._rings or now - self._rings[-1].since >= DAY:
            self._rings = [*self._rings[-1:], _Ring(os.urandom(32), now)]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a user may ask for before it counts as abuse: requests, tokens, and money in the currency of the spec."""

    requests_per_minute: float = 60
    tokens_per_hour: float = 100_000
    cost_per_day: float = 100


@dataclass(slots=True)
class _Window:
    """An amount over a sliding window: this period's, and the part of the last one's that the window still covers."""

    period: int = -1
    current: float = 0.0
    previous: float = 0.0
    over: bool = False

    def add(self, amount: float, now: float, seconds: float) -> float:
        period, part = divmod(now, seconds)
        if period != self.period:
            self.previous = self.current if period == self.period + 1 else 0.0
            self.period, self.current = int(period), 0.0
        self.current += amount
        return self.current + self.previous * (1 - part / seconds)


class Abuse:
    """Finds users who run into a limit, by sliding windows of a minute, an hour and a day."""

    def __init__(self, limits: Limits, capacity: int = 50_000) -> None:
        self._windows: tuple[tuple[str, float, float], ...] = (
            ("requests_per_minute", limits.requests_per_minute, 60.0),
            ("tokens_per_hour", limits.tokens_per_hour, _HOUR),
            ("cost_per_day", limits.cost_per_day, DAY),
        )
        self._capacity = capacity
        self._users: OrderedDict[int, tuple[_Window, ...]] = OrderedDict()
        self._key = b""
        self._day = -1

    def count(self, user: str, tokens: float, cost: float, now: float) -> list[str]:
        """Count a request of a user, and return the limits that it ran into just now: not those it is beyond already.

        ``now`` is in seconds since 1970.  With a new day everything is forgotten, with the key.
        """
        if now // DAY != self._day:
            self._day, self._key = int(now // DAY), os.urandom(32)
            self._users.clear()
        hashed = keyed_hash(user, self._key)
        windows = self._users.setdefault(hashed, tuple(_Window() for _ in self._windows))
        self._users.move_to_end(hashed)
        if len(self._users) > self._capacity:
            self._users.popitem(last=False)
        reached = []
        for window, (name, most, seconds), amount in zip(windows, self._windows, (1, tokens, cost), strict=True):
            over = window.add(amount, now, seconds) > most
            if over and not window.over:
                reached.append(name)
            window.over = over
        return reached
