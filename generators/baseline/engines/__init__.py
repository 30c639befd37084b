"""What executes queries over data: DuckDB in the process, or Spark on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from generators.baseline.codes import UNREADABLE
from generators.baseline.sql import Query
from generators.diagnostics import Code

NUMBER, TEXT, BOOLEAN, TIME, OTHER = "number", "text", "boolean", "time", "other"


class DataError(Exception):
    """The data cannot be read; the message says why, ``help`` how to mend it."""

    def __init__(self, message: str, help_: str = "", kind: Code = UNREADABLE) -> None:
        super().__init__(message)
        self.help = help_
        self.kind = kind


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the data: its name, its ``kind`` (number, text, boolean, time or other), the engine's own type."""

    name: str
    kind: str
    type: str


class Table(Protocol):
    """Data that queries run over, under the name ``rows``.

    ``content`` is the SHA-256 of what was read, in hex: of a file's bytes, of the sorted digests of several files,
    or of the sorted digests of a table's rows.
    """

    @property
    def columns(self) -> Sequence[TableColumn]:
        """Its columns, in their order."""

    @property
    def content(self) -> str:
        """SHA-256 of the data."""

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """Run a query; numbers come as int or float, exact sums as int."""
