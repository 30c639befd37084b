"""Walks, rewrites and fills syntax trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import is_

from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationUnary,
    Expr,
    MatrixSelector,
    Subquery,
    Unary,
    VectorSelector,
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions right under ``expr``, in the order of the text."""
    match expr:
        case Binary():
            return expr.left, expr.right
        case Call():
            return expr.arguments
        case Aggregate():
            return (expr.expr,) if expr.parameter is None else (expr.parameter, expr.expr)
        case MatrixSelector():
            return (expr.selector,)
        case Subquery() | Unary():
            return (expr.expr,)
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """Every expression of the tree, parents first, in the order of the text; durations are not visited."""
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def height(expr: Expr) -> int:
    """Levels of the tree; a leaf has 1."""
    level, count = [expr], 0
    while level:
        count += 1
        level = [child for node in level for child in children(node)]
    return count


def selectors(expr: Expr) -> Iterator[VectorSelector]:
    """Every selector of the tree, holes included, in the order of the text."""
    return (node for node in walk(expr) if isinstance(node, VectorSelector))


def transform(expr: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """The tree with ``function`` applied to every node, children first.

    What does not change is shared with the old tree.  The selector of a range must stay a selector, or TypeError is
    raised.
    """
    old = children(expr)
    new = tuple([transform(child, function) for child in old])
    if not all(map(is_, old, new)):
        expr = rebuild(expr, new)
    return function(expr)


def rebuild(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """Return the node with other children, as many as it had."""
    match expr:
        case Binary():
            return Binary(expr.op, parts[0], parts[1], expr.return_bool, expr.matching, expr.span)
        case Call():
            return Call(expr.function, parts, expr.span)
        case Aggregate():
            return replace(expr, expr=parts[-1], parameter=parts[0] if len(parts) == 2 else None)
        case MatrixSelector():
            if not isinstance(parts[0], VectorSelector):
                raise TypeError(f"a range needs a selector, not {type(parts[0]).__name__}")
            return MatrixSelector(parts[0], expr.range, expr.span)
        case Subquery() | Unary():
            return replace(expr, expr=parts[0])
    raise TypeError(f"{type(expr).__name__} has no children")


def durations(expr: Expr) -> Iterator[DurationExpr]:
    """The durations written at this node: range, step and offset."""
    for name in ("range", "step", "offset"):
        if (duration := getattr(expr, name, None)) is not None:
            yield duration


def walk_duration(duration: DurationExpr) -> Iterator[DurationExpr]:
    """Every part of a duration, parents first."""
    yield duration
    match duration:
        case DurationBinary():
            yield from walk_duration(duration.left)
            yield from walk_duration(duration.right)
        case DurationUnary():
            yield from walk_duration(duration.operand)
        case DurationCall():
            for argument in duration.arguments:
                yield from walk_duration(argument)
