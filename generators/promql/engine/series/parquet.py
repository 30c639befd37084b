"""Reading series from Parquet: a row for each sample, with the columns that CSV has, in whatever types they come.

Times are timestamps (those without a zone count as UTC), dates, or numbers of Unix seconds; labels are texts, or
numbers and truth values, which are written as Prometheus would.  A label that is null or empty is missing.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.go_text import format_plain
from generators.promql.engine.results import BAD_SERIES, Failure, Floats, Indices, Times
from generators.promql.engine.series.labels import from_mapping
from generators.promql.engine.series.rows import LOOKS, TIME, VALUE, check_columns, milliseconds_of, number_of
from generators.promql.engine.series.storage import Storage

_FARTHEST: Final = 2.0**53
"""Milliseconds from 1970; numbers beyond are no longer exact, and no times either."""


def from_parquet(path: Path) -> Storage:
    """The series of a Parquet file. Raises `Failure`; without the package pyarrow, too."""
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        message = "reading Parquet needs the package pyarrow"
        raise Failure(BAD_SERIES, message, Span(0, 0), "pip install pyarrow, or convert the file to CSV") from error
    try:
        table = parquet.read_table(path)
        check_columns(table.column_names)
        times = _times(arrow, table.column(TIME))
        values = _values(arrow, table.column(VALUE))
        labels = {name: _texts(arrow, name, table.column(name)) for name in table.column_names if name not in _SAMPLE}
    except (arrow.ArrowException, KeyError) as error:
        message = f"{path.name} cannot be read as Parquet: {error}".splitlines()[0]
        raise Failure(BAD_SERIES, message, Span(0, 0), LOOKS) from error
    return _stored(times, values, labels)


_SAMPLE: Final = (TIME, VALUE)


def _stored(times: Times, values: Floats, labels: dict[str, tuple[list[str], Indices]]) -> Storage:
    """Put samples of the same labels together, in the order in which they first come."""
    storage = Storage()
    if not times.size:
        return storage
    codes = np.array([places for _, places in labels.values()]).reshape(len(labels), times.size)
    _, firsts, which = np.unique(codes, axis=1, return_index=True, return_inverse=True)
    order = np.lexsort((times, which.reshape(-1)))
    rows_of = np.split(order, np.flatnonzero(np.diff(which.reshape(-1)[order])) + 1)
    for first, rows in sorted(zip(firsts.tolist(), rows_of, strict=True), key=lambda pair: pair[0]):
        found = {name: texts[places[first]] for name, (texts, places) in labels.items()}
        storage.add(from_mapping(found), times[rows], values[rows])
    return storage


def _times(arrow: Any, column: Any) -> Times:
    """Milliseconds of a column of timestamps, dates, numbers of seconds, or texts."""
    kind = column.type
    if arrow.types.is_timestamp(kind) or arrow.types.is_date(kind):
        whole = column.cast(arrow.timestamp("ms"), safe=False).cast(arrow.int64())
        _refuse_nulls(column)
        return np.asarray(whole.to_numpy(), dtype=np.int64)
    if arrow.types.is_string(kind) or arrow.types.is_large_string(kind):
        texts = column.to_pylist()
        moments = [milliseconds_of(text) for text in texts]
        for row, moment in enumerate(moments, start=1):
            if moment is None:
                raise _refused(row, f"{texts[row - 1]!r} is no time")
        return np.array(moments, dtype=np.int64)
    numbers = np.round(_numbers(arrow, column, "time") * 1000)
    wrong = np.flatnonzero(~(np.abs(numbers) < _FARTHEST))
    if wrong.size:
        raise _refused(int(wrong[0]) + 1, f"{column[int(wrong[0])].as_py()} is no time in Unix seconds")
    return numbers.astype(np.int64)


def _values(arrow: Any, column: Any) -> Floats:
    if not (arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type)):
        return _numbers(arrow, column, "number")
    texts = column.to_pylist()
    numbers = [number_of(text) for text in texts]
    for row, number in enumerate(numbers, start=1):
        if number is None:
            raise _refused(row, f"{texts[row - 1]!r} is no number")
    return np.array(numbers, dtype=np.float64)


def _numbers(arrow: Any, column: Any, wanted: str) -> Floats:
    kind = column.type
    types = arrow.types
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)):
        raise Failure(BAD_SERIES, f"a column of type {kind} cannot hold a {wanted}", Span(0, 0), LOOKS)
    _refuse_nulls(column)
    return np.array(column.cast(arrow.float64(), safe=False).to_numpy(), dtype=np.float64)


def _refuse_nulls(column: Any) -> None:
    if column.null_count:
        empty = column.is_null().to_numpy()
        raise _refused(int(np.flatnonzero(empty)[0]) + 1, "the time or the value is null")


def _refused(row: int, message: str) -> Failure:
    return Failure(BAD_SERIES, f"row {row}: {message}", Span(0, 0), LOOKS)


def _texts(arrow: Any, name: str, column: Any) -> tuple[list[str], Indices]:
    """The different texts of a label, and which of them each row has."""
    if arrow.types.is_nested(column.type):
        message = f"label `{name}` cannot be of type {column.type}"
        raise Failure(BAD_SERIES, message, Span(0, 0), "give each label a column of its own")
    if not arrow.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    if isinstance(column, arrow.ChunkedArray):  # no rows
        return [""], np.empty(0, dtype=np.intp)
    texts = [_text(name, value) for value in column.dictionary.to_pylist()]
    places = column.indices.fill_null(len(texts)).to_numpy()
    return [*texts, ""], np.asarray(places, dtype=np.intp)


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return format_plain(value)
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                message = f"label `{name}` has a value that is not UTF-8"
                raise Failure(BAD_SERIES, message, Span(0, 0), "write labels as text") from None
    return str(value)
