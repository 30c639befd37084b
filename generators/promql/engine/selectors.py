"""Selecting series: instant vectors, and the windows of range vectors and subqueries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from generators.promql.ast import At, DurationExpr, Matcher, MatchOp, MatrixSelector, Span, Subquery, VectorSelector
from generators.promql.engine.context import Context
from generators.promql.engine.duration_values import duration_ms
from generators.promql.engine.extended import smooth_instants
from generators.promql.engine.frame import Frame, Grid, empty_frame
from generators.promql.engine.labels import METRIC_NAME, Labels, get
from generators.promql.engine.patterns import compile_anchored
from generators.promql.engine.results import (
    BAD_SELECTOR,
    NATIVE_HISTOGRAM,
    Failure,
    Floats,
    Mask,
    Times,
)
from generators.promql.engine.storage import Series, is_stale
from generators.promql.engine.windows import Windows

_CELLS_AT_ONCE = 1 << 17


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
    exact = [m.value for m in matchers if m.label == METRIC_NAME and m.op is MatchOp.EQUAL]
    found = context.storage.named(name if name is not None else exact[0] if exact else None)
    for matcher in matchers:
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
    """The times in seconds of the samples that the selector finds."""
    frame, times = _instant(context, replace(selector, modifier=""))
    return frame.with_values(times / 1000)


def start_times(context: Context, selector: VectorSelector) -> Frame:
    """The start times in seconds of the samples that the selector finds, 0 where they are unknown."""
    frame, times = _instant(context, replace(selector, modifier=""))
    known = {series.labels: series for series in select(context, selector.name, selector.matchers)}
    values = np.zeros(frame.values.shape)
    for row, labels in enumerate(frame.labels):
        series = known[labels]
        if series.starts.size:
            values[row] = series.starts[np.searchsorted(series.timestamps, times[row]).clip(0, series.starts.size - 1)]
    return frame.with_values(values / 1000)


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


@dataclass(frozen=True, slots=True, eq=False)
class RangeVector:
    """A range vector before its function: label sets, name flags, samples, and the range at every step.

    ``reach`` is how far, in ms, the samples extend before and after the range (extended selectors).
    """

    labels: tuple[Labels, ...]
    drops_name: Mask
    samples: list[tuple[Times, Floats]]
    ends: Times
    width: int
    reach: tuple[int, int]
    span: Span
    starts: dict[int, Times] = field(default_factory=dict)

    def started(self) -> frozenset[Labels]:
        """The series whose start times are known."""
        return frozenset(self.labels[place] for place in self.starts)

    def only(self, place: int) -> RangeVector:
        """One of the series."""
        part = slice(place, place + 1)
        return replace(
            self, labels=self.labels[part], drops_name=self.drops_name[part], samples=self.samples[part], starts={}
        )

    def windows(self, context: Context, arguments: tuple[Floats, ...] = ()) -> Iterator[tuple[list[int], Windows]]:
        """Windows of all series, in blocks of series with equal timestamps; with the places of the series."""
        closed = 0 if context.semantics.left_open else 1
        starts = self.ends - self.width
        for group in group_by_times(self.samples):
            low = np.searchsorted(group.times, starts - self.reach[0] - closed, "right")
            high = np.maximum(low, np.searchsorted(group.times, self.ends + self.reach[1], "right"))
            used = high > low
            if not used.any():
                continue
            begin, stop = int(low[used].min()), int(high.max())
            context.budget.read(len(group.places) * (stop - begin), self.span)
            at, times = context.grid.times(), group.times[begin:stop]
            low, high = np.clip(low - begin, 0, stop - begin), np.clip(high - begin, 0, stop - begin)
            chunk = max(1, _CELLS_AT_ONCE // max(low.size, times.size, 1))
            for first in range(0, len(group.places), chunk):
                places = group.places[first : first + chunk]
                table = np.array([values[begin:stop] for values in group.values[first : first + chunk]])
                labels = tuple(self.labels[place] for place in places)
                yield (
                    places,
                    Windows(labels, times, table, low, high, starts, self.ends, at, self.width, arguments),
                )


def range_vector(context: Context, node: MatrixSelector | Subquery) -> RangeVector:
    """The samples of a matrix selector or a subquery."""
    return _subquery(context, node) if isinstance(node, Subquery) else _matrix(context, node)


def _matrix(context: Context, node: MatrixSelector) -> RangeVector:
    selector = node.selector
    if selector.hole:
        raise Failure(BAD_SELECTOR, f"the hole ${selector.name} has not been filled", selector.span)
    width = duration_ms(node.range, context.query)
    ends = moments(context, selector.at, selector.offset)
    found = select(context, selector.name, selector.matchers)
    reach = (context.lookback if selector.modifier else 0, context.lookback if selector.modifier == "smoothed" else 0)
    after, upto = ends - width - reach[0], ends + reach[1]
    for series in found:
        if series.histogram_times.size:
            refuse_histograms(series, after, upto, node.span)
    samples = [series.samples() for series in found]
    labels = tuple(series.labels for series in found)
    starts = {place: series.known_starts() for place, series in enumerate(found) if series.starts.size}
    return RangeVector(labels, np.zeros(len(labels), dtype=bool), samples, ends, width, reach, node.span, starts)


def _subquery(context: Context, node: Subquery) -> RangeVector:
    width = duration_ms(node.range, context.query)
    step = duration_ms(node.step, context.query) or context.default_step
    ends = moments(context, node.at, node.offset)
    earliest = int(ends.min()) - width
    start = int(abs(earliest) // step * step) * (1 if earliest >= 0 else -1)
    if start < earliest or (context.semantics.left_open and start == earliest):
        start += step
    grid = Grid(start, int(ends.max()), step)
    context.budget.reserve(grid.size, node.span)
    inner = context.evaluate(node.expr, context.on(grid)) if grid.size else empty_frame(0)
    if not isinstance(inner, Frame):
        values = np.array(getattr(inner, "values", np.empty(0)))[None]
        inner = Frame(((),), values, np.ones(values.shape, dtype=bool), np.zeros(1, dtype=bool))
    samples = _samples_of(inner, grid.times())
    return RangeVector(inner.labels, inner.drops_name, samples, ends, width, (0, 0), node.span)


def _samples_of(frame: Frame, times: Times) -> list[tuple[Times, Floats]]:
    """The samples of each row; rows with the same gaps share their timestamps."""
    if not frame.labels:
        return []
    shared: dict[bytes, Times] = {}
    samples = []
    for values, present in zip(frame.values, frame.present, strict=True):
        key = present.tobytes()
        if key not in shared:
            shared[key] = times[present]
        samples.append((shared[key], values[present]))
    return samples
