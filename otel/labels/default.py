"""The store of predictions that nobody chose: memory for one process, a file for several workers of a node."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from otel.labels.sqlite import SqliteStore
from otel.labels.stores import Joined, LabelStore, MemoryStore, Row, StoreError
from otel.recording.notices import LOGGER


class DefaultStore:
    """Rows in memory while one process serves; in a file of the temporary folder once several do.

    A label reaches any of the workers, and joins only what that one can see.  ``name`` is that of the model, behind its
    tenant; ``ttl_seconds`` is how long rows wait.  Several nodes need a store of their own choice, such as Redis.
    """

    def __init__(self, name: str, ttl_seconds: float, folder: Path | None = None) -> None:
        self._ttl_seconds = ttl_seconds
        owner = os.getuid() if hasattr(os, "getuid") else 0
        title = "".join(each if each.isalnum() or each in "-." else "_" for each in name)
        self._path = Path(folder or tempfile.gettempdir()) / f"watchspec-labels-{owner}-{title}.db"
        self._several = several_workers(os.environ)
        self._made: LabelStore | None = None

    def forked(self) -> None:
        """Be a file from now on: this process was forked to serve beside others."""
        if isinstance(self._made, MemoryStore):
            self._made = None
        self._several = True

    def put(self, rows: Sequence[Row]) -> int:
        """Keep rows.  Returns how many were forgotten."""
        return self._store().put(rows)

    def take(self, prediction_id: str) -> Joined | None:
        """Return a row once."""
        return self._store().take(prediction_id)

    def take_request(self, request_id: str) -> Sequence[Joined]:
        """Return the rows of all predictions of a request, once."""
        store = self._store()
        return store.take_request(request_id) if isinstance(store, (MemoryStore, SqliteStore)) else ()

    def close(self) -> None:
        """Release what is held open."""
        if self._made is not None:
            self._made.close()

    def _store(self) -> LabelStore:
        if self._made is None:
            self._made = self._file() if self._several else MemoryStore(ttl_seconds=self._ttl_seconds)
        return self._made

    def _file(self) -> LabelStore:
        try:
            return SqliteStore(self._path, ttl_seconds=self._ttl_seconds)
        except StoreError as error:
            LOGGER.warning("several workers serve, and labels join only what the same worker predicted: %s", error)
            return MemoryStore(ttl_seconds=self._ttl_seconds)


def several_workers(environ: Mapping[str, str]) -> bool:
    """Say whether this process seems to be one of several workers of a server."""
    wanted = environ.get("WEB_CONCURRENCY", "")
    spawned = sys.modules.get("multiprocessing.process")
    child = spawned is not None and spawned.parent_process() is not None
    served = "uvicorn.supervisors.multiprocess" in sys.modules and child
    return (wanted.isdecimal() and int(wanted) > 1) or served or "gunicorn.arbiter" in sys.modules
