"""Aggregations over labels.

sum, avg, min, max, count, group, stddev, stdvar, quantile and count_values make one element of a group; topk, bottomk,
limitk and limit_ratio keep some of its elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame, empty_frame
from generators.promql.engine.go_text import format_general, format_plain
from generators.promql.engine.hashing import xxhash64
from generators.promql.engine.ranges.over_time import interpolated_rank, stable_mean
from generators.promql.engine.ranges.windows import kahan_add
from generators.promql.engine.results import BAD_LABELS, BAD_PARAMETER, BAD_TYPE, Failure, Floats, Indices, Mask
from generators.promql.engine.series.labels import METRIC_NAME, Labels, encode_labels, keep, with_labels, without
from generators.promql.syntax.ast import Aggregate, Expr, StringLiteral


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows by group: the groups' label sets, and the row indices of each."""

    labels: tuple[Labels, ...]
    members: tuple[list[int], ...]

    def any_of(self, rows: Mask) -> Mask:
        """Whether something holds for any row of each group."""
        order = [row for members in self.members for row in members]
        starts = np.cumsum([0, *map(len, self.members[:-1])])
        found: Mask = np.logical_or.reduceat(rows[order], starts, axis=0)
        return found

    def ranks(self) -> Iterator[tuple[Indices, Indices]]:
        """All groups' first members, then all second ones…: group indices and row indices."""
        for rank in range(max((len(rows) for rows in self.members), default=0)):
            groups = [group for group, rows in enumerate(self.members) if len(rows) > rank]
            yield np.array(groups, dtype=np.intp), np.array([self.members[g][rank] for g in groups], dtype=np.intp)


def group_labels(labels: Labels, node: Aggregate) -> Labels:
    """The labels of the group that a series belongs to."""
    names = node.labels or ()
    return without(labels, (*names, METRIC_NAME)) if node.without else keep(labels, names)


def _group(frame: Frame, node: Aggregate) -> Groups:
    """Rows are in one group when they agree in the grouping labels.

    ``without`` compares all but the named labels; metric names count for neither.
    """
    members: dict[Labels, list[int]] = {}
    for index, labels in enumerate(frame.labels):
        members.setdefault(group_labels(labels, node), []).append(index)
    return Groups(tuple(members), tuple(members.values()))


def aggregate(context: Context, node: Aggregate) -> Frame:
    """The value of an aggregation at every step."""
    if node.op == "count_values":
        return _count_values(context, node)
    parameter = np.zeros(context.grid.size)
    if node.parameter is not None:
        parameter = context.scalar(node.parameter)
    elif node.op in SELECTIONS or node.op == "quantile":
        raise Failure(BAD_TYPE, f"{node.op} needs a parameter", node.span)
    frame = context.vector(node.expr)
    if not context.grid.size:
        return empty_frame(0)
    groups = _group(frame, node)
    if node.op in SELECTIONS:
        return select_rows(context, node, frame, groups.members, parameter)
    if node.op == "quantile" and node.parameter is not None:
        _check_quantile(context, parameter, node.parameter)
    if not frame.labels:
        return frame
    values = _VALUES[node.op](frame, groups, parameter)
    if context.semantics.zero_variance and node.op in ("stddev", "stdvar"):
        values = np.where(_count(frame, groups, parameter) == 1, 0.0, values)
    present, drops = groups.any_of(frame.present), groups.any_of(frame.drops_name)
    return Frame(groups.labels, values, present, drops).nonempty()


def _check_quantile(context: Context, values: Floats, node: Expr) -> None:
    extremes = (np.fmin.reduce(values), np.fmax.reduce(values))
    wrong = [np.nan] if np.isnan(values).any() else []
    wrong.extend(value for value in extremes if value < 0 or value > 1)
    for value in wrong:
        text = f"quantile value should be between 0 and 1, got {format_general(float(value))}"
        context.warn(text, node.span)


def _sum(frame: Frame, groups: Groups, _: Floats) -> Floats:
    total, error = _kahan(frame, groups)
    return total + error


