"""Walks an expression with what surrounds each node."""

from __future__ import annotations

from collections.abc import Iterator

from generators.promql.syntax.ast import Call, Expr, MatrixSelector, VectorSelector
from generators.promql.syntax.walk import children


def with_ancestors(expr: Expr, above: tuple[Expr, ...] = ()) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """Yield every node with its ancestors, the nearest last."""
    yield expr, above
    for child in children(expr):
        yield from with_ancestors(child, (*above, expr))


def selectors_in_calls(expr: Expr) -> Iterator[tuple[VectorSelector, MatrixSelector | None, Call | None]]:
    """Yield selectors with the range and the call that they are the argument of, where they are."""
    for node, above in with_ancestors(expr):
        if not isinstance(node, VectorSelector):
            continue
        ranged = above[-1] if above and isinstance(above[-1], MatrixSelector) else None
        outer = above[:-1] if ranged is not None else above
        call = outer[-1] if outer and isinstance(outer[-1], Call) else None
        yield node, ranged, call
