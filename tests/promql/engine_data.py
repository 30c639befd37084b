"""Short ways to load series and to ask for values, shared by the engine's tests."""

from __future__ import annotations

import numpy as np

from generators.promql.engine import Labels, MatrixValue, Result, ScalarValue, Storage, VectorValue, evaluate
from generators.promql.engine.series.notation import read_series
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.syntax.parser import parse

MINUTE = 60_000


def load(*lines: str, step: int = MINUTE, storage: Storage | None = None) -> Storage:
    """A storage with series in promtool's notation, a sample every ``step`` ms."""
    storage = storage or Storage()
    for line in lines:
        series = read_series(line)
        times = np.arange(series.values.size) * step
        kept = ~series.missing & ~series.histogram
        storage.add(series.labels, times[kept], series.values[kept], times[series.histogram])
    return storage


def ask(
    storage: Storage, text: str, start: int = 0, end: int | None = None, step: int = 0, **options: object
) -> Result:
    """The result of a query; times are ms."""
    expr, problems = parse(text)
    assert expr is not None, problems
    return evaluate(expr, storage, start, end, step, query=text, **options)  # type: ignore[arg-type]


def at(storage: Storage, text: str, minutes: float = 0, profile: Profile = PROMETHEUS_3) -> dict[str, float]:
    """An instant query's values by labels in short, ``x=1,y=2``; a scalar has the key "scalar"."""
    result = ask(storage, text, round(minutes * MINUTE), profile=profile)
    assert result.error is None, result.error
    if isinstance(result.value, ScalarValue):
        return {"scalar": result.value.value}
    assert isinstance(result.value, VectorValue)
    return {short(sample.labels): sample.value for sample in result.value.samples}


def over(storage: Storage, text: str, start: int, end: int, step: int) -> dict[str, dict[int, float]]:
    """A range query's values by labels in short and by time in ms."""
    result = ask(storage, text, start, end, step)
    assert result.error is None, result.error
    assert isinstance(result.value, MatrixValue)
    return {
        short(series.labels): dict(zip(series.timestamps.tolist(), series.values.tolist(), strict=True))
        for series in result.value.series
    }


def short(labels: Labels) -> str:
    return ",".join(f"{name}={value}" for name, value in labels)


def error(storage: Storage, text: str, minutes: float = 0) -> str:
    """The message with which an instant query fails."""
    result = ask(storage, text, round(minutes * MINUTE))
    assert result.error is not None, result.value
    return result.error.message