def _kahan(frame: Frame, groups: Groups) -> tuple[Floats, Floats]:
    values = frame.values if frame.present.all() else np.where(frame.present, frame.values, 0.0)
    total = values[[rows[0] for rows in groups.members]]
    error = np.zeros(total.shape)
    for at, rows in islice(groups.ranks(), 1, None):
        if len(at) == len(total):
            total, error = kahan_add(values[rows], total, error)
        else:
            total[at], error[at] = kahan_add(values[rows], total[at], error[at])
    return total, error


def _count(frame: Frame, groups: Groups, _: Floats) -> Floats:
    return np.array([frame.present[rows].sum(axis=0) for rows in groups.members], dtype=float)


def _avg(frame: Frame, groups: Groups, parameter: Floats) -> Floats:
    counts = np.maximum(_count(frame, groups, parameter), 1)
    total, error = _kahan(frame, groups)
    values = total / counts + error / counts
    for group, step in zip(*np.nonzero(~np.isfinite(total)), strict=True):
        rows = [row for row in groups.members[group] if frame.present[row, step]]
        values[group, step] = stable_mean(frame.values[rows, step])
    return values


def _max(frame: Frame, groups: Groups, _: Floats) -> Floats:
    values = np.where(frame.present, frame.values, np.nan)
    return np.array([np.fmax.reduce(values[rows], axis=0) for rows in groups.members])


def _min(frame: Frame, groups: Groups, _: Floats) -> Floats:
    values = np.where(frame.present, frame.values, np.nan)
    return np.array([np.fmin.reduce(values[rows], axis=0) for rows in groups.members])


def _ones(frame: Frame, groups: Groups, _: Floats) -> Floats:
    return np.ones((len(groups.labels), frame.steps))


def _stdvar(frame: Frame, groups: Groups, _: Floats) -> Floats:
    """Population variance by Welford's recurrence, row after row."""
    shape = (len(groups.labels), frame.steps)
    count, mean, square = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for at, rows in groups.ranks():
        present, values = frame.present[rows], frame.values[rows]
        seen = count[at] + present
        first = present & (seen == 1)
        delta = values - mean[at]
        moved = np.where(first, values, mean[at] + delta / np.maximum(seen, 1))
        grown = np.where(first, np.where(np.isfinite(values), 0.0, np.nan), square[at] + delta * (values - moved))
        count[at], mean[at] = seen, np.where(present, moved, mean[at])
        square[at] = np.where(present, grown, square[at])
    return square / np.maximum(count, 1)


def _stddev(frame: Frame, groups: Groups, parameter: Floats) -> Floats:
    deviation: Floats = np.sqrt(_stdvar(frame, groups, parameter))
    return deviation


def _quantile(frame: Frame, groups: Groups, parameter: Floats) -> Floats:
    rows = [_quantile_of(frame.values[rows].T, frame.present[rows].T, parameter) for rows in groups.members]
    return np.array(rows)


def _quantile_of(values: Floats, present: Mask, quantile: Floats) -> Floats:
    """Quantile along the last axis of [S × members]; absent members sort to the end and NaN to the start."""
    undefined = np.isnan(values) & present
    table = np.where(~present, np.inf, np.where(undefined, -np.inf, values))
    table.sort(axis=1)
    places = np.arange(table.shape[1])
    counts = np.maximum(present.sum(axis=1), 1).astype(float)
    return interpolated_rank(table, places < undefined.sum(axis=1)[:, None], quantile, counts)


_VALUES = {
    "avg": _avg,
    "count": _count,
    "group": _ones,
    "max": _max,
    "min": _min,
    "quantile": _quantile,
    "stddev": _stddev,
    "stdvar": _stdvar,
    "sum": _sum,
}


def _count_values(context: Context, node: Aggregate) -> Frame:
    """How many members of each group have each value; the value becomes a label."""
    parameter = node.parameter
    if not isinstance(parameter, StringLiteral):
        raise Failure(BAD_TYPE, "count_values needs the name of a label, as a string", node.span)
    name = parameter.value
    if name == "" or "�" in name or any("\ud800" <= character <= "\udfff" for character in name):
        raise Failure(BAD_LABELS, f"invalid label name {name}", parameter.span)
    frame = context.vector(node.expr)
    counts: dict[Labels, Floats] = {}
    for labels, values, present in zip(frame.labels, frame.values, frame.present, strict=True):
        bits = np.where(np.isnan(values), np.nan, values).view(np.int64)
        for each in np.unique(bits[present]):
            hits = present & (bits == each)
            key = _counted_labels(labels, node, name, format_plain(float(each.view(np.float64))))
            counts[key] = counts.get(key, np.zeros(frame.steps)) + hits
    if not counts:
        return empty_frame(context.grid.size)
    table = np.array(list(counts.values()))
    result = Frame(tuple(counts), table, table > 0, np.zeros(len(counts), dtype=bool))
    return context.merged(result, node.span)


