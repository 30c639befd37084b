"""Parses durations: literals, and the arithmetic that ranges, steps and offsets may hold since Prometheus 3.4.

Grammar of `promql/parser/generated_parser.y`, rules ``duration_expr`` and ``offset_duration_expr``.
"""

from __future__ import annotations

import math

from generators.diagnostics import Code, Span
from generators.formats.durations import LONGEST, DurationError, parse_duration
from generators.promql.syntax.ast import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationNumber,
    DurationUnary,
)
from generators.promql.syntax.cursor import Cursor
from generators.promql.syntax.lexer import DURATION, DURATION_FUNCTIONS, HOLE, METRIC, NAME, NUMBER, Token
from generators.promql.syntax.literals import parse_number
from generators.promql.syntax.mistakes import BROKEN_DURATION

DURATION_RANGE = Code(
    "Q038",
    "a duration out of range",
    "Ranges and steps are longer than zero; no duration is longer than 292 years.",
    "rate(errors_total[0s])",
    "rate(errors_total[5m])",
)


_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
_UNARY = 3
_SWALLOWED = "after `offset (…)` arithmetic belongs to the offset; write `(metric offset (…)) + …`"
_EXPECTED = "a duration such as `5m`"


def parse_range(cursor: Cursor) -> DurationExpr:
    """A duration between brackets: of a range, a subquery or its step."""
    return _settle(cursor, _expression(cursor, 1))


def parse_offset(cursor: Cursor) -> DurationExpr:
    """A duration after ``offset``.

    A literal or a call ends the offset, so that ``x offset 5m + 1`` adds 1 to ``x offset 5m``; arithmetic needs
    parentheses around it.
    """
    if cursor.kind == "(":
        return _settle(cursor, _expression(cursor, 1))
    if cursor.kind in ("+", "-"):
        if cursor.following() in ("+", "-"):
            return _settle(cursor, _expression(cursor, 1))
        return _settle(cursor, _signed(cursor, bare=True))
    return _settle(cursor, _operand(cursor))


def _settle(cursor: Cursor, duration: DurationExpr) -> DurationExpr:
    """A number on its own is a duration in seconds."""
    if not isinstance(duration, DurationNumber):
        return duration
    if not abs(duration.value) * 1000 <= LONGEST:
        message = "duration is out of range; Prometheus holds up to 292 years"
        cursor.stop(DURATION_RANGE, message, duration.span)
    # Like Prometheus: rounded to nanoseconds, then cut to milliseconds.
    nanoseconds = math.floor(abs(duration.value) * 1e9 + 0.5)
    if 0 < nanoseconds < 1_000_000:
        cursor.stop(DURATION_RANGE, "duration is shorter than a millisecond", duration.span)
    return Duration(int(math.copysign(nanoseconds // 1_000_000, duration.value)), duration.span)


def _expression(cursor: Cursor, minimum: int) -> DurationExpr:
    cursor.enter()
    start = cursor.token.start
    left = _signed(cursor, bare=False) if cursor.kind in ("+", "-") else _operand(cursor)
    while (power := _BINDING.get(cursor.kind, 0)) >= minimum:
        op = cursor.take().text
        right = _expression(cursor, power if op == "^" else power + 1)
        left = DurationBinary(op, left, right, Span(start, cursor.end))
        cursor.grouped = False
    cursor.nesting -= 1
    return left


def _signed(cursor: Cursor, *, bare: bool) -> DurationExpr:
    sign = cursor.take()
    operand = _operand(cursor) if bare else _expression(cursor, _UNARY)
    span = Span(sign.start, cursor.end)
    if not cursor.grouped:
        if isinstance(operand, Duration):
            return Duration(-operand.milliseconds if sign.kind == "-" else operand.milliseconds, span)
        if isinstance(operand, DurationNumber):
            return DurationNumber(-operand.value if sign.kind == "-" else operand.value, span)
    cursor.grouped = False
    return DurationUnary(sign.kind, operand, span)


def _operand(cursor: Cursor) -> DurationExpr:
    token = cursor.token
    kind = token.kind
    cursor.grouped = False
    if kind in (DURATION, NUMBER):
        cursor.index += 1
        return _literal(cursor, token)
    if kind == HOLE:
        cursor.index += 1
        return DurationHole(token.text, Span(token.start, token.end))
    if kind in DURATION_FUNCTIONS:
        return _call(cursor)
    if kind == "(":
        cursor.index += 1
        inner = _expression(cursor, 1)
        cursor.expect(")", "`)` or an operator")
        cursor.grouped = True
        return inner
    after_operator = kind in (NAME, METRIC) and cursor.tokens[cursor.index - 1].kind in _BINDING
    return cursor.fail(_EXPECTED, _SWALLOWED if after_operator else "")


def _literal(cursor: Cursor, token: Token) -> DurationExpr:
    span = Span(token.start, token.end)
    try:
        if token.kind == DURATION:
            return Duration(parse_duration(token.text), span)
        return DurationNumber(parse_number(token.text), span)
    except DurationError as error:
        start = token.start + error.start
        cursor.stop(BROKEN_DURATION, error.message, Span(start, start + error.length), error.help)
    except ValueError as error:
        cursor.stop(BROKEN_DURATION, str(error), span)


def _call(cursor: Cursor) -> DurationExpr:
    token = cursor.take()
    cursor.expect("(", "`(`", f"`{token.text}` is a function here")
    arguments: tuple[DurationExpr, ...] = ()
    if token.kind not in ("step", "range"):
        first = _expression(cursor, 1)
        cursor.expect(",", "`,`", f"`{token.kind}` compares two durations")
        arguments = (first, _expression(cursor, 1))
    cursor.expect(")", "`)`")
    cursor.grouped = False
    return DurationCall(token.kind, arguments, Span(token.start, cursor.end))
