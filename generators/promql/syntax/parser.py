"""PromQL text to a syntax tree, by precedence climbing.

The language is that of Prometheus 3.15 (`promql/parser/generated_parser.y`), a superset of 2.x: what a version lacks
is found by ``check``.  Types are checked there, too; here only what the tree cannot hold is refused.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.syntax.ast import (
    Aggregate,
    At,
    Binary,
    Call,
    DurationExpr,
    Expr,
    Matcher,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.cursor import TOO_DEEP, UNBALANCED_BRACKET, Cursor, SyntaxProblem
from generators.promql.syntax.duration_parser import parse_offset, parse_range
from generators.promql.syntax.functions import AGGREGATES
from generators.promql.syntax.lexer import (
    AGGREGATIONS,
    CALLABLE,
    DURATION,
    END,
    HOLE,
    METRIC,
    METRIC_WORDS,
    NAME,
    NUMBER,
    STRING,
    tokenize,
)
from generators.promql.syntax.mistakes import after_operand, before_operand
from generators.promql.syntax.selector_parser import (
    MODIFIERS,
    number_value,
    parse_labels,
    parse_matchers,
    parse_modifiers,
    string_value,
)
from generators.promql.syntax.walk import height

EMPTY_EXPRESSION = Code(
    "Q007", "an empty expression", "There is nothing but white space and comments.", "# to do", "up == 0"
)
MISPLACED_MODIFIER = Code(
    "Q009",
    "a modifier in the wrong place",
    "Ranges follow selectors; `offset`, `@`, `anchored` and `smoothed` follow selectors, ranges and "
    "subqueries, each once, and not in parentheses.",
    "rate(errors_total)[5m]",
    "rate(errors_total[5m])",
)
AGGREGATION_ARGUMENTS = Code(
    "Q010",
    "an aggregation with the wrong number of arguments",
    "Aggregations take one vector; topk, bottomk, quantile, count_values, limitk and limit_ratio take a "
    "parameter before it.",
    "topk(requests_total)",
    "topk(5, requests_total)",
)


BINDING = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">", "</", ">/"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
"""How tightly each binary operator binds; only ``^`` groups from the right, and a sign binds just below it."""

PARAMETRIC = frozenset(name for name, aggregation in AGGREGATES.items() if aggregation.parameter)
"""Aggregations that take a parameter before the vector."""

MAX_HEIGHT = 1_000
"""Levels of a syntax tree."""

sys.setrecursionlimit(max(sys.getrecursionlimit(), 20 * MAX_HEIGHT))
"""Python's own limit is 1,000 calls; generated rules hold hundreds of operands in a row, and each level is several."""


def parse(text: str, *, template: bool = False) -> tuple[Expr | None, tuple[TextFinding, ...]]:
    """The tree of an expression, or the first syntax error.

    With ``template``, ``$name`` may stand for a duration, a list of labels or an expression.
    """
    tokens, error = tokenize(text, template=template)
    cursor = Cursor(tokens, error, template)
    try:
        if cursor.kind == END:
            cursor.stop(EMPTY_EXPRESSION, "the expression is empty", Span(0, len(text)))
        expr = _expression(cursor, 1)
        if cursor.kind != END:
            _fail_after_operand(cursor)
        if len(tokens) > 2 * MAX_HEIGHT and height(expr) > MAX_HEIGHT:
            cursor.stop(TOO_DEEP, f"more than {MAX_HEIGHT} operators in a row or in one another", expr.span)
    except SyntaxProblem as problem:
        return None, (problem.problem,)
    return expr, ()


def _expression(cursor: Cursor, minimum: int) -> Expr:
    cursor.enter()
    start = cursor.token.start
    left = _operand(cursor)
    while (power := BINDING.get(cursor.kind, 0)) >= minimum:
        op = cursor.take().kind
        return_bool, matching = parse_modifiers(cursor) if cursor.kind in MODIFIERS else (False, None)
        right = _expression(cursor, power if op == "^" else power + 1)
        left = Binary(op, left, right, return_bool, matching, Span(start, cursor.end))
        cursor.grouped = False
    cursor.nesting -= 1
    return left


def _operand(cursor: Cursor) -> Expr:
    token = cursor.token
    if token.kind in ("+", "-"):
        return _signed(cursor)
    cursor.grouped = False
    expr = _primary(cursor)
    if cursor.kind in POSTFIXES:
        expr = parse_postfixes(cursor, expr, token.start)
        cursor.grouped = False
    return expr


def _signed(cursor: Cursor) -> Expr:
    sign = cursor.take()
    operand = _expression(cursor, BINDING["^"])
    span = Span(sign.start, cursor.end)
    if isinstance(operand, NumberLiteral) and not cursor.grouped:
        return NumberLiteral(-operand.value if sign.kind == "-" else operand.value, operand.as_duration, span)
    cursor.grouped = False
    return Unary(sign.kind, operand, span)


def _primary(cursor: Cursor) -> Expr:
    token = cursor.token
    kind = token.kind
    following = cursor.following()
    if following == "(" and (kind == NAME or kind in CALLABLE):
        return _call(cursor)
    if kind in AGGREGATIONS and following in ("(", "by", "without"):
        return _aggregate(cursor)
    if kind in (NAME, METRIC, HOLE, "{") or kind in METRIC_WORDS:
        return _selector(cursor)
    if kind in (NUMBER, DURATION):
        value = number_value(cursor, "a number")
        return NumberLiteral(value, kind == DURATION, Span(token.start, token.end))
    if kind == "(":
        cursor.index += 1
        expr = _expression(cursor, 1)
        cursor.expect(")", "`)` or an operator")
        cursor.grouped = True
        return expr
    if kind == STRING:
        cursor.index += 1
        return StringLiteral(string_value(cursor, token), Span(token.start, token.end))
    code, help_ = before_operand(token.text, cursor.tokens[cursor.index - 1].text if cursor.index else "")
    return cursor.fail("an expression", help_, code)


