"""Vector matching: which elements of two vectors belong together, and what labels the result has.

Elements match when they agree in the labels of ``on``, or in all but those of ``ignoring``: they have one signature.
Matching is done on whole rows; rows that exist at different steps may share a signature without conflict, so
conflicts are looked for step by step on presence masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generators.promql.ast import Binary, Group, Matching
from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame
from generators.promql.engine.labels import METRIC_NAME, Labels, format_labels, from_mapping, get, keep, without
from generators.promql.engine.results import MANY_TO_MANY, Failure, Floats, Mask

_COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<=", "</", ">/"))
_AGGREGATE_FIRST = "aggregate that side by the labels that are matched on"


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Pairs of elements: result labels, the values of the operator's left and right side, and presence [P × S].

    ``keys`` number the signatures of the pairs.
    """

    keys: tuple[int, ...]
    labels: tuple[Labels, ...]
    left: Floats
    right: Floats
    present: Mask


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Both sides, turned so that ``one`` is unique per signature; ``many`` may repeat with ``group_left/right``."""

    many: Frame
    one: Frame
    many_keys: list[int]
    one_keys: list[int]
    count: int
    matching: Matching
    node: Binary

    @property
    def swapped(self) -> bool:
        """Whether the operator's left side is the one side."""
        return self.matching.group is Group.RIGHT


def match_key(labels: Labels, matching: Matching) -> Labels:
    """The signature of an element."""
    if matching.on:
        return keep(labels, matching.labels)
    return without(labels, (*matching.labels, METRIC_NAME))


def signatures(left: Frame, right: Frame, matching: Matching) -> tuple[list[int], list[int], int]:
    """Signature numbers of all rows of both sides, and how many signatures there are."""
    numbers: dict[Labels, int] = {}

    def number(labels: Labels) -> int:
        return numbers.setdefault(match_key(labels, matching), len(numbers))

    mine = [number(labels) for labels in left.labels]
    theirs = [number(labels) for labels in right.labels]
    return mine, theirs, len(numbers)


def match_vectors(context: Context, node: Binary, left: Frame, right: Frame) -> Matched:
    """The matching pairs of two vectors; many-to-many matches are errors, ambiguous results are to be looked for."""
    matching = node.matching or Matching()
    mine, theirs, count = signatures(left, right, matching)
    if matching.group is Group.RIGHT:
        sides = _Sides(right, left, theirs, mine, count, matching, node)
    else:
        sides = _Sides(left, right, mine, theirs, count, matching, node)
    fills = matching.fill_left is not None or matching.fill_right is not None
    some_left, some_right = left.used_steps(), right.used_steps()
    active = (some_left | some_right) if fills else (some_left & some_right)
    _refuse_many_on_one_side(sides, active)
    pairs = _pairs(sides, active)
    context.budget.reserve(2 * len(pairs) * left.steps, node.span)
    drop_name = node.return_bool and not context.delayed
    labels = tuple(_result_labels(context, sides, pair, drop_name=drop_name) for pair in pairs)
    many = np.array([pair.many for pair in pairs]).reshape(len(pairs), left.steps)
    one = np.array([pair.one for pair in pairs]).reshape(len(pairs), left.steps)
    present = np.array([pair.present for pair in pairs], dtype=bool).reshape(len(pairs), left.steps)
    keys = tuple(pair.key for pair in pairs)
    return Matched(keys, labels, *((one, many) if sides.swapped else (many, one)), present)


def _rows_of(keys: Sequence[int], count: int) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(count)]
    for row, key in enumerate(keys):
        rows[key].append(row)
    return rows


