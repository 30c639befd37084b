"""Reading series from files: promtool's load notation, the JSON of ``/api/v1/query_range``, CSV, and Parquet.

CSV and Parquet have a column ``timestamp`` (seconds, or RFC 3339 in CSV), a column ``value``, and one column for each
label; the metric name is the column ``__name__``. An empty label is a missing one.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from generators.promql.ast import Span
from generators.promql.durations import parse_duration
from generators.promql.engine.go_text import parse_float
from generators.promql.engine.labels import Labels, from_mapping
from generators.promql.engine.results import BAD_SERIES, Failure
from generators.promql.engine.series import read_series
from generators.promql.engine.storage import Storage
from generators.promql.problems import Problem

_TIME, _VALUE = "timestamp", "value"
_LOOKS = "columns: timestamp, value, and one for each label"


def read_data(path: Path) -> tuple[Storage | None, tuple[Problem, ...]]:
    """The series of a file, chosen by its ending: .json, .csv, .parquet, or load notation for anything else."""
    try:
        if path.suffix == ".parquet":
            return _from_parquet(path), ()
        text = path.read_text(encoding="utf-8-sig")
        reader = {".json": from_json, ".csv": from_csv}.get(path.suffix, from_notation)
        return reader(text), ()
    except Failure as failure:
        return None, (failure.problem,)
    except (OSError, ValueError, csv.Error) as error:
        return None, (Problem(BAD_SERIES, f"{path.name} cannot be read: {error}", Span(0, 0)),)


def from_notation(text: str) -> Storage:
    """``load 30s`` and series, one a line; several such blocks may follow one another. Raises `Failure`."""
    storage = Storage()
    step = 60_000
    place = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped.startswith("load "):
            step = _step(stripped.removeprefix("load ").strip(), place)
        elif stripped and not stripped.startswith("#"):
            _add_line(storage, stripped, step, place + line.index(stripped[0]))
        place += len(line)
    return storage


def _step(text: str, place: int) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise Failure(BAD_SERIES, str(error), Span(place, place + len(text)), "as in: load 30s") from error


def _add_line(storage: Storage, line: str, step: int, place: int) -> None:
    try:
        series = read_series(line)
    except Failure as failure:
        problem = failure.problem
        span = Span(problem.span.start + place, problem.span.end + place)
        raise Failure(problem.code, problem.message, span, problem.help) from failure
    times = np.arange(series.values.size, dtype=np.int64) * step
    floats = ~series.missing & ~series.histogram
    storage.add(series.labels, times[floats], series.values[floats], times[series.histogram])


def from_json(text: str) -> Storage:
    """The answer of ``query_range`` or ``query``, whole or its ``data`` or ``result`` part. Raises `Failure`."""
    try:
        document = json.loads(text)
        while isinstance(document, dict):
            document = document["data"] if "data" in document else document["result"]
        storage = Storage()
        for series in document:
            points = series["values"] if "values" in series else [series["value"]] if "value" in series else []
            opaque = [_milliseconds(float(moment)) for moment, _ in series.get("histograms", ())]
            times = [_milliseconds(float(moment)) for moment, _ in points]
            storage.add(from_mapping(series["metric"]), times, [float(value) for _, value in points], opaque)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        message = f"this is not an answer of Prometheus' query_range: {error}"
        raise Failure(BAD_SERIES, message, Span(0, 0), "save the answer of /api/v1/query_range as it is") from error
    return storage


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def from_csv(text: str) -> Storage:
    """Rows of a timestamp, a value and labels. Raises `Failure` with the line of a bad row."""
    reader = csv.DictReader(io.StringIO(text))
    _check_columns(reader.fieldnames or ())
    return _from_rows(enumerate(reader, start=2))


def _check_columns(names: Iterable[str]) -> None:
    missing = {_TIME, _VALUE} - set(names)
    if missing:
        raise Failure(BAD_SERIES, f"no column {' and no column '.join(sorted(missing))}", Span(0, 0), _LOOKS)


def _from_rows(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Storage:
    found: dict[Labels, list[tuple[int, float]]] = {}
    for line, row in rows:
        moment, value = _moment(row[_TIME]), parse_float(str(row[_VALUE]).strip())
        if moment is None or value is None:
            message = f"line {line}: {row[_TIME]!r}, {row[_VALUE]!r} is not a time and a number"
            raise Failure(BAD_SERIES, message, Span(0, 0), _LOOKS)
        labels = {str(name): str(text) for name, text in row.items() if name not in (_TIME, _VALUE, None) and text}
        found.setdefault(from_mapping(labels), []).append((moment, value))
    storage = Storage()
    for key, samples in found.items():
        samples.sort(key=lambda sample: sample[0])
        storage.add(key, [moment for moment, _ in samples], [value for _, value in samples])
    return storage


def _moment(text: object) -> int | None:
    """Milliseconds of a time in seconds or RFC 3339."""
    if isinstance(text, datetime):
        return _milliseconds(text.timestamp())
    seconds = parse_float(str(text).strip())
    if seconds is not None:
        return _milliseconds(seconds) if np.isfinite(seconds) else None
    try:
        parsed = datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None
    return None if parsed.tzinfo is None else _milliseconds(parsed.timestamp())


def _from_parquet(path: Path) -> Storage:
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        message = "reading Parquet needs the package pyarrow"
        raise Failure(BAD_SERIES, message, Span(0, 0), "pip install pyarrow, or convert the file to CSV") from error
    table = parquet.read_table(path)
    _check_columns(table.column_names)
    return _from_rows(enumerate(table.to_pylist(), start=1))
