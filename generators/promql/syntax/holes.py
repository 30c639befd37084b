"""Fills the holes of templates (``$window``, ``$errors``, ``$by``) with nodes, never with text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias, TypeVar

from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationUnary,
    Expr,
    Matching,
    MatrixSelector,
    NumberLiteral,
    Subquery,
    VectorSelector,
)
from generators.promql.syntax.walk import children, durations, rebuild, walk, walk_duration

Filling: TypeAlias = Expr | Duration | tuple[str, ...]
"""What may fill a hole: an expression, a duration, or labels."""

Holes: TypeAlias = Mapping[str, Filling]

T = TypeVar("T")


def holes(expr: Expr) -> frozenset[str]:
    """Return the names of all holes, without their dollars."""
    return frozenset(_holes(expr))


def _holes(expr: Expr) -> Iterator[str]:
    for node in walk(expr):
        if isinstance(node, VectorSelector) and node.hole:
            yield str(node.name)
        for duration in durations(node):
            yield from (part.name for part in walk_duration(duration) if isinstance(part, DurationHole))
        yield from (label[1:] for label in _labels(node) if label.startswith("$"))


def _labels(node: Expr) -> tuple[str, ...]:
    if isinstance(node, Aggregate):
        return node.labels or ()
    if isinstance(node, Binary) and node.matching is not None:
        return node.matching.labels + node.matching.include
    return ()


def fill(expr: Expr, fillings: Holes) -> Expr:
    """Return the tree with holes filled; those that ``fillings`` does not name stay.

    A selector that fills a hole gets the hole's matchers, range and offset; any other expression needs a bare hole.
    A duration in the place of an expression is a number of seconds.  Labels that are there already are not repeated.
    Raises ValueError where a filling does not fit its hole.
    """
    if isinstance(expr, MatrixSelector):
        return _fill_range(expr, fillings)
    old = children(expr)
    new = tuple(fill(child, fillings) for child in old)
    if any(before is not after for before, after in zip(old, new, strict=True)):
        expr = rebuild(expr, new)
    match expr:
        case VectorSelector():
            return _fill_selector(expr, fillings)
        case Aggregate(labels=tuple()):
            return _changed(expr, labels=_fill_labels(expr.labels or (), fillings))
        case Binary(matching=Matching()):
            return _changed(expr, matching=_fill_matching(expr.matching, fillings))
        case Subquery():
            return _changed(
                expr,
                range=fill_duration(expr.range, fillings),
                step=expr.step and fill_duration(expr.step, fillings),
                offset=expr.offset and fill_duration(expr.offset, fillings),
            )
    return expr


def _changed(node: T, **values: object) -> T:
    """The node with these values, or the node itself if they are its own."""
    if all(getattr(node, name) == value for name, value in values.items()):
        return node
    return replace(node, **values)  # type: ignore[type-var]


# --- expressions -----------------------------------------------------------------------------------------


def _fill_range(expr: MatrixSelector, fillings: Holes) -> MatrixSelector:
    selector = _fill_selector(expr.selector, fillings)
    if not isinstance(selector, VectorSelector):
        raise ValueError(f"hole `${expr.selector.name}` has a range, so only a selector can fill it")
    return _changed(expr, selector=selector, range=fill_duration(expr.range, fillings))


def _fill_selector(selector: VectorSelector, fillings: Holes) -> Expr:
    if selector.offset is not None:
        selector = _changed(selector, offset=fill_duration(selector.offset, fillings))
    if not selector.hole or str(selector.name) not in fillings:
        return selector
    filling = fillings[str(selector.name)]
    if isinstance(filling, VectorSelector):
        return _merged(selector, filling)
    if isinstance(filling, tuple):
        raise ValueError(f"hole `${selector.name}` is an expression and cannot be filled with labels")
    if selector.matchers or selector.offset is not None or selector.at is not None or selector.modifier:
        raise ValueError(f"hole `${selector.name}` has matchers or modifiers, so only a selector can fill it")
    if isinstance(filling, Duration):
        return NumberLiteral(filling.milliseconds / 1000, as_duration=True, span=selector.span)
    return filling


def _merged(hole: VectorSelector, filling: VectorSelector) -> VectorSelector:
    for name in ("offset", "at", "modifier"):
        if getattr(hole, name) and getattr(filling, name):
            raise ValueError(f"both hole `${hole.name}` and the selector that fills it have `{name}`")
    return replace(
        filling,
        matchers=_joined(filling.matchers, hole.matchers),
        offset=filling.offset if hole.offset is None else hole.offset,
        at=filling.at if hole.at is None else hole.at,
        modifier=hole.modifier or filling.modifier,
        span=hole.span,
    )


def _joined(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(first + second))


# --- labels and durations --------------------------------------------------------------------------------


def _fill_matching(matching: Matching | None, fillings: Holes) -> Matching | None:
    if matching is None:
        return None
    labels = _fill_labels(matching.labels, fillings)
    return _changed(matching, labels=labels, include=_fill_labels(matching.include, fillings))


def _fill_labels(labels: tuple[str, ...], fillings: Holes) -> tuple[str, ...]:
    filled: list[str] = []
    for label in labels:
        filling = fillings.get(label[1:]) if label.startswith("$") else None
        if filling is None:
            filled.append(label)
        elif isinstance(filling, tuple):
            filled.extend(each for each in filling if each not in labels)
        else:
            raise ValueError(f"hole `{label}` is a list of labels and cannot be filled with anything else")
    return tuple(dict.fromkeys(filled)) if filled != list(labels) else labels


def fill_duration(duration: DurationExpr, fillings: Holes) -> DurationExpr:
    """Return the duration with its holes filled."""
    match duration:
        case DurationHole(name=name):
            filling = fillings.get(name, duration)
            if not isinstance(filling, Duration | DurationHole):
                raise ValueError(f"hole `${name}` is a duration and cannot be filled with anything else")
            return filling
        case DurationUnary(op=op, operand=operand):
            filled = fill_duration(operand, fillings)
            if isinstance(operand, DurationHole) and isinstance(filled, Duration):
                sign = -1 if op == "-" else 1
                return Duration(sign * filled.milliseconds, duration.span)
            return _changed(duration, operand=filled)
        case DurationBinary(left=left, right=right):
            return _changed(duration, left=fill_duration(left, fillings), right=fill_duration(right, fillings))
        case DurationCall(arguments=arguments):
            return _changed(duration, arguments=tuple(fill_duration(argument, fillings) for argument in arguments))
    return duration
