"""Binary operators: between scalars, vectors and scalars, and vectors; the set operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from generators.promql.engine.context import Context, Evaluated
from generators.promql.engine.frame import Frame, Scalar, empty_frame, merge_duplicates, stack
from generators.promql.engine.go_text import quote
from generators.promql.engine.operators.matching import (
    match_vectors,
    presence_by_signature,
    refuse_ambiguous,
    signatures,
)
from generators.promql.engine.results import BAD_PARAMETER, BAD_TYPE, Failure, Floats, Mask
from generators.promql.syntax.ast import Binary, Matching

COMPARISONS: dict[str, Callable[[Floats, Floats], Mask]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def _divide(left: Floats, right: Floats) -> Floats:
    return np.divide(left, right)


def _power(left: Floats, right: Floats) -> Floats:
    square = bool((right == 2).all())  # as Go does it, and much quicker
    powers: Floats = left * left if square else np.power(left, right)
    return powers


ARITHMETIC: dict[str, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "%": np.fmod,
    "^": _power,
    "atan2": np.arctan2,
}
_SETS = frozenset(("and", "or", "unless"))
_TRIMS = frozenset(("</", ">/"))


def binary(context: Context, node: Binary) -> Evaluated:
    """The value of a binary operator at every step."""
    if node.op in _SETS:
        return _set_operation(context, node, context.vector(node.left), context.vector(node.right))
    left, right = context.evaluate(node.left, context), context.evaluate(node.right, context)
    match left, right:
        case Scalar(), Scalar():
            return Scalar(_scalars(node, left.values, right.values))
        case Frame(), Frame():
            return _vectors(context, node, left, right)
        case Frame(), Scalar():
            return _with_scalar(context, node, left, right.values, swapped=False)
        case Scalar(), Frame():
            return _with_scalar(context, node, right, left.values, swapped=True)
    raise Failure(BAD_TYPE, "a string cannot stand beside an operator", node.span)


def _scalars(node: Binary, left: Floats, right: Floats) -> Floats:
    if node.op in COMPARISONS:
        return COMPARISONS[node.op](left, right).astype(float)
    if node.op in _TRIMS:
        raise Failure(BAD_PARAMETER, f"operator {quote(node.op)} not allowed for Scalar operations", node.span)
    return ARITHMETIC[node.op](left, right)


def _incompatible(context: Context, node: Binary) -> None:
    operator = node.op
    text = f"incompatible sample types encountered for binary operator {quote(operator)}: float {operator} float"
    context.inform(text, node.left.span)


def _with_scalar(context: Context, node: Binary, frame: Frame, scalar: Floats, *, swapped: bool) -> Frame:
    """A vector and a scalar. A comparison keeps the vector's value, on whichever side it stands."""
    if node.op in _TRIMS:
        if frame.present.any():
            _incompatible(context, node)
        return empty_frame(frame.steps)
    left, right = (scalar, frame.values) if swapped else (frame.values, scalar)
    if node.op in ARITHMETIC:
        result = frame.with_values(np.broadcast_to(ARITHMETIC[node.op](left, right), frame.values.shape))
        if node.op in context.semantics.naming:
            return result
    else:
        verdict = COMPARISONS[node.op](left, right)
        if not node.return_bool:
            return frame.with_values(frame.values, frame.present & verdict).nonempty()
        result = frame.with_values(verdict.astype(float))
    named = context.dropping_name(result)
    return named if context.delayed else merge_duplicates(named, node.span)


def _vectors(context: Context, node: Binary, left: Frame, right: Frame) -> Frame:
    if not left.labels and not right.labels:
        return empty_frame(context.grid.size)
    matched = match_vectors(context, node, left, right)
    if node.op in _TRIMS:
        if matched.present.any():
            _incompatible(context, node)
        return empty_frame(context.grid.size)
    steps = context.grid.size
    size = len(matched.labels)
    drops = np.full(size, context.delayed and node.return_bool)
    if node.op in ARITHMETIC:
        values, present = ARITHMETIC[node.op](matched.left, matched.right), matched.present
    else:
        verdict = COMPARISONS[node.op](matched.left, matched.right)
        values = verdict.astype(float) if node.return_bool else matched.left
        present = matched.present if node.return_bool else matched.present & verdict
    refuse_ambiguous(node, matched, present if context.semantics.late_ambiguity else matched.present)
    frame = Frame(matched.labels, values, present, drops) if size else empty_frame(steps)
    return context.merged(frame.nonempty(), node.span)


# --- sets ------------------------------------------------------------------------------------------------------


def _set_operation(context: Context, node: Binary, left: Frame, right: Frame) -> Frame:
    """and, or, unless: which samples stay depends on whether the other side has one with the same signature."""
    steps = context.grid.size
    mine, theirs, count = signatures(left, right, node.matching or Matching())
    if node.op == "or":
        covered = presence_by_signature(left, mine, count)
        rest = replace(right, present=right.present & ~covered[theirs]) if theirs else right
        return context.merged(stack((left, rest.nonempty()), steps), node.span)
    if not left.labels:
        return empty_frame(steps)
    found = presence_by_signature(right, theirs, count)[mine]
    kept = left.present & (found if node.op == "and" else ~found)
    return replace(left, present=kept).nonempty()
