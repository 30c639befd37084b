"""Results of queries: as tables, as curves in the terminal, and in the shape of Prometheus' HTTP API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from generators.cli.commands.query.times import show_time
from generators.cli.tables import table
from generators.promql.engine import MatrixValue, Result, ScalarValue, SeriesResult, StringValue, VectorValue
from generators.promql.engine.go_text import format_plain
from generators.promql.engine.results import Floats, Value
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, get
from generators.promql.templates.numbers import format_float

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_LEAST_CURVE: Final = 20
_LARGE: Final = 1e15
_SMALL: Final = 1e-6


def as_text(value: Value, time: int) -> str:
    """Return a result as a table, or as the number or string that it is."""
    match value:
        case ScalarValue(number):
            return shown(number)
        case StringValue(text):
            return text
        case VectorValue(samples):
            rows = [(series_text(each.labels), shown(each.value)) for each in samples]
            return table(("series", f"value at {show_time(time)}"), rows, right={1}) if rows else "no series"
        case MatrixValue(series):
            return "\n\n".join(map(_listed, series)) or "no series"


def _listed(series: SeriesResult) -> str:
    points = zip(series.timestamps.tolist(), series.values.tolist(), strict=True)
    body = table(("time", "value"), [(show_time(time), shown(value)) for time, value in points], right={1})
    return "\n".join((series_text(series.labels), *(f"  {line}" for line in body.splitlines())))


def as_chart(value: MatrixValue, start: int, end: int, step: int, width: int) -> str:
    """Return one line a series: its name, its extremes and last value, and its curve from start to end."""
    if not value.series:
        return "no series"
    names = [series_text(each.labels) for each in value.series]
    room = max(_LEAST_CURVE, width - max(map(len, names)) - 36)
    rows = [
        (name, *map(_short, _extremes(each.values)), curve(each, start, end, step, room))
        for name, each in zip(names, value.series, strict=True)
    ]
    span = f"{show_time(start)} to {show_time(end)}"
    return table(("series", "min", "max", "last", span), rows, right={1, 2, 3})


def curve(series: SeriesResult, start: int, end: int, step: int, width: int) -> str:
    """Return a series as block characters over its own range of values; a blank where it has no finite sample."""
    steps = (end - start) // step + 1
    cells = min(width, steps)
    finite = np.isfinite(series.values)
    place = ((series.timestamps[finite] - start) // step * cells // steps).astype(np.int64)
    values = series.values[finite]
    if not values.size:
        return " " * cells
    counts = np.bincount(place, minlength=cells)
    means = np.bincount(place, weights=values, minlength=cells) / np.maximum(counts, 1)
    low, high = float(values.min()), float(values.max())
    levels = np.zeros(cells) if high == low else (means - low) / (high - low) * len(_BLOCKS)
    index = np.clip(np.nan_to_num(levels), 0, len(_BLOCKS) - 1).astype(int)
    return "".join(_BLOCKS[level] if filled else " " for level, filled in zip(index, counts, strict=True)).rstrip()


def _extremes(values: Floats) -> tuple[float, float, float]:
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan"), float("nan"), float(values[-1])
    return float(known.min()), float(known.max()), float(values[-1])


def shown(value: float) -> str:
    """Return a number in all its digits, with an exponent only where it would be long."""
    return format_plain(value) if value == 0 or _SMALL <= abs(value) < _LARGE else format_float(value)


def _short(value: float) -> str:
    return format_float(value, "g", 4)


def series_text(labels: Labels) -> str:
    """Return a series as it is written in a query: the name, and the labels in braces."""
    name = get(labels, METRIC_NAME)
    rest = tuple(pair for pair in labels if pair[0] != METRIC_NAME)
    return name + (format_labels(rest) if rest or not name else "")


def as_answer(result: Result, time: int) -> dict[str, Any]:
    """Return a result as the HTTP API would: values are strings, times are seconds."""
    if result.value is None:
        message = result.error.message if result.error is not None else ""
        return {"status": "error", "errorType": "execution", "error": message}
    kind, found = _data(result.value, time / 1000)
    answer: dict[str, Any] = {"status": "success", "data": {"resultType": kind, "result": found}}
    notes = (("warnings", result.warnings), ("infos", result.infos))
    return answer | {name: list(texts) for name, texts in notes if texts}


def _data(value: Value, time: float) -> tuple[str, list[Any]]:
    match value:
        case ScalarValue(number):
            return "scalar", [_seconds(time), format_plain(number)]
        case StringValue(text):
            return "string", [_seconds(time), text]
        case VectorValue(samples):
            return "vector", [
                {"metric": dict(each.labels), "value": [_seconds(time), format_plain(each.value)]} for each in samples
            ]
        case MatrixValue(series):
            return "matrix", [{"metric": dict(each.labels), "values": _points(each)} for each in series]


def _points(series: SeriesResult) -> Sequence[list[Any]]:
    points = zip(series.timestamps.tolist(), series.values.tolist(), strict=True)
    return [[_seconds(time / 1000), format_plain(value)] for time, value in points]


def _seconds(time: float) -> float:
    return int(time) if time == int(time) else time
