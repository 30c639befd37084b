"""Who asks an LLM application: a sketch that replicas count users by together, and limits of one user in one process.

The id of a user is hashed with a key that changes every day, and is never kept.  What leaves the process is the sketch
alone: 64 small numbers, from which nobody can be read.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

DAY: Final = 86_400.0
_HOUR: Final = 3600.0
REGISTERS: Final = 64
_VALUE_BITS: Final = 64 - REGISTERS.bit_length() + 1
DAYS: Final = ("even", "odd")
"""Attribute ``ml.day``: whether the day of a key has an even or an odd number, counted from 1970."""


def keyed_hash(identity: str, key: bytes) -> int:
    """Return 64 bits that stand for an identity, of no use without the key."""
    return int.from_bytes(blake2b(identity.encode(), key=key, digest_size=8).digest())


class Sketch:
    """The registers of a HyperLogLog with a standard error of 13 % (Flajolet, Fusy, Gandouet, Meunier, 2007).

    A register is the greatest rank of the hashes that fall to it, so that the sketch of several processes together has
    in each register the greatest of theirs.  The estimate is a rule of Prometheus, over all replicas.
    """

    __slots__ = ("registers",)

    def __init__(self) -> None:
        self.registers = bytearray(REGISTERS)

    def add(self, hashed: int) -> None:
        """Take a hash of 64 bits."""
        place, rest = hashed >> _VALUE_BITS, hashed & ((1 << _VALUE_BITS) - 1)
        rank = _VALUE_BITS - rest.bit_length() + 1
        self.registers[place] = max(self.registers[place], rank)


@dataclass(frozen=True, slots=True)
class _Day:
    """The key of a day, and what was seen with it by hour since 1970."""

    key: bytes
    hours: dict[int, Sketch] = field(default_factory=dict)


class ActiveUsers:
    """The sketch of the users whom this process saw in the last 24 hours.

    Every day, by UTC, has a key that follows from ``secret``, so that all processes that share the secret hash
    alike. Each user is hashed with the keys of today and of yesterday. Yesterday's has seen the whole of the last
    24 hours, and is the one that counts; today's will have by tomorrow. They are told apart by `DAYS`, so that keys
    never mix while processes change the day one after another.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._days: dict[int, _Day] = {}

    def seen(self, user: str, now: float) -> None:
        """Take a user at a time in seconds since 1970."""
        hour = int(now // _HOUR)
        for day in self._current(now).values():
            day.hours.setdefault(hour, Sketch()).add(keyed_hash(user, day.key))

    def registers(self, now: float) -> Iterator[tuple[str, int, int]]:
        """Yield the name of the day, the number of a register and its value, for all registers of both days."""
        oldest = int((now - DAY) // _HOUR) + 1
        for number, day in self._current(now).items():
            for hour in [each for each in day.hours if each < oldest]:
                del day.hours[hour]
            sketches = [sketch.registers for sketch in day.hours.values()]
            for place, value in enumerate(map(max, zip(bytes(REGISTERS), *sketches, strict=True))):
                yield DAYS[number % 2], place, value

    def _current(self, now: float) -> dict[int, _Day]:
        """Return yesterday and today."""
        today = int(now // DAY)
        if today not in self._days:
            days = (today - 1, today)
            self._days = {number: self._days.get(number) or _Day(self._key(number)) for number in days}
        return self._days

    def _key(self, day: int) -> bytes:
        return blake2b(str(day).encode(), key=blake2b(self._secret).digest(), digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a user may ask for before it counts as abuse: requests, tokens, and money in the currency of the spec.

    ``processes`` says among how many processes the requests of one user are spread: each sees its part, and takes as
    much of the limit.  It is 1 where a user stays with a process.  Raises `ValueError` below 1.
    """

    requests_per_minute: float = 60
    tokens_per_hour: float = 100_000
    cost_per_day: float = 100
    processes: int = 1

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise ValueError(f"the requests of a user are spread among {self.processes} processes; write at least 1")


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
    """Finds users who run into a limit in this process, by sliding windows of a minute, an hour and a day."""

    def __init__(self, limits: Limits, capacity: int = 50_000) -> None:
        self._windows: tuple[tuple[str, float, float], ...] = (
            ("requests_per_minute", limits.requests_per_minute / limits.processes, 60.0),
            ("tokens_per_hour", limits.tokens_per_hour / limits.processes, _HOUR),
            ("cost_per_day", limits.cost_per_day / limits.processes, DAY),
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
