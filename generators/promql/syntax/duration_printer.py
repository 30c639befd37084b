"""Durations of the syntax tree to text: literals, holes, and arithmetic with the parentheses that it needs."""

from __future__ import annotations

from typing import assert_never

from generators.formats.durations import format_duration
from generators.promql.syntax.ast import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationNumber,
    DurationUnary,
)
from generators.promql.syntax.literals import format_number

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_SIGN = 2.5
_ATOM = 4


def format_duration_expr(duration: DurationExpr) -> str:
    """The text of a duration, literal or computed, as it stands between brackets."""
    match duration:
        case Duration():
            return format_duration(duration.milliseconds)
        case DurationHole():
            return f"${duration.name}"
        case DurationNumber():
            return format_number(duration.value)
        case DurationCall():
            return f"{duration.function}({', '.join(map(format_duration_expr, duration.arguments))})"
        case DurationUnary():
            inner = format_duration_expr(duration.operand)
            weak = _strength(duration.operand) < _SIGN
            literal = isinstance(duration.operand, Duration | DurationNumber)
            return f"{duration.op}({inner})" if weak or literal else duration.op + inner
        case DurationBinary():
            left = _operand(duration, duration.left, left=True)
            return f"{left} {duration.op} {_operand(duration, duration.right, left=False)}"
    assert_never(duration)


def _strength(duration: DurationExpr) -> float:
    match duration:
        case DurationBinary():
            return _BINDING[duration.op]
        case DurationUnary():
            return _SIGN
        case Duration() | DurationNumber():
            return _SIGN if format_duration_expr(duration)[0] == "-" else _ATOM
    return _ATOM


def _operand(parent: DurationBinary, operand: DurationExpr, *, left: bool) -> str:
    text = format_duration_expr(operand)
    strength, inner = _BINDING[parent.op], _strength(operand)
    if not left and not isinstance(operand, DurationBinary):
        return text
    weak = inner < strength or (inner == strength and left == (parent.op == "^"))
    return f"({text})" if weak else text


def format_offset(duration: DurationExpr) -> str:
    """The text of a duration after ``offset``, where arithmetic needs parentheses."""
    text = format_duration_expr(duration)
    match duration:
        case DurationBinary():
            return f"({text})"
        case DurationUnary(operand=DurationBinary(op="^") | DurationUnary()):
            return f"{duration.op}({format_duration_expr(duration.operand)})"
    return text
