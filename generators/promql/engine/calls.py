"""Function calls: finding the function, evaluating its arguments, naming its results."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from generators.promql.ast import Call, Expr, MatrixSelector, Span, StringLiteral, Subquery, VectorSelector
from generators.promql.engine.context import Context, Evaluated
from generators.promql.engine.dates import DATE_PARTS, date_part
from generators.promql.engine.extended import (
    ANCHORED_FUNCTIONS,
    SMOOTHED_FUNCTIONS,
    anchored_count,
    extended_rate,
)
from generators.promql.engine.frame import Frame, Scalar, empty_frame, merge_duplicates, refuse_duplicates, stack
from generators.promql.engine.go_text import format_general, quote
from generators.promql.engine.histograms import histogram_fraction, histogram_quantile, histogram_quantiles
from generators.promql.engine.info import info
from generators.promql.engine.label_functions import absent_labels, label_join, label_replace, sort_by_label
from generators.promql.engine.labels import METRIC_NAME, get
from generators.promql.engine.mathematics import ELEMENTWISE, clamp, greater, lesser, round_to
from generators.promql.engine.over_time import (
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
from generators.promql.engine.rates import Outcome, changes, extrapolated, instant_difference, resets
from generators.promql.engine.results import BAD_PARAMETER, BAD_SELECTOR, BAD_TYPE, Failure, Floats
from generators.promql.engine.selectors import RangeVector, range_vector, sample_times, start_times
from generators.promql.engine.start_times import STARTING_FUNCTIONS, start_aware
from generators.promql.engine.trends import deriv, double_exponential_smoothing, predict_linear
from generators.promql.engine.windows import Windows

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


def call(context: Context, node: Call) -> Evaluated:
    """The value of a function call."""
    name = node.function
    if name in _RANGE_FUNCTIONS or name in _RATES:
        return _range_call(context, node)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(context, node)
    if name in DATE_PARTS:
        return _date(context, node)
    if name in ELEMENTWISE:
        return _without_name(context, _mapped(context, node, ELEMENTWISE[name]), node)
    raise Failure(BAD_PARAMETER, f"unknown function {quote(name)}", node.span)


def _without_name(context: Context, frame: Frame, node: Expr) -> Frame:
    """The rows with names dropped; rows that become equal are merged, or refused where they overlap."""
    named = context.dropping_name(frame)
    return named if context.delayed else merge_duplicates(named, node.span)


def _string(node: Expr) -> str:
    if not isinstance(node, StringLiteral):
        raise Failure(BAD_TYPE, "a string must stand here", node.span)
    return node.value


def _mapped(context: Context, node: Call, function: Callable[[Floats], Floats]) -> Frame:
    frame = context.vector(node.arguments[0])
    return frame.with_values(function(frame.values))


# --- range vectors ---------------------------------------------------------------------------------------------


def _range_function(context: Context, name: str, modifier: str) -> RangeFunction:
    if name in _RATES:
        counter, per_second = _RATES[name]
        if modifier:
            smoothed = modifier == "smoothed"
            return partial(extended_rate, smoothed=smoothed, counter=counter, per_second=per_second)
        zero_first = context.semantics.zero_first
        return partial(extrapolated, counter=counter, per_second=per_second, zero_first=zero_first)
    return partial(anchored_count, function=name) if modifier else _RANGE_FUNCTIONS[name]


def _check_modifier(node: Call, modifier: str) -> None:
    allowed = {"anchored": ANCHORED_FUNCTIONS, "smoothed": SMOOTHED_FUNCTIONS}.get(modifier)
    if allowed is not None and node.function not in allowed:
        names = ", ".join(allowed)
        raise Failure(
            BAD_SELECTOR, f"{modifier} modifier can only be used with: {names} - not with {node.function}", node.span
        )


def _range_argument(node: Call) -> tuple[int, MatrixSelector | Subquery]:
    for place, argument in enumerate(node.arguments):
        if isinstance(argument, (MatrixSelector, Subquery)):
            return place, argument
    raise Failure(BAD_TYPE, f"{node.function} needs a range vector, as in metric[5m]", node.span)


def _range_call(context: Context, node: Call) -> Frame:
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
        return _absent(frame, argument)
    if node.function in ("first_over_time", "last_over_time"):
        return frame if context.delayed else refuse_duplicates(frame, node.span)
    named = context.dropping_name(frame)
    return named if context.delayed else refuse_duplicates(named, node.span)


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


def _start_timestamp(context: Context, node: Call) -> Frame:
    argument = node.arguments[0]
    if not isinstance(argument, VectorSelector) or not context.start_times:
        context.vector(argument)
        return empty_frame(context.grid.size)
    return _without_name(context, start_times(context, argument), node)


def _check_arguments(context: Context, node: Call, frame: Frame, arguments: tuple[Floats, ...]) -> None:
    """Parameters are only looked at where there is a sample to apply them to."""
    if not arguments or not frame.labels:
        return
    used = frame.used_steps()
    if node.function == "quantile_over_time":
        _check_quantile(context, arguments[0][used], node.arguments[0])
    if node.function in ("double_exponential_smoothing", "holt_winters"):
        for kind, values in zip(("smoothing", "trend"), arguments, strict=True):
            wrong = values[used & ~((values > 0) & (values < 1))]
            if wrong.size:
                short = "sf" if kind == "smoothing" else "tf"
                message = f"invalid {kind} factor. Expected: 0 < {short} < 1, got: {wrong[0]:f}"
                raise Failure(BAD_PARAMETER, message, node.span)


def _check_quantile(context: Context, values: Floats, node: Expr) -> None:
    for value in np.unique(values[~((values >= 0) & (values <= 1))]).tolist():
        text = f"quantile value should be between 0 and 1, got {format_general(value)}"
        context.warn(text, node.span)


def _suspect_gauges(context: Context, frame: Frame, argument: MatrixSelector | Subquery) -> None:
    span = Span(0, 0) if isinstance(argument, Subquery) else argument.span  # the original has lost the place, too
    for labels in frame.labels:
        name = get(labels, METRIC_NAME)
        if name and not name.endswith(_COUNTER_SUFFIXES):
            text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: " + quote(name)
            context.inform(text, span)


# --- functions of their own kind -------------------------------------------------------------------------------


def _absent(frame: Frame, argument: Expr) -> Frame:
    """One series of ones where nothing is present; its labels are those that the selector pins down."""
    present = ~frame.used_steps()[None]
    labels = absent_labels(argument)
    result = Frame((labels,), np.ones(present.shape), present, np.zeros(1, dtype=bool))
    return result.nonempty()


def _absent_call(context: Context, node: Call) -> Frame:
    return _absent(context.vector(node.arguments[0]), node.arguments[0])


def _vector(context: Context, node: Call) -> Frame:
    values = context.scalar(node.arguments[0])[None]
    return Frame(((),), values, np.ones(values.shape, dtype=bool), np.zeros(1, dtype=bool))


def _to_scalar(context: Context, node: Call) -> Scalar:
    frame = context.vector(node.arguments[0])
    single = frame.present.sum(axis=0) == 1
    values = np.where(frame.present, frame.values, 0.0)
    picked = np.take_along_axis(values, frame.present.argmax(axis=0)[None], axis=0)[0] if frame.labels else np.nan
    return Scalar(np.where(single, picked, np.nan))


def _timestamp(context: Context, node: Call) -> Frame:
    argument = node.arguments[0]
    if isinstance(argument, VectorSelector):
        return _without_name(context, sample_times(context, argument), node)
    frame = context.vector(argument)
    times = np.broadcast_to(context.grid.times() / 1000, frame.values.shape)
    return _without_name(context, frame.with_values(times), node)


def _date(context: Context, node: Call) -> Frame:
    if node.arguments:
        return _without_name(context, _mapped(context, node, partial(date_part, node.function)), node)
    values = date_part(node.function, np.floor(context.grid.times() / 1000))[None]
    return Frame(((),), values, np.ones(values.shape, dtype=bool), np.zeros(1, dtype=bool))


def _clamp(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    bounds = [context.scalar(argument) for argument in node.arguments[1:]]
    size = context.grid.size
    low = np.full(size, -np.inf) if node.function == "clamp_max" else bounds[0]
    high = np.full(size, np.inf) if node.function == "clamp_min" else bounds[-1]
    result = frame.with_values(clamp(frame.values, low, high), frame.present & ~(high < low))
    return _without_name(context, result.nonempty(), node)


def _round(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    nearest = context.scalar(node.arguments[1]) if len(node.arguments) > 1 else np.ones(context.grid.size)
    return _without_name(context, frame.with_values(round_to(frame.values, nearest)), node)


def _constant(context: Context, value: float) -> Scalar:
    return Scalar(np.full(context.grid.size, value))


def _extreme(function: Callable[[Floats, Floats], Floats], context: Context, node: Call) -> Scalar:
    left, right = (context.scalar(argument) for argument in node.arguments)
    return Scalar(function(left, right))


def _sort(context: Context, node: Call) -> Frame:
    if context.grid.start != context.grid.end:
        text = "sort is ineffective for range queries since results are always ordered by labels"
        context.warn(text, node.span)
    frame = context.vector(node.arguments[0])
    if context.grid.size != 1:
        return frame
    names = [_string(argument) for argument in node.arguments[1:]]
    if node.function.startswith("sort_by_label"):
        return frame.rows(sort_by_label(frame.labels, names, descending=node.function.endswith("_desc")))
    keys = frame.values[:, 0]
    order = np.argsort(-keys if node.function == "sort_desc" else keys, kind="stable")
    return frame.rows(order.tolist())


def _label_replace(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    texts = [_string(argument) for argument in node.arguments[1:]]
    return merge_duplicates(label_replace(frame, texts, node.span, dot_all=context.semantics.dot_all), node.span)


def _label_join(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    texts = [_string(argument) for argument in node.arguments[1:]]
    return merge_duplicates(label_join(frame, texts, node.span), node.span)


def _quantile(context: Context, node: Call) -> Frame:
    values = context.scalar(node.arguments[0])
    _check_quantile(context, values, node.arguments[0])
    frame = context.vector(node.arguments[1])
    return _without_name(context, histogram_quantile(context, frame, values, node.arguments[1]), node)


def _quantiles(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    values = [context.scalar(argument) for argument in node.arguments[2:]]
    for each, argument in zip(values, node.arguments[2:], strict=True):
        _check_quantile(context, each, argument)
    parts = histogram_quantiles(context, frame, values, _string(node.arguments[1]), node.arguments[0])
    return _without_name(context, stack(parts, context.grid.size), node)


def _fraction(context: Context, node: Call) -> Frame:
    lower, upper = (context.scalar(argument) for argument in node.arguments[:2])
    frame = context.vector(node.arguments[2])
    return _without_name(context, histogram_fraction(context, frame, lower, upper, node.arguments[2]), node)


def _native_only(context: Context, node: Call) -> Frame:
    """Functions of native histograms give nothing for floats."""
    context.vector(node.arguments[0])
    return empty_frame(context.grid.size)


def _info(context: Context, node: Call) -> Frame:
    return info(context, node)


_SPECIAL: dict[str, Callable[[Context, Call], Evaluated]] = {
    "absent": _absent_call,
    "clamp": _clamp,
    "clamp_max": _clamp,
    "clamp_min": _clamp,
    "end": lambda context, _: _constant(context, context.query.end / 1000),
    "histogram_avg": _native_only,
    "histogram_count": _native_only,
    "histogram_fraction": _fraction,
    "histogram_quantile": _quantile,
    "histogram_quantiles": _quantiles,
    "histogram_stddev": _native_only,
    "histogram_stdvar": _native_only,
    "histogram_sum": _native_only,
    "info": _info,
    "label_join": _label_join,
    "label_replace": _label_replace,
    "max_of": partial(_extreme, greater),
    "min_of": partial(_extreme, lesser),
    "pi": lambda context, _: _constant(context, np.pi),
    "range": lambda context, _: _constant(context, (context.query.end - context.query.start) / 1000),
    "round": _round,
    "scalar": _to_scalar,
    "sort": _sort,
    "sort_by_label": _sort,
    "sort_by_label_desc": _sort,
    "sort_desc": _sort,
    "start": lambda context, _: _constant(context, context.query.start / 1000),
    "start_timestamp": _start_timestamp,
    "step": lambda context, _: _constant(
        context, 0.0 if context.query.start == context.query.end else context.query.step / 1000
    ),
    "time": lambda context, _: Scalar(context.grid.times() / 1000),
    "timestamp": _timestamp,
    "vector": _vector,
}
