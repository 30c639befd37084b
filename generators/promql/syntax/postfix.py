"""Parses what follows an operand: ranges, subqueries, ``offset``, ``@``, ``anchored`` and ``smoothed``."""

from __future__ import annotations

import re
from dataclasses import replace

from generators.promql.syntax.ast import At, DurationExpr, Expr, MatrixSelector, Span, Subquery, VectorSelector
from generators.promql.syntax.cursor import Cursor
from generators.promql.syntax.duration_parser import parse_offset, parse_range
from generators.promql.syntax.selector_parser import number_value

POSTFIXES = frozenset({"[", "offset", "@", "anchored", "smoothed"})


def parse_postfixes(cursor: Cursor, expr: Expr, start: int) -> Expr:
    """``expr``, which starts at ``start``, with everything that follows it."""
    grouped = cursor.grouped
    while (kind := cursor.kind) in POSTFIXES:
        if kind == "[":
            expr = _bracket(cursor, expr, start, grouped)
        else:
            target = _target(cursor, expr, grouped)
            expr = _MODIFIERS[kind](cursor, expr, target, start)
        grouped = False
    cursor.grouped = False
    return expr


def _bracket(cursor: Cursor, expr: Expr, start: int, grouped: bool) -> Expr:
    opening = cursor.take()
    range_ = parse_range(cursor)
    if cursor.accept(":"):
        step = None if cursor.kind == "]" else parse_range(cursor)
        cursor.expect("]", "`]`")
        return Subquery(expr, range_, step, span=Span(start, cursor.end))
    cursor.expect("]", "`]` or `:`")
    span = Span(opening.start, cursor.end)
    if not isinstance(expr, VectorSelector) or grouped:
        help_ = "put the range right after the metric, or write a subquery such as `[5m:]`"
        cursor.stop("Q009", "a range must follow a selector", span, help_)
    if expr.offset is not None:
        cursor.stop("Q009", "`offset` must come after the range", span, "write `metric[5m] offset 1h`")
    if expr.at is not None:
        cursor.stop("Q009", "`@` must come after the range", span, "write `metric[5m] @ 1700000000`")
    return MatrixSelector(expr, range_, Span(start, cursor.end))


def _target(cursor: Cursor, expr: Expr, grouped: bool) -> VectorSelector | Subquery:
    """The selector or subquery that a modifier, the next token, applies to."""
    if not grouped:
        if isinstance(expr, VectorSelector | Subquery):
            return expr
        if isinstance(expr, MatrixSelector):
            return expr.selector
    word = cursor.token
    message = f"`{word.kind}` must follow a selector or a subquery"
    return cursor.stop("Q009", message, Span(word.start, word.end), "move it right after the metric or its range")


def _offset(cursor: Cursor, expr: Expr, target: VectorSelector | Subquery, start: int) -> Expr:
    word = cursor.take()
    offset = parse_offset(cursor)
    if target.offset is not None:
        cursor.stop("Q009", "`offset` is set twice", Span(word.start, cursor.end), "add the two")
    return _changed(expr, start, cursor.end, offset=offset)


def _at(cursor: Cursor, expr: Expr, target: VectorSelector | Subquery, start: int) -> Expr:
    sign = cursor.take()
    at: int | At
    if cursor.kind in ("start", "end"):
        at = At.START if cursor.take().kind == "start" else At.END
        cursor.expect("(", "`(`", f"write `@ {at}`")
        cursor.expect(")", "`)`", f"write `@ {at}`")
    else:
        at = _timestamp(cursor)
    if target.at is not None:
        cursor.stop("Q009", "`@` is set twice", Span(sign.start, cursor.end), "delete one of them")
    return _changed(expr, start, cursor.end, at=at)


def _timestamp(cursor: Cursor) -> int:
    """Milliseconds of the Unix time in seconds that comes next."""
    negative = cursor.kind == "-"
    if cursor.kind in ("+", "-"):
        cursor.index += 1
    token = cursor.token
    seconds = number_value(cursor, "a Unix time in seconds, `start()` or `end()`")
    if not abs(seconds) * 1000 < 2**63:
        cursor.stop("Q009", "the time after `@` is out of range", Span(token.start, token.end))
    from decimal import ROUND_HALF_UP, Decimal  # noqa: PLC0415 - seldom wanted, and slow to import

    # Decimals are read exactly, so that every millisecond survives printing.
    exact = Decimal(token.text) if _DECIMAL.fullmatch(token.text) else Decimal(seconds)
    milliseconds = int((exact * 1000).to_integral_value(ROUND_HALF_UP))
    return -milliseconds if negative else milliseconds


def _extended(cursor: Cursor, expr: Expr, target: VectorSelector | Subquery, start: int) -> Expr:
    word = cursor.take()
    span = Span(word.start, word.end)
    if isinstance(target, Subquery):
        cursor.stop("Q009", f"`{word.kind}` is not possible on a subquery", span)
    if target.modifier not in ("", word.kind):
        cursor.stop("Q009", "`anchored` and `smoothed` exclude each other", span, "delete one of them")
    return _changed(expr, start, cursor.end, modifier=word.kind)


_MODIFIERS = {"offset": _offset, "@": _at, "anchored": _extended, "smoothed": _extended}
_DECIMAL = re.compile(r"[1-9][0-9]*(?:\.[0-9]+)?|0?\.[0-9]+")


def _changed(
    expr: Expr,
    start: int,
    end: int,
    *,
    offset: DurationExpr | None = None,
    at: int | At | None = None,
    modifier: str = "",
) -> Expr:
    """``expr``, now from ``start`` to ``end``, with one more modifier."""
    span = Span(start, end)
    match expr:
        case MatrixSelector(selector=target) | (VectorSelector() as target):
            selector = replace(
                target,
                offset=target.offset if offset is None else offset,
                at=target.at if at is None else at,
                modifier=modifier or target.modifier,
                span=target.span if isinstance(expr, MatrixSelector) else span,
            )
            return MatrixSelector(selector, expr.range, span) if isinstance(expr, MatrixSelector) else selector
        case Subquery():
            offset = expr.offset if offset is None else offset
            return replace(expr, offset=offset, at=expr.at if at is None else at, span=span)
    raise TypeError(type(expr).__name__)
