"""Range vectors: the samples of matrix selectors and subqueries, and their windows at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.duration_values import duration_ms
from generators.promql.engine.frame import Frame, Grid, Scalar, empty_frame
from generators.promql.engine.ranges.selectors import group_by_times, moments, refuse_histograms, select
from generators.promql.engine.ranges.windows import Windows
from generators.promql.engine.results import BAD_SELECTOR, Failure, Floats, Mask, Times
from generators.promql.engine.series.labels import Labels
from generators.promql.syntax.ast import MatrixSelector, Subquery

_CELLS_AT_ONCE = 1 << 17


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
        values = inner.values[None] if isinstance(inner, Scalar) else np.empty((1, 0))
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
