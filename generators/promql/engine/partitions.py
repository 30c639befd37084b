"""Expressions that differ only in the value of one or more labels, evaluated as one.

Every series is given a hidden label that says which of the expressions it belongs to, and that label takes part in
every grouping and matching.  So what each expression computes stays apart, while numpy sees one large table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from generators.promql.engine.functions.mathematics import ELEMENTWISE
from generators.promql.engine.series.labels import Labels, get
from generators.promql.engine.series.storage import Series, Storage
from generators.promql.syntax.ast import Aggregate, Binary, Call, Expr, Matcher, MatchOp, Subquery, VectorSelector
from generators.promql.syntax.walk import transform, walk

PARTITION: Final = "\0partition"
"""The hidden label; it sorts before all others, and no expression can name it."""

Values = tuple[str, ...]

_AGGREGATIONS: Final = frozenset({"avg", "count", "group", "max", "min", "quantile", "stddev", "stdvar", "sum"})
_OVER_RANGES: Final = frozenset(
    {
        *("avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time", "idelta", "increase"),
        *("irate", "last_over_time", "max_over_time", "min_over_time", "predict_linear", "present_over_time"),
        *("quantile_over_time", "rate", "resets", "stddev_over_time", "stdvar_over_time", "sum_over_time"),
    }
)
_CALLS: Final = frozenset(
    {*ELEMENTWISE, *_OVER_RANGES, "clamp", "clamp_max", "clamp_min", "histogram_quantile", "round", "time", "timestamp"}
)


def can_be_partitioned(expr: Expr) -> bool:
    """Tell whether every vector in an expression comes from named selectors, through row-wise or grouping parts."""
    selectors = 0
    for node in walk(expr):
        match node:
            case VectorSelector():
                selectors += 1
                if node.name is None or node.hole or node.modifier:
                    return False
            case Call(function) if function not in _CALLS:
                return False
            case Aggregate(op) if op not in _AGGREGATIONS:
                return False
            case Binary(matching=matching) if matching is not None:
                if matching.fill_left is not None or matching.fill_right is not None:
                    return False
            case Subquery():
                return False
    return selectors > 0


def partitioned(expr: Expr, labels: Sequence[str]) -> Expr:
    """Return the expression for all values of some labels at once, to be evaluated over a `PartitionedStorage`."""

    def change(node: Expr) -> Expr:
        match node:
            case VectorSelector():
                return replace(node, matchers=tuple(each for each in node.matchers if not _fixes(each, labels)))
            case Aggregate(without=False):
                return replace(node, labels=(PARTITION, *(node.labels or ())))
            case Binary(matching=matching) if matching is not None and matching.on:
                return replace(node, matching=replace(matching, labels=(PARTITION, *matching.labels)))
        return node

    return transform(expr, change)


def _fixes(matcher: Matcher, labels: Sequence[str]) -> bool:
    return matcher.op is MatchOp.EQUAL and matcher.label in labels


class PartitionedStorage(Storage):
    """The series of a storage that have one of the wanted values of the labels, each marked with which it is."""

    def __init__(self, storage: Storage, labels: Sequence[str], wanted: Mapping[Values, str]) -> None:
        """``wanted`` says how the values of ``labels`` are marked."""
        super().__init__()
        self._storage = storage
        self._labels = tuple(labels)
        self._wanted = wanted

    def __len__(self) -> int:
        """How many series there are."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Series]:
        """All series, in the order in which they came."""
        return iter(self._marked(list(self._storage)))

    def named(self, name: str | None) -> list[Series]:
        """The marked series of a metric."""
        return self._marked(self._storage.named(name))

    def with_label(self, name: str | None, label: str, value: str) -> list[Series]:
        """The marked series of a metric that have a label of this value."""
        return self._marked(self._storage.with_label(name, label, value))

    def _marked(self, found: Sequence[Series]) -> list[Series]:
        marked = []
        for series in found:
            mark = self._wanted.get(tuple(get(series.labels, label) for label in self._labels))
            if mark is not None:
                labels = ((PARTITION, mark), *series.labels)
                rest = (series.timestamps, series.values, series.histogram_times, series.stale, series.starts)
                marked.append(Series(labels, *rest))
        return marked


def unmarked(labels: Labels) -> tuple[str, Labels]:
    """Return the mark of a result's label set, and the label set without it."""
    return labels[0][1], labels[1:]
