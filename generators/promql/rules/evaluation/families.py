"""Rules that differ only in the value of a label, such as the model that each is about, are evaluated as one.

Which rules are alike is read off their texts: two expressions of one `shape` have the same tree but for values of
matchers.  They are a family if one and the same ``label="value"`` stands in every selector of each, and all else is
equal.  `engine.partitions` keeps the members apart.  Should the family fail, each member is evaluated by itself, so
that failures are those of the member.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from generators.diagnostics import Span
from generators.promql.engine import MatrixValue, SeriesResult, Storage
from generators.promql.engine.partitions import (
    PartitionedStorage,
    Values,
    can_be_partitioned,
    partitioned,
    unmarked,
)
from generators.promql.engine.results import Times
from generators.promql.rules.evaluation.schedule import Server
from generators.promql.rules.evaluation.tables import Table, run
from generators.promql.rules.expressions import ANY, places_of_values, shape
from generators.promql.rules.model import Rule
from generators.promql.syntax.ast import MatchOp, VectorSelector
from generators.promql.syntax.parser import parse
from generators.promql.syntax.walk import selectors

MOST_TICKS: Final = 50_000
"""Ticks of all members of a family together; more would take memory and save no time."""


@dataclass(frozen=True, slots=True)
class Due:
    """A rule, by index, that is to be evaluated at some ticks, looking ``offset`` milliseconds back."""

    index: int
    rule: Rule
    times: Times
    offset: int


@dataclass(frozen=True, slots=True)
class Family:
    """Rules that differ in the values of some labels, and those values."""

    labels: tuple[str, ...]
    members: tuple[tuple[Due, Values], ...]


def families(rules: Iterable[Due]) -> Iterator[Family]:
    """Yield the families among rules; those that have no like are not in any."""
    found: dict[tuple[object, ...], tuple[tuple[str, ...], list[tuple[Due, Values]]]] = {}
    for due in rules:
        text, values = shape(due.rule.origin.text("expr"))
        fixed = _fixed(text, values) if values else {}
        if not fixed:
            continue
        own = {place for places in fixed.values() for place in places}
        rest = tuple(value for place, value in enumerate(values) if place not in own)
        labels = tuple(fixed)
        ticks = (int(due.times[0]), int(due.times[-1]), due.times.size) if due.times.size else ()
        key = (text, tuple(fixed.values()), labels, rest, ticks, due.offset)
        member = due, tuple(values[places[0]] for places in fixed.values())
        found.setdefault(key, (labels, []))[1].append(member)
    for labels, members in found.values():
        most = max(1, MOST_TICKS // max(1, members[0][0].times.size))
        for start in range(0, len(members), most):
            if len(members[start : start + most]) > 1:
                yield Family(labels, tuple(members[start : start + most]))


def evaluate_family(family: Family, storage: Storage, server: Server) -> dict[int, Table] | None:
    """Evaluate a family at once: what each member yields, by index; None where that fails."""
    first = family.members[0][0]
    if not first.times.size:
        return None
    marks = {values: str(number) for number, values in enumerate(dict.fromkeys(v for _, v in family.members))}
    times = first.times - first.offset
    start, end = int(times[0]), int(times[-1])
    step = int(times[1]) - start if times.size > 1 else 1
    view = PartitionedStorage(storage, family.labels, marks)
    result = run(partitioned(first.rule.expr, family.labels), view, start, end, step, server)
    if result.error is not None or not isinstance(result.value, MatrixValue):
        return None
    parts: dict[str, list[SeriesResult]] = {mark: [] for mark in marks.values()}
    for series in result.value.series:
        mark, labels = unmarked(series.labels)
        parts[mark].append(SeriesResult(labels, series.timestamps, series.values))
    return {due.index: _table(parts[marks[values]], due.times, start, step) for due, values in family.members}


def _table(rows: Sequence[SeriesResult], times: Times, start: int, step: int) -> Table:
    values = np.zeros((len(rows), times.size))
    present = np.zeros(values.shape, dtype=bool)
    for row, series in enumerate(rows):
        at = (series.timestamps - start) // step
        values[row, at], present[row, at] = series.values, True
    return Table(times, tuple(series.labels for series in rows), values, present, {})


def _fixed(text: str, values: Values) -> dict[str, tuple[int, ...]]:
    """Return the labels that have one and the same value in every selector, with the places of that value."""
    first, *others = _layout(text, len(values)) or ({},)
    found = {}
    for label, place in first.items():
        places = (place, *(other.get(label, -1) for other in others))
        if all(each >= 0 and values[each] == values[place] for each in places):
            found[label] = places
    return found


@lru_cache(maxsize=4096)
def _layout(text: str, count: int) -> tuple[Mapping[str, int], ...]:
    """Return for every selector of a shape which labels have a value, and the places of these values in the text.

    Nothing is returned where expressions of this shape cannot be evaluated together.
    """
    expr, _ = parse(text)
    if expr is None or not can_be_partitioned(expr):
        return ()
    valued = places_of_values(expr)
    if len(valued) != count:
        return ()
    return tuple(_places(selector, valued) for selector in selectors(expr))


def _places(selector: VectorSelector, valued: Sequence[Span]) -> Mapping[str, int]:
    equal = [matcher for matcher in selector.matchers if matcher.op is MatchOp.EQUAL]
    times = Counter(matcher.label for matcher in equal)
    return {each.label: valued.index(each.span) for each in equal if each.value == ANY and times[each.label] == 1}
