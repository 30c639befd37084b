"""Where predictions wait for their labels: bounded stores with a time to live, by one small protocol.

Rows are put by the folding thread, many at once, and taken by whoever brings a label.  Anything with these three
methods is a store; over a table of a SQL database, for instance::

    class SqlStore:
        def __init__(self, pool, ttl_seconds):
            self.pool, self.ttl_seconds = pool, ttl_seconds

        def put(self, rows):
            with self.pool.connection() as connection:
                connection.executemany("insert into pending values (%s, %s, %s)", [(key, row.at, row.dump()) for key,
                row in rows]) return connection.execute("delete from pending where at < %s", [time.time() -
                self.ttl_seconds]).rowcount

        def take(self, prediction_id):
            with self.pool.connection() as connection:
                found = connection.execute("delete from pending where id = %s returning row",
                [prediction_id]).fetchone()
            return Joined.load(found[0]) if found else None

        def close(self):
            self.pool.close()
"""

from __future__ import annotations

import json
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from otel.manifest import LabelFacts

DELAY_FACTOR: Final = 3.0
"""How many usual delays a prediction waits for its label; label delays have long tails."""

DEFAULT_DELAY_SECONDS: Final = 7 * 86_400.0
"""The usual delay if the spec does not state one."""

REQUEST_PREDICTIONS: Final = 10_000
"""Predictions of one request that one label reaches at most."""

DEFAULT_CAPACITY: Final = 100_000
"""Predictions that wait at most: about 30 MB in memory."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a label is compared with: the answer of one prediction.

    ``at`` is in seconds since 1970, ``request_id`` that of the request it was made for; ``predicted`` is a class or a
    number, ``score`` the probability of the positive class, ``segments`` hold ``name:value``, ``interval`` is the 90 %
    interval of a predicted number, ``groups`` hold protected attributes with the group that is counted.
    """

    at: float
    predicted: str | float | None
    score: float | None = None
    segments: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    request_id: str | None = None
    groups: tuple[tuple[str, str], ...] = ()

    def dump(self) -> str:
        """Return the row as a line of JSON; numpy's scalars as the numbers that they hold."""
        fields = [self.at, self.predicted, self.score, self.segments, self.interval, self.request_id, self.groups]
        return json.dumps(fields, separators=(",", ":"), default=_plain)

    @classmethod
    def load(cls, text: str | bytes) -> Joined:
        """Return the row that a line of JSON holds."""
        at, predicted, score, segments, interval, *further = json.loads(text)
        ends = (interval[0], interval[1]) if interval else None
        groups = tuple((name, group) for name, group in further[1]) if len(further) > 1 else ()
        return cls(at, predicted, score, tuple(segments), ends, further[0] if further else None, groups)


def _plain(value: Any) -> Any:
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


Row: TypeAlias = tuple[str, Joined]
"""A prediction id and what is needed to join its label."""


class StoreError(ValueError):
    """A store cannot be opened; the message says what is wrong and how to mend it."""


class LabelStore(Protocol):
    """Predictions that wait for their labels.

    A store that also has ``take_request(request_id) -> Sequence[Joined]`` finds all predictions of a request by its id;
    with others a label needs the id of its prediction.
    """

    def put(self, rows: Sequence[Row]) -> int:
        """Keep rows; a known id is replaced.  Returns how many were forgotten for want of room or of time."""

    def take(self, prediction_id: str) -> Joined | None:
        """Return a row once: the same id again finds nothing."""

    def close(self) -> None:
        """Release what the store holds open."""


def time_to_live(labels: LabelFacts, factor: float = DELAY_FACTOR) -> float:
    """Return for how many seconds a prediction waits: the delay of the spec times ``factor``."""
    return (labels.delay_seconds or DEFAULT_DELAY_SECONDS) * factor


class LockedStore:
    """A store whose methods take a lock, which a forked child makes anew: the parent's may be held by a lost thread."""

    _lock: threading.Lock

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _LOCKED.add(self)


_LOCKED: Final[weakref.WeakSet[LockedStore]] = weakref.WeakSet()


def _unlock_in_child() -> None:
    for store in _LOCKED:
        store._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_in_child)


