"""Evaluating a syntax tree over a grid of steps: one function for each kind of node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from generators.diagnostics import TextFinding
from generators.promql.engine.context import Budget, Context, Evaluated, semantics_of
from generators.promql.engine.frame import Frame, Grid, Scalar, merge_duplicates
from generators.promql.engine.functions.calls import call
from generators.promql.engine.invariant import step_invariant
from generators.promql.engine.operators.aggregate import aggregate
from generators.promql.engine.operators.binary import binary
from generators.promql.engine.ranges.extended import extended_samples
from generators.promql.engine.ranges.range_vectors import range_vector
from generators.promql.engine.ranges.selectors import instant_vector
from generators.promql.engine.repeated import repeated_parts
from generators.promql.engine.results import (
    BAD_SELECTOR,
    LIMIT,
    Annotations,
    Failure,
    Limits,
    MatrixValue,
    Result,
    Sample,
    ScalarValue,
    SeriesResult,
    StringValue,
    Value,
    VectorValue,
)
from generators.promql.engine.series.labels import Labels
from generators.promql.engine.series.storage import Storage
from generators.promql.profiles import PROMETHEUS_3, Profile
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)

DEFAULT_LOOKBACK_MS = 300_000
DEFAULT_SUBQUERY_STEP_MS = 60_000


def evaluate(
    expr: Expr,
    storage: Storage,
    start_ms: int,
    end_ms: int | None = None,
    step_ms: int = 0,
    *,
    profile: Profile = PROMETHEUS_3,
    lookback_ms: int = DEFAULT_LOOKBACK_MS,
    default_step_ms: int = DEFAULT_SUBQUERY_STEP_MS,
    delayed_name_removal: bool = False,
    start_timestamps: bool = False,
    limits: Limits | None = None,
    query: str = "",
) -> Result:
    """Evaluate an expression, at one time (``end_ms`` None) or from start to end by ``step_ms``.

    ``delayed_name_removal`` and ``start_timestamps`` are Prometheus' feature flags of those names.
    ``query`` is the text that the tree was parsed from; it gives warnings their positions. An expression that cannot
    be evaluated gives a `Result` with ``error``.
    """
    instant = end_ms is None
    grid = Grid(start_ms, start_ms if end_ms is None else end_ms, 0 if instant else max(1, step_ms))
    notes = Annotations()
    context = Context(
        storage=storage,
        query=grid,
        grid=grid,
        lookback=lookback_ms,
        default_step=default_step_ms,
        semantics=semantics_of(profile),
        delayed=delayed_name_removal,
        start_times=start_timestamps,
        notes=notes,
        budget=Budget(limits or Limits()),
        evaluate=evaluate_node,
        repeated=repeated_parts(expr),
    )
    try:
        with np.errstate(all="ignore"):
            value, error = _value(expr, context, instant=instant), None
    except Failure as failure:
        value, error = None, failure.problem
    except RecursionError:
        value, error = None, TextFinding(LIMIT, "the expression is nested too deeply", expr.span)
    warnings, infos = notes.texts(query, "PromQL warning"), notes.texts(query, "PromQL info")
    return Result(value, warnings, infos, error)


def evaluate_frame(expr: Expr, context: Context) -> Evaluated:
    """The value of a whole query in the engine's own form, names dropped and duplicates refused."""
    value = context.evaluate(expr, context)
    if not isinstance(value, Frame) or not context.delayed:
        return value
    labels = tuple(
        context.nameless(labels) if drops else labels
        for labels, drops in zip(value.labels, value.drops_name, strict=True)
    )
    return merge_duplicates(replace(value, labels=labels), expr.span)


def _value(expr: Expr, context: Context, *, instant: bool) -> Value:
    if isinstance(expr, (MatrixSelector, Subquery)):
        return _range_value(expr, context)
    context.budget.reserve(context.grid.size, expr.span)
    value = evaluate_frame(expr, context)
    if isinstance(value, StringValue):
        return value
    if isinstance(value, Scalar):
        if instant:
            return ScalarValue(float(value.values[0]))
        return MatrixValue((SeriesResult((), context.grid.times(), value.values),) if value.values.size else ())
    if instant:
        return _instant_value(value)
    return _matrix_value(value, context.grid)