def _selector(cursor: Cursor) -> VectorSelector:
    token = cursor.token
    name: str | None = None
    if token.kind != "{":
        cursor.index += 1
        name = token.text
    matchers: tuple[Matcher, ...] = ()
    if cursor.kind == "{":
        name, matchers = parse_matchers(cursor, name)
    return VectorSelector(name, matchers, hole=token.kind == HOLE, span=Span(token.start, cursor.end))


def _call(cursor: Cursor) -> Call:
    token = cursor.take()
    arguments = _arguments(cursor)
    return Call(token.text, arguments, Span(token.start, cursor.end))


def _arguments(cursor: Cursor) -> tuple[Expr, ...]:
    """Arguments in parentheses, from the ``(``."""
    cursor.expect("(", "`(`")
    if cursor.accept(")"):
        return ()
    arguments = [_expression(cursor, 1)]
    while cursor.accept(","):
        arguments.append(_expression(cursor, 1))
    cursor.expect(")", "`,`, `)` or an operator")
    cursor.grouped = False
    return tuple(arguments)


def _aggregate(cursor: Cursor) -> Aggregate:
    token = cursor.take()
    labels: tuple[str, ...] | None = None
    without = False
    clause_first = cursor.kind != "("
    if clause_first:
        without = cursor.kind == "without"
        labels = parse_labels(cursor, cursor.take().kind)
    if cursor.kind != "(":
        cursor.fail("`(`", f"write the vector after the labels: `{token.kind} by (job) (metric)`")
    arguments = _arguments(cursor)
    if not clause_first and cursor.kind in ("by", "without"):
        without = cursor.kind == "without"
        labels = parse_labels(cursor, cursor.take().kind)
    span = Span(token.start, cursor.end)
    wanted = 2 if token.kind in PARAMETRIC else 1
    if len(arguments) != wanted:
        takes = "a parameter and a vector" if wanted == 2 else "one vector"
        cursor.stop(AGGREGATION_ARGUMENTS, f"`{token.kind}` takes {takes}, but got {len(arguments)} argument(s)", span)
    return Aggregate(token.kind, arguments[-1], arguments[0] if wanted == 2 else None, labels, without, span)


def _fail_after_operand(cursor: Cursor) -> None:
    token = cursor.token
    if token.kind == ")":
        cursor.stop(
            UNBALANCED_BRACKET, "unexpected `)`; nothing is open here", Span(token.start, token.end), "delete it"
        )
    code, help_ = after_operand(token.kind if token.kind != NAME else token.text, cursor.following())
    cursor.fail("an operator or the end of the expression", help_, code)


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
        cursor.stop(MISPLACED_MODIFIER, "a range must follow a selector", span, help_)
    if expr.offset is not None:
        cursor.stop(MISPLACED_MODIFIER, "`offset` must come after the range", span, "write `metric[5m] offset 1h`")
    if expr.at is not None:
        cursor.stop(MISPLACED_MODIFIER, "`@` must come after the range", span, "write `metric[5m] @ 1700000000`")
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
    return cursor.stop(
        MISPLACED_MODIFIER, message, Span(word.start, word.end), "move it right after the metric or its range"
    )


def _offset(cursor: Cursor, expr: Expr, target: VectorSelector | Subquery, start: int) -> Expr:
    word = cursor.take()
    offset = parse_offset(cursor)
    if target.offset is not None:
        cursor.stop(MISPLACED_MODIFIER, "`offset` is set twice", Span(word.start, cursor.end), "add the two")
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
        cursor.stop(MISPLACED_MODIFIER, "`@` is set twice", Span(sign.start, cursor.end), "delete one of them")
    return _changed(expr, start, cursor.end, at=at)


def _timestamp(cursor: Cursor) -> int:
    """Milliseconds of the Unix time in seconds that comes next."""
    negative = cursor.kind == "-"
    if cursor.kind in ("+", "-"):
        cursor.index += 1
    token = cursor.token
    seconds = number_value(cursor, "a Unix time in seconds, `start()` or `end()`")
    if not abs(seconds) * 1000 < 2**63:
        cursor.stop(MISPLACED_MODIFIER, "the time after `@` is out of range", Span(token.start, token.end))
    from decimal import ROUND_HALF_UP, Decimal  # noqa: PLC0415 - seldom wanted, and slow to import

    # Decimals are read exactly, so that every millisecond survives printing.
    exact = Decimal(token.text) if _DECIMAL.fullmatch(token.text) else Decimal(seconds)
    milliseconds = int((exact * 1000).to_integral_value(ROUND_HALF_UP))
    return -milliseconds if negative else milliseconds


def _extended(cursor: Cursor, expr: Expr, target: VectorSelector | Subquery, start: int) -> Expr:
    word = cursor.take()
    span = Span(word.start, word.end)
    if isinstance(target, Subquery):
        cursor.stop(MISPLACED_MODIFIER, f"`{word.kind}` is not possible on a subquery", span)
    if target.modifier not in ("", word.kind):
        cursor.stop(MISPLACED_MODIFIER, "`anchored` and `smoothed` exclude each other", span, "delete one of them")
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
