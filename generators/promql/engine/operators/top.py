"""Aggregations that keep some of a group's series: topk, bottomk, limitk, limit_ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame, empty_frame
from generators.promql.engine.go_text import format_general
from generators.promql.engine.hashing import xxhash64
from generators.promql.engine.results import BAD_PARAMETER, Failure, Floats, Mask
from generators.promql.engine.series.labels import Labels, encode_labels
from generators.promql.syntax.ast import Aggregate, Span

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
