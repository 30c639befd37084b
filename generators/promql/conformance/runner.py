"""Running promqltest scripts, and comparing what comes with what they expect.

Each instant case is held three ways, as in the original: as it stands; as the middle of a short range query; and with
``@ T`` added to its selectors, evaluated at other times, where its functions do not depend on the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from generators.diagnostics import Code
from generators.promql.conformance.script import Clear, Eval, Load, Text, read_script
from generators.promql.engine.evaluator import evaluate
from generators.promql.engine.invariant import TIME_FUNCTIONS
from generators.promql.engine.results import (
    NATIVE_HISTOGRAM,
    Limits,
    MatrixValue,
    Result,
    Sample,
    ScalarValue,
    StringValue,
    Value,
    VectorValue,
)
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, from_mapping, get
from generators.promql.engine.series.notation import SeriesDescription
from generators.promql.engine.series.storage import Storage
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, MatrixSelector, Subquery, Unary, VectorSelector
from generators.promql.syntax.parser import parse
from generators.promql.syntax.walk import children

CASE_FAILED = Code(
    "Q320",
    "a conformance case does not hold",
    "The engine gave another result than the script of Prometheus' own test suite expects. That is a fault of the "
    "engine, or of a script that was changed by hand.",
    "eval instant at 0 1 + 1\n  3",
    "eval instant at 0 1 + 1\n  2",
)


LOOKBACK_MS = 300_000
SUBQUERY_STEP_MS = 60_000
_CONTEXT_FUNCTIONS = frozenset(("start", "end", "range", "step"))
_MOVING_FUNCTIONS = TIME_FUNCTIONS | _CONTEXT_FUNCTIONS
_HISTOGRAM_SUFFIXES = ("_bucket", "_count", "_sum")


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """A case that did not hold, or (among skips) could not be run."""

    line: int
    expression: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of a script: counts, and the lines and messages of failed and skipped cases."""

    passed: int
    failures: tuple[CaseFailure, ...]
    skips: tuple[CaseFailure, ...]

    @property
    def failed(self) -> int:
        """Number of cases that did not hold."""
        return len(self.failures)

    @property
    def skipped(self) -> int:
        """Number of cases with native histograms."""
        return len(self.skips)


class _NativeHistogram(Exception):  # noqa: N818 - a signal, not an error
    """The case needs native histograms."""


def run(text: str, *, profile: Profile = PROMETHEUS_3, limits: Limits | None = None) -> Report:
    """Run a script; raises `ScriptError` when it cannot be read.

    A case is skipped only when it selects native histograms or expects them.
    """
    storage = Storage()
    passed, failures, skips = 0, [], []
    for statement in read_script(text):
        if isinstance(statement, Clear):
            storage = Storage()
        elif isinstance(statement, Load):
            load(storage, statement)
        else:
            try:
                _check(statement, _Engine(storage, profile, limits))
                passed += 1
            except _NativeHistogram as skip:
                skips.append(CaseFailure(statement.line, statement.expr, str(skip)))
            except Mismatch as mismatch:
                failures.append(CaseFailure(statement.line, statement.expr, str(mismatch)))
    return Report(passed, tuple(failures), tuple(skips))


def load(storage: Storage, statement: Load) -> None:
    """Put the series of a load statement into a storage."""
    for series, told in zip(statement.series, statement.starts, strict=True):
        times = np.arange(series.values.size, dtype=np.int64) * statement.step
        floats = ~series.missing & ~series.histogram
        starts: list[int] = []
        if told is not None:
            offsets = zip(told.offsets, times.tolist(), floats, strict=True)
            starts = [0 if offset is None else moment + offset for offset, moment, kept in offsets if kept]
        storage.add(series.labels, times[floats], series.values[floats], times[series.histogram], starts)
        name = get(series.labels, METRIC_NAME)
        if statement.custom_buckets and name.endswith(_HISTOGRAM_SUFFIXES):
            labels = {key: value for key, value in series.labels if key != "le"}
            base = next(name.removesuffix(suffix) for suffix in _HISTOGRAM_SUFFIXES if name.endswith(suffix))
            labels[METRIC_NAME] = base
            storage.add(from_mapping(labels), (), (), times[floats])


