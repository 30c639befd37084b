"""Calls of functions over range vectors: the table of functions, the checks of their arguments, naming of results."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame, empty_frame, refuse_duplicates, stack
from generators.promql.engine.functions.labels import absent_labels
from generators.promql.engine.go_text import format_general, quote
from generators.promql.engine.ranges.extended import (
    ANCHORED_FUNCTIONS,
    SMOOTHED_FUNCTIONS,
    anchored_count,
    extended_rate,
)
from generators.promql.engine.ranges.over_time import (
    avg_over_time,
    count_over_time,
    first_over_time,
    last_over_time,
    mad_over_time,
    max_over_time,
    min_over_time,
    present_over_time,
    quantile_over_time,
    stddev_over_time,
    stdvar_over_time,
    sum_over_time,
    ts_of_first_over_time,
    ts_of_last_over_time,
    ts_of_max_over_time,
    ts_of_min_over_time,
)
from generators.promql.engine.ranges.range_vectors import RangeVector, range_vector
from generators.promql.engine.ranges.rates import (
    STARTING_FUNCTIONS,
    Outcome,
    changes,
    extrapolated,
    instant_difference,
    resets,
    start_aware,
)
from generators.promql.engine.ranges.trends import deriv, double_exponential_smoothing, predict_linear
from generators.promql.engine.ranges.windows import Windows
from generators.promql.engine.results import BAD_PARAMETER, BAD_SELECTOR, BAD_TYPE, Failure, Floats
from generators.promql.engine.series.labels import METRIC_NAME, get
from generators.promql.syntax.ast import Call, Expr, MatrixSelector, Subquery

RangeFunction: TypeAlias = Callable[[Windows], Outcome]

_RANGE_FUNCTIONS: dict[str, RangeFunction] = {
    "absent_over_time": present_over_time,
    "avg_over_time": avg_over_time,
    "changes": changes,
    "count_over_time": count_over_time,
    "deriv": deriv,
    "double_exponential_smoothing": double_exponential_smoothing,
    "first_over_time": first_over_time,
    "holt_winters": double_exponential_smoothing,
    "idelta": partial(instant_difference, per_second=False),
    "irate": partial(instant_difference, per_second=True),
    "last_over_time": last_over_time,
    "mad_over_time": mad_over_time,
    "max_over_time": max_over_time,
    "min_over_time": min_over_time,
    "predict_linear": predict_linear,
    "present_over_time": present_over_time,
    "quantile_over_time": quantile_over_time,
    "resets": resets,
    "stddev_over_time": stddev_over_time,
    "stdvar_over_time": stdvar_over_time,
    "sum_over_time": sum_over_time,
    "ts_of_first_over_time": ts_of_first_over_time,
    "ts_of_last_over_time": ts_of_last_over_time,
    "ts_of_max_over_time": ts_of_max_over_time,
    "ts_of_min_over_time": ts_of_min_over_time,
}
_RATES = {"rate": (True, True), "increase": (True, False), "delta": (False, False)}
_COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")
RANGE_FUNCTIONS = frozenset((*_RANGE_FUNCTIONS, *_RATES))
"""All functions that `range_call` can evaluate."""


def range_call(context: Context, node: Call) -> Frame:
    """The value of a function over a range vector."""
    place, argument = _range_argument(node)
    modifier = argument.selector.modifier if isinstance(argument, MatrixSelector) else ""
    _check_modifier(node, modifier)
    vector = range_vector(context, argument)
    arguments = tuple(context.scalar(a) for i, a in enumerate(node.arguments) if i != place)
    function = _range_function(context, node.function, modifier)
    frame = _over_windows(context, vector, function, arguments)
    if vector.starts and context.start_times and not modifier and node.function in STARTING_FUNCTIONS:
        frame = _with_start_times(context, node, vector, frame)
    _check_arguments(context, node, frame, arguments)
    if node.function in ("rate", "increase"):
        _suspect_gauges(context, frame, argument)
    if node.function == "absent_over_time":
        return absent_frame(frame, argument)
    if node.function in ("first_over_time", "last_over_time"):
        return frame if context.delayed else refuse_duplicates(frame, node.span)
    named = context.dropping_name(frame)
    return named if context.delayed else refuse_duplicates(named, node.span)


def _range_argument(node: Call) -> tuple[int, MatrixSelector | Subquery]:
    for place, argument in enumerate(node.arguments):
        if isinstance(argument, (MatrixSelector, Subquery)):
            return place, argument
    raise Failure(BAD_TYPE, f"{node.function} needs a range vector, as in metric[5m]", node.span)


def _check_modifier(node: Call, modifier: str) -> None:
    allowed = {"anchored": ANCHORED_FUNCTIONS, "smoothed": SMOOTHED_FUNCTIONS}.get(modifier)
    if allowed is not None and node.function not in allowed:
        names = ", ".join(allowed)
        raise Failure(
            BAD_SELECTOR, f"{modifier} modifier can only be used with: {names} - not with {node.function}", node.span
        )


def _range_function(context: Context, name: str, modifier: str) -> RangeFunction:
    if name in _RATES:
        counter, per_second = _RATES[name]
        if modifier:
            smoothed = modifier == "smoothed"
            return partial(extended_rate, smoothed=smoothed, counter=counter, per_second=per_second)
        zero_first = context.semantics.zero_first
        return partial(extrapolated, counter=counter, per_second=per_second, zero_first=zero_first)
    return partial(anchored_count, function=name) if modifier else _RANGE_FUNCTIONS[name]


def _over_windows(
    context: Context, vector: RangeVector, function: RangeFunction, arguments: tuple[Floats, ...]
) -> Frame:
    shape = (len(vector.labels), context.grid.size)
    if not all(shape):
        return empty_frame(shape[1])
    context.budget.reserve(shape[0] * shape[1], vector.span)
    values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    for places, windows in vector.windows(context, arguments):
        block = slice(places[0], places[-1] + 1) if places[-1] - places[0] == len(places) - 1 else places
        values[block], present[block] = function(windows)
    frame = Frame(vector.labels, values, present, vector.drops_name)
    return frame.nonempty()


def _with_start_times(context: Context, node: Call, vector: RangeVector, frame: Frame) -> Frame:
    """The frame with the rows of those series computed anew whose start times are known."""
    started = vector.started()
    rows = [frame.rows([row for row, labels in enumerate(frame.labels) if labels not in started])]
    for place, starts in vector.starts.items():
        single = vector.only(place)
        for _, windows in single.windows(context):
            begin = int(np.searchsorted(vector.samples[place][0], windows.times[0]))
            known = starts[begin : begin + windows.times.size]
            values, present = start_aware(context, node.function, windows, known, node.arguments[0].span)
            rows.append(Frame(windows.labels, values[None], present[None], single.drops_name))
    return stack(rows, context.grid.size).nonempty()


def _check_arguments(context: Context, node: Call, frame: Frame, arguments: tuple[Floats, ...]) -> None:
    """Parameters are only looked at where there is a sample to apply them to."""
    if not arguments or not frame.labels:
        return
    used = frame.used_steps()
    if node.function == "quantile_over_time":
        check_quantile(context, arguments[0][used], node.arguments[0])
    if node.function in ("double_exponential_smoothing", "holt_winters"):
        for kind, values in zip(("smoothing", "trend"), arguments, strict=True):
            wrong = values[used & ~((values > 0) & (values < 1))]
            if wrong.size:
                short = "sf" if kind == "smoothing" else "tf"
                message = f"invalid {kind} factor. Expected: 0 < {short} < 1, got: {wrong[0]:f}"
                raise Failure(BAD_PARAMETER, message, node.span)


def check_quantile(context: Context, values: Floats, node: Expr) -> None:
    """Warn about each value of a quantile parameter that is not between 0 and 1."""
    wrong = values[~((values >= 0) & (values <= 1))]
    for value in np.unique(wrong).tolist() if wrong.size else ():
        text = f"quantile value should be between 0 and 1, got {format_general(value)}"
        context.warn(text, node.span)


def _suspect_gauges(context: Context, frame: Frame, argument: MatrixSelector | Subquery) -> None:
    span = Span(0, 0) if isinstance(argument, Subquery) else argument.span  # the original has lost the place, too
    for labels in frame.labels:
        name = get(labels, METRIC_NAME)
        if name and not name.endswith(_COUNTER_SUFFIXES):
            text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: " + quote(name)
            context.inform(text, span)


def absent_frame(frame: Frame, argument: Expr) -> Frame:
    """One series of ones where nothing is present; its labels are those that the selector pins down."""
    present = ~frame.used_steps()[None]
    labels = absent_labels(argument)
    result = Frame((labels,), np.ones(present.shape), present, np.zeros(1, dtype=bool))
    return result.nonempty()
