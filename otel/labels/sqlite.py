"""The durable store of predictions that wait for labels: one SQLite file, for all processes of a node."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from otel.labels.stores import (
    DEFAULT_CAPACITY,
    DEFAULT_DELAY_SECONDS,
    DELAY_FACTOR,
    Joined,
    LockedStore,
    Row,
    StoreError,
)

_SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, at REAL NOT NULL, row TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS pending_at ON pending (at)",
    "CREATE TABLE IF NOT EXISTS requests (request TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, "
    "PRIMARY KEY (request, id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS requests_at ON requests (at)",
)
_OLDEST = "DELETE FROM pending WHERE id IN (SELECT id FROM pending ORDER BY at LIMIT ?)"

BUSY_SECONDS: Final = 0.05
"""How long a write, or a label, waits for another process that writes; both are tried again later."""


class SqliteStore(LockedStore):
    """Rows in a file with a write-ahead log: they survive restarts and are shared by the processes of a node.

    Threads share one connection under a lock; a forked child opens its own.  No prediction waits for the file: the
    folding thread writes, all rows of one fold in one transaction.  Capacity is checked once in a while, so that the
    file may hold up to a sixteenth more.  The file is readable by its owner only.  Raises :class:`StoreError` if it
    cannot be opened.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        capacity: int = DEFAULT_CAPACITY,
        ttl_seconds: float = DEFAULT_DELAY_SECONDS * DELAY_FACTOR,
        clock: Callable[[], float] = time.time,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        super().__init__()
        self._path = Path(path)
        self._capacity = capacity
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._check_every = min(1024, max(1, capacity // 16))
        self._unchecked = 0
        self._process = os.getpid()
        self._inherited: sqlite3.Connection | None = None
        self._connection: sqlite3.Connection | None = self._open()

    def put(self, rows: Sequence[Row]) -> int:
        """Keep rows in one transaction.  Returns how many were forgotten for want of room or of time."""
        records = [(key, row.at, row.dump()) for key, row in rows]
        with self._lock, self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", records)
            requests = [(row.request_id, key, row.at) for key, row in rows if row.request_id is not None]
            connection.executemany("INSERT OR REPLACE INTO requests VALUES (?, ?, ?)", requests)
            self._unchecked += len(records)
            if self._unchecked < self._check_every:
                return 0
            self._unchecked = 0
            return self._forget(connection)

    def take(self, prediction_id: str) -> Joined | None:
        """Return a row once, whichever process asks; one that is older than the time to live is gone."""
        with self._lock, self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute("SELECT row FROM pending WHERE id = ?", (prediction_id,)).fetchone()
            connection.execute("DELETE FROM pending WHERE id = ?", (prediction_id,))
        row = Joined.load(found[0]) if found else None
        return row if row is not None and row.at >= self._clock() - self._ttl_seconds else None

    def take_request(self, request_id: str) -> Sequence[Joined]:
        """Return the rows of all predictions of a request, once."""
        asked = "SELECT row FROM pending WHERE id IN (SELECT id FROM requests WHERE request = ?)"
        with self._lock, self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(asked, (request_id,)).fetchall()
            connection.execute(asked.replace("SELECT row FROM", "DELETE FROM", 1), (request_id,))
            connection.execute("DELETE FROM requests WHERE request = ?", (request_id,))
        oldest = self._clock() - self._ttl_seconds
        return [row for (text,) in found if (row := Joined.load(text)).at >= oldest]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def __len__(self) -> int:
        with self._lock, self._connected() as connection:
            return int(connection.execute("SELECT count(*) FROM pending").fetchone()[0])

    def _forget(self, connection: sqlite3.Connection) -> int:
        connection.execute("DELETE FROM requests WHERE at < ?", (self._clock() - self._ttl_seconds,))
        expired = connection.execute("DELETE FROM pending WHERE at < ?", (self._clock() - self._ttl_seconds,)).rowcount
        excess = int(connection.execute("SELECT count(*) FROM pending").fetchone()[0]) - self._capacity
        return expired + (connection.execute(_OLDEST, (excess,)).rowcount if excess > 0 else 0)

    def _connected(self) -> sqlite3.Connection:
        """Return this process's connection, which commits at the end of a ``with``, or rolls back."""
        if self._process != os.getpid():
            # SQLite forbids to use, and even to close, a connection that a fork inherited.
            self._inherited, self._connection = self._connection, None
            self._process = os.getpid()
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                self._path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            for statement in _SCHEMA:
                connection.execute(statement)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{self._path}: cannot hold predictions that wait for labels: {error}; "
                "its folder must exist and be writable, and the file be a SQLite database or absent"
            ) from error
        return connection