@dataclass(frozen=True, slots=True)
class _Engine:
    """The engine with the options of the original test suite."""

    storage: Storage
    profile: Profile
    limits: Limits | None

    def run(self, expr: Expr, query: str, start: int, end: int | None = None, step: int = 0) -> Result:
        """Evaluate; raises `_NativeHistogram` when that takes native histograms."""
        result = evaluate(
            expr,
            self.storage,
            start,
            end,
            step,
            profile=self.profile,
            lookback_ms=LOOKBACK_MS,
            default_step_ms=SUBQUERY_STEP_MS,
            delayed_name_removal=True,
            start_timestamps=True,
            limits=self.limits,
            query=query,
        )
        if result.error is not None and result.error.kind == NATIVE_HISTOGRAM:
            raise _NativeHistogram(result.error.message)
        return result


def _check(case: Eval, engine: _Engine) -> None:
    if any(series.histogram.any() for series in case.series):
        raise _NativeHistogram("native histograms are expected")
    expr, problems = parse(case.expr)
    if expr is None:
        if case.expects("fail"):
            return
        raise Mismatch("; ".join(problem.message for problem in problems))
    if case.step is not None:
        _check_result(case, engine.run(expr, case.expr, case.start, case.end, case.step))
        return
    for variant, moment in ((expr, case.start), *_moved(expr, case.start)):
        try:
            _check_instant(case, variant, moment, engine)
        except Mismatch as mismatch:
            raise Mismatch(f"{mismatch} (at {moment} ms{', with @' if variant is not expr else ''})") from mismatch


def _check_result(case: Eval, result: Result) -> bool:
    """Compare a result with a case; whether there is a value to look at further."""
    value = result.value
    if result.error is not None:
        if not case.expects("fail"):
            raise Mismatch(f"failed: {result.error.message}")
        wanted = case.texts["fail"][0]
        if not wanted.accepts(result.error.message):
            raise Mismatch(f"failed with: {result.error.message}")
        return False
    if value is None or case.expects("fail"):
        raise Mismatch("did not fail")
    compare_notes(case, result)
    compare(case, value)
    return True


def _check_instant(case: Eval, expr: Expr, moment: int, engine: _Engine) -> None:
    result = engine.run(expr, case.expr, moment)
    excluded = case.samples is not None or case.string is not None
    if not _check_result(case, result) or excluded or _has_call(expr, _CONTEXT_FUNCTIONS):
        return
    ranged = engine.run(expr, case.expr, moment - 60_000, moment + 60_000, 60_000)
    if not isinstance(ranged.value, MatrixValue):
        raise Mismatch(f"failed as a range query: {ranged.error.message if ranged.error else ranged.value}")
    if case.expects("ordered"):
        return
    samples = tuple(
        Sample(series.labels, float(series.values[place]))
        for series in ranged.value.series
        for place in np.flatnonzero(series.timestamps == moment)
    )
    if isinstance(result.value, ScalarValue):
        compare(case, ScalarValue(samples[0].value))
    else:
        compare(case, VectorValue(samples))


# --- the same expression at other times ------------------------------------------------------------------------


def _outside_subqueries(expr: Expr) -> Iterator[Expr]:
    yield expr
    if not isinstance(expr, Subquery):
        for child in children(expr):
            yield from _outside_subqueries(child)


def _has_call(expr: Expr, names: frozenset[str]) -> bool:
    if isinstance(expr, Call) and expr.function in names:
        return True
    return any(_has_call(child, names) for child in children(expr))


def _moved(expr: Expr, moment: int) -> list[tuple[Expr, int]]:
    """The expression with ``@ moment``, to be evaluated at other times; none where time itself is read."""
    calls = (node for node in _outside_subqueries(expr) if isinstance(node, Call))
    if any(node.function in _MOVING_FUNCTIONS for node in calls):
        return []
    pinned = _pin(expr, moment)
    others = (-10 * moment, 0, moment // 5, moment, 10 * moment) if moment else (-1000, 0, 1000)
    return [(pinned, other) for other in others]


def _pin(expr: Expr, moment: int) -> Expr:
    """The expression with ``@ moment`` at its selectors and subqueries, except inside subqueries."""
    match expr:
        case VectorSelector() | Subquery():
            return replace(expr, at=moment) if expr.at is None else expr
        case MatrixSelector(selector):
            return expr if selector.at is not None else replace(expr, selector=replace(selector, at=moment))
        case Call():
            return replace(expr, arguments=tuple(_pin(argument, moment) for argument in expr.arguments))
        case Aggregate():
            parameter = None if expr.parameter is None else _pin(expr.parameter, moment)
            return replace(expr, parameter=parameter, expr=_pin(expr.expr, moment))
        case Binary():
            return replace(expr, left=_pin(expr.left, moment), right=_pin(expr.right, moment))
        case Unary():
            return replace(expr, expr=_pin(expr.expr, moment))
    return expr


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
