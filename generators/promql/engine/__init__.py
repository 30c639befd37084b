"""A columnar PromQL engine: one evaluation gives an expression's values at all steps."""

from __future__ import annotations

from generators.promql.engine.evaluator import evaluate
from generators.promql.engine.results import (
    Limits,
    MatrixValue,
    Result,
    Sample,
    ScalarValue,
    SeriesResult,
    StringValue,
    VectorValue,
)
from generators.promql.engine.series.labels import Labels
from generators.promql.engine.series.notation import SeriesDescription, parse_series
from generators.promql.engine.series.storage import STALE, Series, Storage

__all__ = [
    "STALE",
    "Labels",
    "Limits",
    "MatrixValue",
    "Result",
    "Sample",
    "ScalarValue",
    "Series",
    "SeriesDescription",
    "SeriesResult",
    "Storage",
    "StringValue",
    "VectorValue",
    "evaluate",
    "parse_series",
]