def _counted_labels(labels: Labels, node: Aggregate, name: str, text: str) -> Labels:
    valued = with_labels(labels, ((name, text),))
    names = node.labels or ()
    return without(valued, (*names, METRIC_NAME)) if node.without else keep(valued, (*names, name))


SELECTIONS = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_INT64 = 2.0**63


def select_rows(
    context: Context, node: Aggregate, frame: Frame, members: Sequence[list[int]], parameter: Floats
) -> Frame:
    """The frame with only the samples that the aggregation keeps; an instant result is ordered by value."""
    if node.op == "limit_ratio":
        kept = _ratio(context, node, frame, parameter)
    else:
        if not (parameter >= 1).any():
            return empty_frame(frame.steps)
        _check_count(node, parameter)
        kept = np.zeros(frame.present.shape, dtype=bool)
        for rows in members:
            kept[rows] = _ranked(node.op, frame.values[rows], frame.present[rows], parameter)
    result = replace(frame, present=kept)
    order = [row for rows in members for row in _order(node.op, result, rows)]
    return result.rows(order).nonempty()


def _parameter_span(node: Aggregate) -> Span:
    return node.span if node.parameter is None else node.parameter.span


def _check_count(node: Aggregate, parameter: Floats) -> None:
    span = _parameter_span(node)
    if np.isnan(parameter).any():
        raise Failure(BAD_PARAMETER, "Parameter value is NaN", span)
    for value in parameter[(parameter >= _INT64) | (parameter <= -_INT64)].tolist()[:1]:
        verb = "overflows" if value > 0 else "underflows"
        raise Failure(BAD_PARAMETER, f"Scalar value {format_general(value)} {verb} int64", span)


def _ranked(op: str, values: Floats, present: Mask, parameter: Floats) -> Mask:
    """Which of a group's samples are among the first k at each step; NaN counts as the last."""
    if op == "limitk":
        return present & (np.cumsum(present, axis=0) <= np.trunc(parameter))
    keys = np.where(np.isnan(values), np.inf, -values if op == "topk" else values)
    tier = np.where(~present, 2, np.isnan(values))
    order = np.lexsort((keys, tier), axis=0)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(values))[:, None].repeat(values.shape[1], axis=1), axis=0)
    return present & (place < np.trunc(parameter))


def _order(op: str, frame: Frame, rows: list[int]) -> list[int]:
    if frame.steps != 1 or op not in ("topk", "bottomk"):
        return rows
    values = frame.values[rows, 0]
    order = np.argsort(-values if op == "topk" else values, kind="stable")
    return [rows[index] for index in order]


def sampling_offset(labels: Labels) -> float:
    """The place of a series in [0, 1], by which ``limit_ratio`` chooses."""
    return xxhash64(encode_labels(labels)) / float(2**64 - 1)


def _ratio(context: Context, node: Aggregate, frame: Frame, parameter: Floats) -> Mask:
    span = _parameter_span(node)
    if not parameter.any():
        return np.zeros(frame.present.shape, dtype=bool)
    if np.isnan(parameter).any():
        raise Failure(BAD_PARAMETER, "Ratio value is NaN", span)
    for value, cap in ((float(parameter.max()), 1), (float(parameter.min()), -1)):
        if value * cap > 1:
            text = f"ratio value should be between -1 and 1, got {format_general(value)}, capping to {cap}"
            context.warn(text, span)
    ratio = np.clip(parameter, -1, 1)
    offsets = np.array([sampling_offset(labels) for labels in frame.labels]).reshape(-1, 1)
    return frame.present & np.where(ratio >= 0, offsets < ratio, offsets >= 1 + ratio)
