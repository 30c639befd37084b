"""Syntax trees to PromQL over several lines, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.printer import (
    brackets,
    clause,
    format,  # noqa: A004 - the field's word
    format_matcher,
    operand_needs_parentheses,
    operator,
    sign_needs_parentheses,
    subquery_needs_parentheses,
)
from generators.promql.syntax.walk import children

_INDENT = "  "


def pretty(expr: Expr, width: int = 100) -> str:
    """Lay an expression out over as many lines as it takes to stay within ``width`` columns, where it can.

    What fits on a line stays on it.  Reading the text gives the same tree back.
    """
    least: dict[int, int] = {}
    _measure(expr, least)
    return "\n".join(_lines(expr, width, least))


def _lines(expr: Expr, width: int, least: Mapping[int, int]) -> list[str]:
    if least[id(expr)] > width and not isinstance(expr, VectorSelector | MatrixSelector):
        line = ""
    else:
        line = format(expr)
        if len(line) <= width:
            return [line]
    match expr:
        case Binary():
            left, right = _operand(expr, width, least, left=True), _operand(expr, width, least, left=False)
            joined = f"{operator(expr)} {right[0]}"
            return [*left, joined] if len(right) == 1 and len(joined) <= width else [*left, operator(expr), *right]
        case Call(arguments=(_, *_)):
            return _wrapped(expr.function + "(", expr.arguments, ")", width, least)
        case Aggregate():
            arguments = (expr.expr,) if expr.parameter is None else (expr.parameter, expr.expr)
            return _wrapped(clause(expr) + "(", arguments, ")", width, least)
        case Unary() if sign_needs_parentheses(expr):
            return _wrapped(expr.op + "(", (expr.expr,), ")", width, least)
        case Unary():
            first, *rest = _lines(expr.expr, width - 1, least)
            return [expr.op + first, *rest]
        case Subquery() if subquery_needs_parentheses(expr):
            return _wrapped("(", (expr.expr,), ")" + brackets(expr), width, least)
        case Subquery():
            *rest, last = _lines(expr.expr, width, least)
            return [*rest, last + brackets(expr)]
        case VectorSelector() | MatrixSelector():
            return _selector(expr, line)
    return [line or format(expr)]


def _measure(expr: Expr, least: dict[int, int]) -> int:
    """Find a lower bound of each node's length on one line without printing it: what cannot fit is not tried."""
    if isinstance(expr, VectorSelector):
        found = len(expr.name or "") + sum(len(each.label) + len(each.value) for each in expr.matchers)
    else:
        found = sum(_measure(child, least) for child in children(expr))
    least[id(expr)] = found
    return found


def _operand(expr: Binary, width: int, least: Mapping[int, int], *, left: bool) -> list[str]:
    operand = expr.left if left else expr.right
    if operand_needs_parentheses(expr, left=left):
        if least[id(operand)] <= width and len(text := f"({format(operand)})") <= width:
            return [text]
        return _wrapped("(", (operand,), ")", width, least)
    return _lines(operand, width, least)


def _wrapped(opening: str, parts: Sequence[Expr], closing: str, width: int, least: Mapping[int, int]) -> list[str]:
    inside = [_lines(part, width - len(_INDENT), least) for part in parts]
    for lines in inside[:-1]:
        lines[-1] += ","
    return [opening, *(_INDENT + line for lines in inside for line in lines), closing]


def _selector(expr: VectorSelector | MatrixSelector, line: str) -> list[str]:
    """One matcher a line, where there are several."""
    matchers = (expr.selector if isinstance(expr, MatrixSelector) else expr).matchers
    texts = [format_matcher(matcher) for matcher in matchers]
    joined = ",".join(texts)
    if len(texts) < 2 or (start := line.find(joined)) < 0:
        return [line]
    inside = [f"{_INDENT}{text}," for text in texts[:-1]] + [_INDENT + texts[-1]]
    return [line[:start], *inside, line[start + len(joined) :]]
