"""Function calls: finding the function, evaluating its arguments, naming its results."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from generators.promql.engine.context import Context, Evaluated
from generators.promql.engine.frame import Frame, Scalar, empty_frame, merge_duplicates, stack
from generators.promql.engine.functions.histograms import histogram_fraction, histogram_quantile, histogram_quantiles
from generators.promql.engine.functions.info import info
from generators.promql.engine.functions.labels import label_join, label_replace, sort_by_label
from generators.promql.engine.functions.mathematics import (
    DATE_PARTS,
    ELEMENTWISE,
    clamp,
    date_part,
    greater,
    lesser,
    round_to,
)
from generators.promql.engine.go_text import quote
from generators.promql.engine.ranges.calls import RANGE_FUNCTIONS, absent_frame, check_quantile, range_call
from generators.promql.engine.ranges.selectors import sample_times, start_times
from generators.promql.engine.results import BAD_PARAMETER, BAD_TYPE, Failure, Floats
from generators.promql.syntax.ast import Call, Expr, StringLiteral, VectorSelector


def call(context: Context, node: Call) -> Evaluated:
    """The value of a function call."""
    name = node.function
    if name in RANGE_FUNCTIONS:
        return range_call(context, node)
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


def _start_timestamp(context: Context, node: Call) -> Frame:
    argument = node.arguments[0]
    if not isinstance(argument, VectorSelector) or not context.start_times:
        context.vector(argument)
        return empty_frame(context.grid.size)
    return _without_name(context, start_times(context, argument), node)


def _absent_call(context: Context, node: Call) -> Frame:
    return absent_frame(context.vector(node.arguments[0]), node.arguments[0])


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
    check_quantile(context, values, node.arguments[0])
    frame = context.vector(node.arguments[1])
    return _without_name(context, histogram_quantile(context, frame, values, node.arguments[1]), node)


def _quantiles(context: Context, node: Call) -> Frame:
    frame = context.vector(node.arguments[0])
    values = [context.scalar(argument) for argument in node.arguments[2:]]
    for each, argument in zip(values, node.arguments[2:], strict=True):
        check_quantile(context, each, argument)
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
    "info": info,
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