class MemoryStore(LockedStore):
    """Rows in the memory of one process: fast, lost when it ends, unknown to its siblings."""

    def __init__(
        self,
        capacity: int = DEFAULT_CAPACITY,
        ttl_seconds: float = DEFAULT_DELAY_SECONDS * DELAY_FACTOR,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._capacity = capacity
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._rows: OrderedDict[str, Joined] = OrderedDict()
        self._requests: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, rows: Sequence[Row]) -> int:
        """Keep rows, the oldest leave first.  Returns how many were forgotten."""
        oldest = self._clock() - self._ttl_seconds
        forgotten = 0
        with self._lock:
            for key, row in rows:
                self._rows[key] = row
                self._rows.move_to_end(key)
                if row.request_id is not None:
                    self._requests.setdefault(row.request_id, []).append(key)
            while self._rows and (len(self._rows) > self._capacity or next(iter(self._rows.values())).at < oldest):
                self._pop(next(iter(self._rows)))
                forgotten += 1
        return forgotten

    def _pop(self, prediction_id: str) -> Joined | None:
        row = self._rows.pop(prediction_id, None)
        if row is not None and row.request_id is not None:
            others = [each for each in self._requests.pop(row.request_id, []) if each != prediction_id]
            if others:
                self._requests[row.request_id] = others
        return row

    def take(self, prediction_id: str) -> Joined | None:
        """Return a row once; one that is older than the time to live is gone."""
        with self._lock:
            row = self._pop(prediction_id)
        return row if row is not None and row.at >= self._clock() - self._ttl_seconds else None

    def take_request(self, request_id: str) -> Sequence[Joined]:
        """Return the rows of all predictions of a request, once."""
        with self._lock:
            rows = [self._pop(each) for each in list(self._requests.get(request_id, ()))]
        oldest = self._clock() - self._ttl_seconds
        return [row for row in rows if row is not None and row.at >= oldest]

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._rows.clear()
            self._requests.clear()


class RedisClient(Protocol):
    """The commands that are needed of a client such as redis-py's or valkey's."""

    def set(self, name: str, value: str, *, ex: int) -> Any:
        """Set a key that expires after ``ex`` seconds."""

    def getdel(self, name: str) -> Any:
        """Return a key's value, as text or bytes, and delete it; None if there is none."""

    def sadd(self, name: str, *values: str) -> Any:
        """Add to a set."""

    def expire(self, name: str, time: int) -> Any:
        """Let a key expire after ``time`` seconds."""

    def spop(self, name: str, count: int) -> Any:
        """Take so many members out of a set."""


class RedisStore:
    """Rows in Redis or what speaks like it: shared by replicas; the server bounds memory and forgets.

    ``client`` is the caller's own, ``RedisStore(redis.Redis(...))``: nothing is imported here.
    """

    def __init__(self, client: RedisClient, ttl_seconds: float, prefix: str = "label:") -> None:
        self._client = client
        self._seconds = max(1, int(ttl_seconds))
        self._prefix = prefix

    def put(self, rows: Sequence[Row]) -> int:
        """Keep rows.  Returns 0: what the server forgets is its own metric."""
        for key, row in rows:
            self._client.set(self._prefix + key, row.dump(), ex=self._seconds)
            if row.request_id is not None:
                name = f"{self._prefix}request:{row.request_id}"
                self._client.sadd(name, key)
                self._client.expire(name, self._seconds)
        return 0

    def take(self, prediction_id: str) -> Joined | None:
        """Return a row once, whichever replica asks."""
        text = self._client.getdel(self._prefix + prediction_id)
        return None if text is None else Joined.load(text)

    def take_request(self, request_id: str) -> Sequence[Joined]:
        """Return the rows of all predictions of a request, once."""
        found = self._client.spop(f"{self._prefix}request:{request_id}", REQUEST_PREDICTIONS) or ()
        keys = (each.decode() if isinstance(each, bytes) else each for each in found)
        return [row for key in keys if (row := self.take(key)) is not None]

    def close(self) -> None:
        """Do nothing: the client belongs to the caller."""
