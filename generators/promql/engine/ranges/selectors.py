"""Selecting series: instant vectors, and the windows of range vectors and subqueries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.duration_values import duration_ms
from generators.promql.engine.frame import Frame, empty_frame
from generators.promql.engine.patterns import compile_anchored
from generators.promql.engine.ranges.extended import smooth_instants
from generators.promql.engine.ranges.windows import Windows
from generators.promql.engine.results import (
    BAD_SELECTOR,
    NATIVE_HISTOGRAM,
    Failure,
    Floats,
    Mask,
    Times,
)
from generators.promql.engine.series.labels import METRIC_NAME, get
from generators.promql.engine.series.storage import Series, is_stale
from generators.promql.syntax.ast import At, DurationExpr, Matcher, MatchOp, VectorSelector


def matches(matcher: Matcher, *, dot_all: bool) -> Callable[[str], bool]:
    """A test of label values; a missing label has the value ""."""
    value = matcher.value
    if matcher.op is MatchOp.EQUAL:
        return lambda text: text == value
    if matcher.op is MatchOp.NOT_EQUAL:
        return lambda text: text != value
    pattern: re.Pattern[str] = compile_anchored(value, matcher.span, dot_all=dot_all)
    if matcher.op is MatchOp.REGEX:
        return lambda text: pattern.fullmatch(text) is not None
    return lambda text: pattern.fullmatch(text) is None


def select(context: Context, name: str | None, matchers: Sequence[Matcher]) -> list[Series]:
    """The series that satisfy all matchers."""
    equal = [matcher for matcher in matchers if matcher.op is MatchOp.EQUAL]
    if name is None:
        name = next((matcher.value for matcher in equal if matcher.label == METRIC_NAME), None)
    first = next((matcher for matcher in equal if matcher.label != METRIC_NAME), None)
    storage = context.storage
    found = storage.named(name) if first is None else storage.with_label(name, first.label, first.value)
    for matcher in matchers:
        if matcher is first:
            continue
        test = matches(matcher, dot_all=context.semantics.dot_all)
        verdicts: dict[str, bool] = {}
        kept = []
        for series in found:
            value = get(series.labels, matcher.label)
            if value not in verdicts:
                verdicts[value] = test(value)
            if verdicts[value]:
                kept.append(series)
        found = kept
    return found


def moments(context: Context, at: int | At | None, offset: DurationExpr | None) -> Times:
    """The data time of every step in ms: ``@`` fixes it, an offset moves it [S]."""
    times = context.grid.times()
    if at is not None:
        fixed = at if not isinstance(at, At) else context.query.start if at is At.START else context.query.end
        times = np.full_like(times, fixed)
    return times - duration_ms(offset, context.query, negative=True)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Series that share their timestamps: their places among all selected series, and their samples [n × T]."""

    places: list[int]
    times: Times
    values: list[Floats]


def group_by_times(samples: Sequence[tuple[Times, Floats]]) -> list[Group]:
    """Series grouped by their timestamp arrays, which are compared as objects."""
    groups: dict[int, Group] = {}
    for place, (times, values) in enumerate(samples):
        group = groups.setdefault(id(times), Group([], times, []))
        group.places.append(place)
        group.values.append(values)
    return list(groups.values())


def refuse_histograms(series: Series, after: Times, upto: Times, span: Span) -> None:
    """An error if a native histogram lies in one of the windows (after, upto]."""
    times = series.histogram_times
    if (np.searchsorted(times, upto, "right") > np.searchsorted(times, after, "right")).any():
        raise Failure(
            NATIVE_HISTOGRAM,
            f"{get(series.labels, METRIC_NAME) or 'the selected series'} has native histograms, "
            "which this engine does not evaluate",
            span,
            "select float series only, or use classic histograms",
        )


def instant_vector(context: Context, selector: VectorSelector) -> Frame:
    """The newest sample within the lookback, at every step."""
    return _instant(context, selector)[0]


def sample_times(context: Context, selector: VectorSelector) -> Frame:
    """The times in seconds of the samples that the selector finds.

    As in Prometheus, ``@`` makes timestamp() and its like forget the selector's offset.
    """
    frame, times = _instant(context, _without_offset(selector))
    return frame.with_values(times / 1000)


def start_times(context: Context, selector: VectorSelector) -> Frame:
    """The start times in seconds of the samples that the selector finds, 0 where they are unknown."""
    frame, times = _instant(context, _without_offset(selector))
    known = {series.labels: series for series in select(context, selector.name, selector.matchers)}
    values = np.zeros(frame.values.shape)
    for row, labels in enumerate(frame.labels):
        series = known[labels]
        if series.starts.size:
            values[row] = series.starts[np.searchsorted(series.timestamps, times[row]).clip(0, series.starts.size - 1)]
    return frame.with_values(values / 1000)


def _without_offset(selector: VectorSelector) -> VectorSelector:
    return replace(selector, modifier="", offset=selector.offset if selector.at is None else None)


def _instant(context: Context, selector: VectorSelector) -> tuple[Frame, Times]:
    if selector.hole:
        raise Failure(BAD_SELECTOR, f"the hole ${selector.name} has not been filled", selector.span)
    found = select(context, selector.name, selector.matchers)
    when = moments(context, selector.at, selector.offset)
    return newest_samples(context, found, when, selector.span, smoothed=selector.modifier == "smoothed")


def newest_samples(
    context: Context, found: Sequence[Series], when: Times, span: Span, *, smoothed: bool = False
) -> tuple[Frame, Times]:
    """The newest sample of each series within the lookback before each moment, and the times of those samples."""
    shape = (len(found), when.size)
    context.budget.reserve(2 * shape[0] * shape[1], span)
    values, origins = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    present = np.zeros(shape, dtype=bool)
    after = when - context.lookback if context.semantics.left_open else when - context.lookback - 1
    for series in found:
        if series.histogram_times.size:
            refuse_histograms(series, after, when + context.lookback if smoothed else when, span)
    samples = [series.samples() if smoothed else (series.timestamps, series.values) for series in found]
    for group in group_by_times(samples):
        if not group.times.size:
            continue
        place = np.searchsorted(group.times, when, "right") - 1
        index = np.maximum(place, 0)
        valid = (place >= 0) & (group.times[index] > after)
        if smoothed:
            values[group.places], present[group.places] = _smoothed(context, group, when)
            continue
        context.budget.read(len(group.places) * int(valid.sum()), span)
        for row, series_values in zip(group.places, group.values, strict=True):
            taken = series_values.take(index)
            values[row], origins[row] = taken, group.times[index]
            present[row] = valid & ~is_stale(taken) if found[row].stale else valid
    labels = tuple(series.labels for series in found)
    frame = Frame(labels, values, present, np.zeros(len(labels), dtype=bool))
    if not frame.labels:
        return empty_frame(when.size), origins
    used = frame.used_rows()
    return (frame, origins) if used.all() else (frame.rows(used), origins[used])


def _smoothed(context: Context, group: Group, when: Times) -> tuple[Floats, Mask]:
    low = np.searchsorted(group.times, when - context.lookback, "right")
    high = np.searchsorted(group.times, when + context.lookback, "right")
    table = np.array(group.values)
    return smooth_instants(Windows((), group.times, table, low, high, when, when, when, 0))
