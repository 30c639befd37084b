"""Spark, for data that outgrow one machine: the same queries as for DuckDB, printed in its dialect."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from typing import Any, Final

from generators.baseline.codes import NOT_INSTALLED, UNREADABLE
from generators.baseline.engines import BOOLEAN, NUMBER, OTHER, TEXT, TIME, DataError, TableColumn
from generators.baseline.engines.files import MISSING_TEXTS, digest_of_files, ending, matching
from generators.baseline.sql import SPARK, Query

INSTALL: Final = "pip install 'watchspec[spark]', and Java 17"
_FORMATS: Final = {".parquet": "parquet", ".pq": "parquet", ".json": "json", ".ndjson": "json"}
_TEXTS: Final = {".csv": ",", ".csv.gz": ",", ".tsv": "\t", ".tsv.gz": "\t"}
_KINDS: Final = {
    "boolean": BOOLEAN,
    "string": TEXT,
    **dict.fromkeys(("date", "timestamp", "timestamp_ntz"), TIME),
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "double"), NUMBER),
}
_PARTS: Final = 4


class SparkTable:
    """Data as a temporary view of a session."""

    def __init__(self, session: Any, frame: Any, content: str) -> None:
        frame.createOrReplaceTempView("rows")
        self._session = session
        self.columns: Sequence[TableColumn] = [TableColumn(name, _kind(type_), type_) for name, type_ in frame.dtypes]
        self.content = content or self._digest()

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """Run a query; decimals come as whole numbers."""
        try:
            collected = self._session.sql(SPARK.print(query)).collect()
        except Exception as error:
            raise DataError(_first_line(error), "look at the data around what is named", UNREADABLE) from error
        return [tuple(int(value) if type(value).__name__ == "Decimal" else value for value in row) for row in collected]

    def _digest(self) -> str:
        """Return the SHA-256 of sums over the digests of all rows, whatever their order is."""
        digests = "SELECT sha2(to_json(struct(*)), 256) AS digest FROM rows"
        pieces = (
            f"sum(CAST(conv(substring(digest, {1 + 15 * part}, 15), 16, 10) AS DECIMAL(38, 0)))"
            for part in range(_PARTS)
        )
        sums = self._session.sql(" ".join(("SELECT", ", ".join(pieces), "FROM", f"({digests})"))).collect()[0]
        return hashlib.sha256(" ".join(str(each) for each in sums).encode()).hexdigest()


def open_data(data: str, session: Any | None = None) -> SparkTable:
    """Open files that Spark reaches, or a table of its catalogue (``catalog::TABLE``); raises DataError.

    ``session`` is a running one; without it the usual one is taken, which is local where the environment names no
    master.
    """
    found = session or _session()
    database, sign, table = data.partition("::")
    try:
        if sign and database == "catalog":
            return SparkTable(found, found.table(table), "")
        files = [] if "://" in data else matching(data)
        return SparkTable(found, _frame(found, files or [data]), digest_of_files(files) if files else "")
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{data}: {_first_line(error)}", "see whether Spark reaches the file or the table") from error


def _session() -> Any:
    try:
        sql = importlib.import_module("pyspark.sql")
    except ModuleNotFoundError as error:
        raise DataError("PySpark is not installed", INSTALL, NOT_INSTALLED) from error
    try:
        builder = sql.SparkSession.builder.appName("watchspec").config("spark.sql.session.timeZone", "UTC")
        return builder.getOrCreate()
    except Exception as error:
        raise DataError(f"Spark does not start: {_first_line(error)}", INSTALL) from error


def _frame(session: Any, files: Sequence[str]) -> Any:
    kind = ending(files[0])
    if kind in _TEXTS:
        frame = session.read.option("header", True).option("sep", _TEXTS[kind]).csv(list(files))
        return frame.na.replace(list(MISSING_TEXTS), None)
    if kind in _FORMATS:
        return session.read.format(_FORMATS[kind]).load(list(files))
    raise DataError(
        f"{files[0]}: an unknown kind of file", f"kinds that Spark reads: {', '.join((*_TEXTS, *_FORMATS))}"
    )


def _kind(type_: str) -> str:
    return NUMBER if type_.startswith("decimal") else _KINDS.get(type_, OTHER)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
