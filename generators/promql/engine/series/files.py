"""Reading series from files: promtool's load notation, the JSON of ``/api/v1/query_range``, CSV, and Parquet.

CSV and Parquet have a column ``timestamp`` (seconds, or RFC 3339 in CSV), a column ``value``, and one column for each
label; the metric name is the column ``__name__``. An empty label is a missing one.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from generators.diagnostics import Span, TextFinding
from generators.formats.durations import parse_duration
from generators.promql.engine.results import BAD_SERIES, Failure
from generators.promql.engine.series.labels import Labels, from_mapping
from generators.promql.engine.series.notation import read_series
from generators.promql.engine.series.parquet import from_parquet
from generators.promql.engine.series.rows import (
    LOOKS,
    TIME,
    VALUE,
    check_columns,
    milliseconds,
    milliseconds_of,
    number_of,
)
from generators.promql.engine.series.storage import Storage


def read_data(path: Path) -> tuple[Storage | None, tuple[TextFinding, ...]]:
    """The series of a file, chosen by its ending: .json, .csv, .parquet, or load notation for anything else."""
    try:
        if path.suffix == ".parquet":
            return from_parquet(path), ()
        text = path.read_text(encoding="utf-8-sig")
        reader = {".json": from_json, ".csv": from_csv}.get(path.suffix, from_notation)
        return reader(text), ()
    except Failure as failure:
        return None, (failure.problem,)
    except UnicodeDecodeError as error:
        reason, remedy = f"not text in UTF-8 (byte {error.start + 1:,})", "the ending of the file says what it holds"
    except OSError as error:
        reason, remedy = error.strerror or str(error), "see whether the path is right"
    except (ValueError, csv.Error) as error:
        reason, remedy = str(error), LOOKS
    return None, (TextFinding(BAD_SERIES, f"{path.name} cannot be read: {reason}", Span(0, 0), remedy),)


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
        raise Failure(problem.kind, problem.message, span, problem.help) from failure
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
            opaque = [milliseconds(float(moment)) for moment, _ in series.get("histograms", ())]
            times = [milliseconds(float(moment)) for moment, _ in points]
            storage.add(from_mapping(series["metric"]), times, [float(value) for _, value in points], opaque)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else f"there is no list of series ({error})"
        message = f"this is not an answer of Prometheus' query_range: {reason}"
        raise Failure(BAD_SERIES, message, Span(0, 0), "save the answer of /api/v1/query_range as it is") from error
    return storage


def from_csv(text: str) -> Storage:
    """Rows of a timestamp, a value and labels. Raises `Failure` with the line of a bad row."""
    reader = csv.DictReader(io.StringIO(text))
    check_columns(reader.fieldnames or ())
    return _from_rows(enumerate(reader, start=2))


def _from_rows(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Storage:
    found: dict[Labels, list[tuple[int, float]]] = {}
    for line, row in rows:
        moment, value = milliseconds_of(row[TIME]), number_of(row[VALUE])
        if moment is None or value is None:
            message = f"line {line}: {row[TIME]!r}, {row[VALUE]!r} is not a time and a number"
            raise Failure(BAD_SERIES, message, Span(0, 0), LOOKS)
        labels = {str(name): str(text) for name, text in row.items() if name not in (TIME, VALUE, None) and text}
        found.setdefault(from_mapping(labels), []).append((moment, value))
    storage = Storage()
    for key, samples in found.items():
        samples.sort(key=lambda sample: sample[0])
        storage.add(key, [moment for moment, _ in samples], [value for _, value in samples])
    return storage