def _instant_value(frame: Frame) -> VectorValue:
    rows = zip(frame.labels, frame.values[:, 0].tolist(), frame.present[:, 0].tolist(), strict=True)
    return VectorValue(tuple(Sample(labels, value) for labels, value, present in rows if present))


def _matrix_value(frame: Frame, grid: Grid) -> MatrixValue:
    times = grid.times()
    rows: list[SeriesResult] = []
    for labels, values, present in zip(frame.labels, frame.values, frame.present, strict=True):
        if present.all():
            rows.append(SeriesResult(labels, times, values))
        elif present.any():
            rows.append(SeriesResult(labels, times[present], values[present]))
    return MatrixValue(tuple(sorted(rows, key=lambda row: row.labels)))


def _range_value(node: MatrixSelector | Subquery, context: Context) -> MatrixValue:
    """The samples themselves, for an instant query whose expression is a range vector."""
    if context.grid.size != 1:
        raise Failure(BAD_SELECTOR, "a range query cannot return a range vector", node.span, "apply a function to it")
    vector = range_vector(context, node)
    modifier = node.selector.modifier if isinstance(node, MatrixSelector) else ""
    rows: dict[Labels, list[SeriesResult]] = {}
    for _, windows in vector.windows(context):
        low, high = int(windows.low[0]), int(windows.high[0])
        for index, labels in enumerate(windows.labels):
            times, values = windows.times[low:high], windows.values[index, low:high]
            if modifier:
                extended = extended_samples(windows, smoothed=modifier == "smoothed")
                if not extended:
                    continue
                times, values = np.array(extended[index][0]), extended[index][1]
            if times.size:
                rows.setdefault(labels, []).append(SeriesResult(labels, times, values))
    return MatrixValue(tuple(series for labels in sorted(rows) for series in rows[labels]))


def evaluate_node(expr: Expr, context: Context) -> Evaluated:
    """The value of a node at every step of the context's grid; that of a repeated one is remembered."""
    first = context.repeated.get(id(expr)) if context.repeated else None
    if first is None:
        return _at_steps(expr, context)
    key = (first, context.grid)
    if key not in context.known:
        value = _at_steps(expr, context)
        if context.notes.found or not isinstance(value, Frame):  # a note tells the place of each part that earns it
            return value
        value.values.flags.writeable = value.present.flags.writeable = False
        context.known[key] = value
    return context.known[key]


def _at_steps(expr: Expr, context: Context) -> Evaluated:
    if context.grid.start < context.grid.end and not isinstance(expr, NumberLiteral) and step_invariant(expr):
        grid = context.grid
        return _repeated(_node(expr, context.on(Grid(grid.start, grid.start, grid.step))), grid.size)
    return _node(expr, context)


def _repeated(value: Evaluated, steps: int) -> Evaluated:
    """One step's value at all steps."""
    if isinstance(value, Scalar):
        return Scalar(np.broadcast_to(value.values, steps))
    if isinstance(value, Frame):
        shape = (len(value.labels), steps)
        return value.with_values(np.broadcast_to(value.values, shape), np.broadcast_to(value.present, shape))
    return value


def _node(expr: Expr, context: Context) -> Evaluated:
    match expr:
        case NumberLiteral(value):
            return Scalar(np.full(context.grid.size, value))
        case StringLiteral(value):
            return StringValue(value)
        case VectorSelector():
            return instant_vector(context, expr)
        case Call():
            return call(context, expr)
        case Aggregate():
            return aggregate(context, expr)
        case Binary():
            return binary(context, expr)
        case Unary():
            return _unary(context, expr)
        case MatrixSelector() | Subquery():
            raise Failure(BAD_SELECTOR, "a range vector cannot stand here", expr.span, "apply a function to it")


def _unary(context: Context, node: Unary) -> Evaluated:
    value = context.evaluate(node.expr, context)
    if node.op == "+" or isinstance(value, StringValue):
        return value
    if isinstance(value, Scalar):
        return Scalar(-value.values)
    negative = context.dropping_name(value.with_values(-value.values))
    return negative if context.delayed else merge_duplicates(negative, node.span)
