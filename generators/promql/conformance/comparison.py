"""Comparing results with expectations: values within a relative 1e-6, NaN equal to NaN, no series too many or few."""

from __future__ import annotations

import math

import numpy as np

from generators.promql.conformance.script import Eval, Text
from generators.promql.engine.results import MatrixValue, Result, ScalarValue, StringValue, Value, VectorValue
from generators.promql.engine.series.labels import Labels, format_labels
from generators.promql.engine.series.notation import SeriesDescription

TOLERANCE = 1e-6
_SMALLEST_NORMAL = 2.0**-1022


class Mismatch(Exception):  # noqa: N818 - what a case has, not a fault of the program
    """A result that is not what a case expects."""


def almost_equal(left: float, right: float, tolerance: float = TOLERANCE) -> bool:
    """Whether two values differ by less than a share of their sum; NaN equals NaN."""
    if left == right or (math.isnan(left) and math.isnan(right)):
        return True
    size = abs(left) + abs(right)
    difference = abs(left - right)
    if left == 0 or right == 0 or size < _SMALLEST_NORMAL:
        return difference < tolerance * _SMALLEST_NORMAL
    return difference / min(size, 1.7976931348623157e308) < tolerance


def compare_notes(case: Eval, result: Result) -> None:
    """Compare warnings and infos."""
    for kind, texts in (("warn", result.warnings), ("info", result.infos)):
        if case.expects("no_" + kind) and texts:
            raise Mismatch(f"unexpected {kind}: {texts}")
        wanted = case.texts.get(kind)
        if wanted is not None:
            _compare_texts(kind, wanted, texts)


def _compare_texts(kind: str, wanted: list[Text], texts: tuple[str, ...]) -> None:
    if not texts:
        raise Mismatch(f"expected {kind}, got none")
    for each in wanted:
        if not any(each.accepts(text) for text in texts):
            raise Mismatch(f"no {kind} is {each}, there are {texts}")
    for text in texts:
        if not any(each.accepts(text) for each in wanted):
            raise Mismatch(f"unexpected {kind}: {text}")


def compare(case: Eval, value: Value) -> None:
    """Compare a value; raises `Mismatch`."""
    match value:
        case StringValue(text):
            if text != (case.string or ""):
                raise Mismatch(f"expected the string {case.string!r}, got {text!r}")
        case ScalarValue(number):
            if case.scalar is None or not almost_equal(case.scalar, number):
                raise Mismatch(f"expected {_expected(case)}, got the scalar {number}")
        case VectorValue():
            _compare_vector(case, value)
        case MatrixValue():
            _compare_matrix(case, value)


def _expected(case: Eval) -> str:
    return "a vector" if case.scalar is None else f"the scalar {case.scalar}"


def _by_labels(case: Eval) -> dict[Labels, tuple[int, SeriesDescription]]:
    return {series.labels: (place, series) for place, series in enumerate(case.series)}


def _compare_vector(case: Eval, value: VectorValue) -> None:
    if case.scalar is not None:
        raise Mismatch(f"expected the scalar {case.scalar}, got {value}")
    expected = _by_labels(case)
    for place, sample in enumerate(value.samples):
        if sample.labels not in expected:
            raise Mismatch(f"unexpected {format_labels(sample.labels)} {sample.value}")
        position, series = expected.pop(sample.labels)
        if case.expects("ordered") and position != place:
            raise Mismatch(f"{format_labels(sample.labels)} is number {place + 1}, not {position + 1}")
        if not almost_equal(float(series.values[0]), sample.value):
            raise Mismatch(f"{format_labels(sample.labels)} is {sample.value}, not {series.values[0]}")
    if expected:
        raise Mismatch(f"missing {', '.join(map(format_labels, expected))}")


def _compare_matrix(case: Eval, value: MatrixValue) -> None:
    if case.scalar is not None:
        raise Mismatch(f"expected the scalar {case.scalar}, got a matrix")
    start, _, step = case.samples or (case.start, case.end, case.step or 1)
    expected = _by_labels(case)
    for series in value.series:
        if series.labels not in expected:
            raise Mismatch(f"unexpected {format_labels(series.labels)} {series.values}")
        _, wanted = expected.pop(series.labels)
        kept = np.flatnonzero(~wanted.missing)
        times, values = start + kept * step, wanted.values[kept]
        if times.tolist() != series.timestamps.tolist() or not all(map(almost_equal, values, series.values)):
            got = dict(zip(series.timestamps.tolist(), series.values.tolist(), strict=True))
            raise Mismatch(f"{format_labels(series.labels)} is {got}, not {values}")
    if expected:
        raise Mismatch(f"missing {', '.join(map(format_labels, expected))}")
