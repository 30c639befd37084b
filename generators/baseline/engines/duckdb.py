"""DuckDB inside the process: Parquet, CSV, JSON and Arrow files, data frames, and tables of other databases."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generators.baseline.codes import NO_SUCH_DATA, NOT_INSTALLED
from generators.baseline.engines import BOOLEAN, NUMBER, OTHER, TEXT, TIME, DataError, TableColumn
from generators.baseline.engines.files import MISSING_TEXTS, digest_of_files, ending, matching
from generators.baseline.sql import DUCKDB, Query

INSTALL: Final = "pip install 'watchspec[baseline]'"
MEMORY: Final = "3GiB"
"""What a query may hold; beyond it DuckDB goes to disk."""

_TEXTS: Final = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_READERS: Final = {".parquet": "read_parquet", ".pq": "read_parquet", ".json": "read_json", ".ndjson": "read_json"}
_ARROW: Final = (".arrow", ".feather", ".ipc")
_TABLE: Final = re.compile(r"(?P<database>.+)::(?P<table>[^:]+)")
_KINDS: Final = {
    "BOOLEAN": BOOLEAN,
    "VARCHAR": TEXT,
    "UUID": TEXT,
    "DATE": TIME,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"), NUMBER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), NUMBER),
}


class DuckTable:
    """Data as a view or table of a connection of its own."""

    def __init__(self, connection: _Connection, content: str) -> None:
        self._connection = connection
        self.content = content
        described = connection.execute("DESCRIBE SELECT * FROM rows").fetchall()
        self.columns: Sequence[TableColumn] = [TableColumn(name, _kind(type_), type_) for name, type_, *_ in described]

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """Run a query."""
        try:
            found: list[tuple[Any, ...]] = self._connection.execute(DUCKDB.print(query)).fetchall()
        except self._connection.error as error:
            raise DataError(_first_line(error), "look at the data around what is named") from error
        return found


def open_data(data: str, threads: int | None = None) -> DuckTable:
    """Open a file, a glob of files, or a table ``DATABASE::TABLE``; raises DataError."""
    connection = _connection(threads)
    if (named := _TABLE.fullmatch(data)) is not None:
        _attach(connection, named["database"], named["table"])
        return DuckTable(connection, _digest_of_rows(connection))
    files = matching(data)
    try:
        _view(connection, files, ending(files[0]))
        return DuckTable(connection, digest_of_files(files))
    except connection.error as error:
        raise DataError(f"{data}: {_first_line(error)}", "see whether the file is what its name says") from error


def open_frame(frame: Any, threads: int | None = None) -> DuckTable:
    """Open a data frame of pandas, an Arrow table, or a mapping of names to arrays of numpy; raises DataError."""
    connection = _connection(threads)
    connection.register("given_rows", frame)
    _create(connection, "TABLE", "given_rows")
    return DuckTable(connection, _digest_of_rows(connection))


def _connection(threads: int | None) -> _Connection:
    try:
        duckdb = importlib.import_module("duckdb")
    except ModuleNotFoundError as error:
        raise DataError("DuckDB is not installed", INSTALL, NOT_INSTALLED) from error
    settings: dict[str, Any] = {"memory_limit": MEMORY, "autoinstall_known_extensions": "false"}
    connection = duckdb.connect(config={**settings, **({"threads": threads} if threads else {})})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    return _Connection(connection.execute, connection.register, duckdb.Error)


@dataclass(frozen=True, slots=True)
class _Connection:
    """What is needed of a connection, and what its errors are called, so that DuckDB is imported in one place."""

    execute: Callable[..., Any]
    register: Callable[[str, Any], Any]
    error: type[Exception]


def _view(connection: _Connection, files: Sequence[str], kind: str) -> None:
    listed = DUCKDB.texts(files)
    if kind in _TEXTS:
        missing = DUCKDB.texts(MISSING_TEXTS)
        # Text first: a column whose thousandth value is no number is to be counted, not refused.
        options = f"all_varchar = true, nullstr = {missing}, union_by_name = true"
        _create(connection, "TABLE", f"read_csv({listed}, {options})")
    elif kind in _READERS:
        _create(connection, "VIEW", f"{_READERS[kind]}({listed}, union_by_name = true)")
    elif kind in _ARROW:
        connection.register("given_rows", _arrow(files))
        _create(connection, "TABLE", "given_rows")
    else:
        known = ", ".join((*_TEXTS[:3], *_READERS, *_ARROW))
        raise DataError(f"{files[0]}: an unknown kind of file", f"kinds that can be read: {known}")


def _create(connection: _Connection, kind: str, source: str) -> None:
    """Name what is read ``rows``."""
    connection.execute(" ".join(("CREATE TEMP", kind, "rows AS SELECT * FROM", source)))


def _arrow(files: Sequence[str]) -> Any:
    try:
        dataset = importlib.import_module("pyarrow.dataset")
    except ModuleNotFoundError as error:
        raise DataError("Arrow files need pyarrow", "pip install pyarrow", NOT_INSTALLED) from error
    return dataset.dataset(list(files), format="ipc").to_table()


def _attach(connection: _Connection, database: str, table: str) -> None:
    """Attach a database read-only and name one of its tables."""
    kind = "postgres" if database.startswith(("postgres://", "postgresql://")) else "sqlite"
    if database.endswith((".duckdb", ".ddb")):
        kind = "duckdb"
    elif kind == "sqlite" and not Path(database).is_file():
        raise DataError(
            f"there is no file {database}", "FILE.db::TABLE, FILE.duckdb::TABLE or postgresql://…::TABLE", NO_SUCH_DATA
        )
    try:
        if kind != "duckdb":
            connection.execute(f"LOAD {kind}")
    except connection.error as error:
        install = f"where the network allows it: python -c \"import duckdb; duckdb.install_extension('{kind}')\""
        raise DataError(
            f"DuckDB reads {kind} with an extension that is not installed",
            f"{install}; else export the table to Parquet",
        ) from error
    try:
        connection.execute(f"ATTACH {DUCKDB.text(database)} AS given (TYPE {kind}, READ_ONLY)")
        name = ".".join(map(DUCKDB.name, ("given", *table.split("."))))
        _create(connection, "VIEW", name)
    except connection.error as error:
        raise DataError(
            f"table `{table}`: {_first_line(error)}", "see the name of the table, with its schema"
        ) from error


def _digest_of_rows(connection: _Connection) -> str:
    """Return the SHA-256 of the sorted digests of all rows, whatever their order is."""
    connection.execute("CREATE TEMP TABLE digests AS SELECT sha256(CAST(rows AS VARCHAR)) AS digest FROM rows")
    found = connection.execute("SELECT sha256(string_agg(digest, '' ORDER BY digest)) FROM digests").fetchone()[0]
    connection.execute("DROP TABLE digests")
    return str(found or hashlib.sha256(b"").hexdigest())


def _kind(type_: str) -> str:
    if type_.startswith("DECIMAL"):
        return NUMBER
    if type_.startswith("TIMESTAMP"):
        return TIME
    return TEXT if type_.startswith("ENUM") else _KINDS.get(type_, OTHER)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