def _refuse_many_on_one_side(sides: _Sides, active: Mask) -> None:
    for rows in _rows_of(sides.one_keys, sides.count):
        if len(rows) < 2:
            continue
        crowded = (sides.one.present[rows].sum(axis=0) > 1) & active
        if not crowded.any():
            continue
        step = int(crowded.argmax())
        first, second = sorted(format_labels(sides.one.labels[row]) for row in rows if sides.one.present[row, step])[:2]
        group = format_labels(_fill_labels(sides.one.labels[rows[0]], sides.matching))
        side = "left" if sides.swapped else "right"
        raise Failure(
            MANY_TO_MANY,
            f"found duplicate series for the match group {group} on the {side} hand-side of the operation: "
            f"[{first}, {second}];many-to-many matching not allowed: matching labels must be unique on one side",
            sides.node.span,
            _AGGREGATE_FIRST,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """One pair: signature, labels and values of both sides [S], and where both are there."""

    key: int
    many_labels: Labels
    one_labels: Labels
    many: Floats
    one: Floats
    present: Mask


def _fill_labels(labels: Labels, matching: Matching) -> Labels:
    """Labels of an element that is filled in: those that are matched on."""
    return match_key(labels, matching)


def _pairs(sides: _Sides, active: Mask) -> list[_Pair]:
    many_rows, one_rows = _rows_of(sides.many_keys, sides.count), _rows_of(sides.one_keys, sides.count)
    pairs: list[_Pair] = []
    many, one = sides.many, sides.one
    for key in range(sides.count):
        for row in many_rows[key]:
            for other in one_rows[key]:
                present = many.present[row] & one.present[other] & active
                pairs.append(
                    _Pair(key, many.labels[row], one.labels[other], many.values[row], one.values[other], present)
                )
        pairs.extend(_filled(sides, key, many_rows[key], one_rows[key]))
    return pairs


def _filled(sides: _Sides, key: int, many_rows: list[int], one_rows: list[int]) -> list[_Pair]:
    """Elements without a partner, paired with the fill value where one is given.

    As in Prometheus, ``fill_right`` stands in for the one side and ``fill_left`` for the many side, also with
    ``group_right``.
    """
    pairs = []
    many, one, matching = sides.many, sides.one, sides.matching
    steps = many.steps
    if matching.fill_right is not None:
        lonely = ~one.present[one_rows].any(axis=0) if one_rows else np.ones(steps, dtype=bool)
        value = np.full(steps, matching.fill_right)
        for row in many_rows:
            labels = many.labels[row]
            present = many.present[row] & lonely
            pairs.append(_Pair(key, labels, _fill_labels(labels, matching), many.values[row], value, present))
    if matching.fill_left is not None:
        lonely = ~many.present[many_rows].any(axis=0) if many_rows else np.ones(steps, dtype=bool)
        value = np.full(steps, matching.fill_left)
        for row in one_rows:
            labels = one.labels[row]
            present = one.present[row] & lonely
            pairs.append(_Pair(key, _fill_labels(labels, matching), labels, value, one.values[row], present))
    return pairs


def _result_labels(context: Context, sides: _Sides, pair: _Pair, *, drop_name: bool) -> Labels:
    matching = sides.matching
    labels = pair.many_labels
    arithmetic = sides.node.op not in _COMPARISONS and sides.node.op not in context.semantics.naming
    if drop_name or arithmetic:
        labels = context.nameless(labels)
    if matching.group is None:
        return keep(labels, matching.labels) if matching.on else without(labels, matching.labels)
    if not matching.include:
        return labels
    changed = dict(labels)
    changed.update((name, get(pair.one_labels, name)) for name in matching.include)
    return from_mapping(changed)


def refuse_ambiguous(node: Binary, matched: Matched, present: Mask) -> None:
    """Two results at one step: without grouping for one signature, with grouping for one label set in a signature."""
    grouped = node.matching is not None and node.matching.group is not None
    members: dict[tuple[int, Labels], list[int]] = {}
    for index, (key, labels) in enumerate(zip(matched.keys, matched.labels, strict=True)):
        members.setdefault((key, labels if grouped else ()), []).append(index)
    for rows in members.values():
        if len(rows) > 1 and (present[rows].sum(axis=0) > 1).any():
            message = (
                "multiple matches for labels: grouping labels must ensure unique matches"
                if grouped
                else "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
            remedy = "add labels that tell the results apart" if grouped else _AGGREGATE_FIRST
            raise Failure(MANY_TO_MANY, message, node.span, remedy)
