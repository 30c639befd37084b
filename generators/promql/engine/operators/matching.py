"""Vector matching: which elements of two vectors belong together, and what labels the result has.

Elements match when they agree in the labels of ``on``, or in all but those of ``ignoring``: they have one signature.
Matching is done on whole rows; rows that exist at different steps may share a signature without conflict, so
conflicts are looked for step by step on presence masks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from generators.promql.engine.context import Context
from generators.promql.engine.frame import Frame
from generators.promql.engine.results import MANY_TO_MANY, Failure, Floats, Indices, Mask
from generators.promql.engine.series.labels import METRIC_NAME, Labels, format_labels, get, keep, with_labels, without
from generators.promql.syntax.ast import Binary, Group, Matching

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

    mine, theirs = (
        [numbers.setdefault(match_key(labels, matching), len(numbers)) for labels in side.labels]
        for side in (left, right)
    )
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
    pairs = _pairs(sides)
    context.budget.reserve(2 * pairs.keys.size * left.steps, node.span)
    drop_name = node.return_bool and not context.delayed
    many, some = _values(sides.many, sides.many_keys, pairs.many, pairs, sides.matching.fill_left)
    one, others = _values(sides.one, sides.one_keys, pairs.one, pairs, sides.matching.fill_right)
    present = some & others & active
    labels = tuple(_result_labels(context, sides, pairs, drop_name=drop_name))
    keys = tuple(pairs.keys.tolist())
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
class _Pairs:
    """Pairs: how many signatures there are, that of each pair, and its row of both sides, -1 where that is filled."""

    count: int
    keys: Indices
    many: Indices
    one: Indices


def _fill_labels(labels: Labels, matching: Matching) -> Labels:
    """Labels of an element that is filled in: those that are matched on."""
    return match_key(labels, matching)


def _pairs(sides: _Sides) -> _Pairs:
    """All pairs; as in Prometheus, ``fill_right`` stands in for the one side, also with ``group_right``."""
    many_rows, one_rows = _rows_of(sides.many_keys, sides.count), _rows_of(sides.one_keys, sides.count)
    found: list[tuple[int, int, int]] = []
    for key, (many, one) in enumerate(zip(many_rows, one_rows, strict=True)):
        found += [(key, row, other) for row in many for other in one]
        if sides.matching.fill_right is not None:
            found += [(key, row, -1) for row in many]
        if sides.matching.fill_left is not None:
            found += [(key, -1, other) for other in one]
    return _Pairs(sides.count, *np.array(found, dtype=np.intp).reshape(-1, 3).T)


def _values(frame: Frame, keys: Sequence[int], rows: Indices, pairs: _Pairs, fill: float | None) -> tuple[Floats, Mask]:
    """One side of all pairs: values, and where they are there; a fill value where nothing of the signature is."""
    if fill is None:
        return frame.values[rows], frame.present[rows]
    given = rows >= 0
    values, present = np.full((rows.size, frame.steps), fill), np.empty((rows.size, frame.steps), dtype=bool)
    values[given], present[given] = frame.values[rows[given]], frame.present[rows[given]]
    present[~given] = ~presence_by_signature(frame, keys, pairs.count)[pairs.keys[~given]]
    return values, present


def presence_by_signature(frame: Frame, keys: Sequence[int], count: int) -> Mask:
    """At which steps there is an element of each signature [count × S]."""
    present = np.zeros((count, frame.steps), dtype=bool)
    for row, key in enumerate(keys):
        present[key] |= frame.present[row]
    return present


def _result_labels(context: Context, sides: _Sides, pairs: _Pairs, *, drop_name: bool) -> Iterator[Labels]:
    matching = sides.matching
    arithmetic = sides.node.op not in _COMPARISONS and sides.node.op not in context.semantics.naming
    for many, one in zip(pairs.many.tolist(), pairs.one.tolist(), strict=True):
        labels = _fill_labels(sides.one.labels[one], matching) if many < 0 else sides.many.labels[many]
        if drop_name or arithmetic:
            labels = context.nameless(labels)
        if matching.group is None:
            yield keep(labels, matching.labels) if matching.on else without(labels, matching.labels)
        elif not matching.include:
            yield labels
        else:
            other = _fill_labels(sides.many.labels[many], matching) if one < 0 else sides.one.labels[one]
            yield with_labels(labels, [(name, get(other, name)) for name in matching.include])


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
