"""Syntax trees to PromQL text.

``format`` writes one canonical line, close to what Prometheus itself prints, with the parentheses that the shape of
the tree needs, and around comparisons inside other comparisons and set operators, where readers stumble.  Reading the
text gives the same tree back, whatever strings and names are in it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import assert_never

from generators.formats.durations import format_duration
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Matcher,
    Matching,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.duration_printer import format_duration_expr, format_offset
from generators.promql.syntax.lexer import KEYWORDS, METRIC_WORDS, NEVER_LABELS
from generators.promql.syntax.literals import format_number, quote
from generators.promql.syntax.parser import BINDING

COMPARISONS = frozenset({"==", "!=", "<=", "<", ">=", ">"})
SET_OPERATORS = frozenset({"and", "or", "unless"})

_ATOM = 8
_SIGN = 5.5
"""A sign binds tighter than ``*`` and looser than ``^``."""
_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GROUPING = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*")
_NO_LABELS = NEVER_LABELS | {"inf", "nan"}
_NO_METRICS = (KEYWORDS - METRIC_WORDS) | {"inf", "nan"}


def format(expr: Expr) -> str:  # noqa: A001 - the field's word, always used as `promql.format`
    """One canonical line of PromQL."""
    match expr:
        case Binary():
            return format_operand(expr, left=True) + f" {operator(expr)} " + format_operand(expr, left=False)
        case Call():
            return f"{expr.function}({', '.join(map(format, expr.arguments))})"
        case VectorSelector():
            return _name_and_matchers(expr) + _modifiers(expr)
        case MatrixSelector():
            range_ = f"[{format_duration_expr(expr.range)}]"
            return _name_and_matchers(expr.selector) + range_ + _modifiers(expr.selector)
        case NumberLiteral():
            return _number(expr)
        case Aggregate():
            parameter = "" if expr.parameter is None else format(expr.parameter) + ", "
            return f"{clause(expr)}({parameter}{format(expr.expr)})"
        case StringLiteral():
            return quote(expr.value)
        case Unary():
            inner = format(expr.expr)
            return f"{expr.op}({inner})" if sign_needs_parentheses(expr) else expr.op + inner
        case Subquery():
            inner = format(expr.expr)
            return (f"({inner})" if subquery_needs_parentheses(expr) else inner) + brackets(expr)
    assert_never(expr)


def format_operand(expr: Binary, *, left: bool) -> str:
    """One side of a binary operator, with parentheses if it needs them."""
    operand = expr.left if left else expr.right
    return f"({format(operand)})" if operand_needs_parentheses(expr, left=left) else format(operand)


# --- parentheses -------------------------------------------------------------------------------------------------


def _strength(expr: Expr) -> float:
    """How tightly the text of ``expr`` holds together."""
    if isinstance(expr, Binary):
        return BINDING[expr.op]
    if isinstance(expr, Unary) or (isinstance(expr, NumberLiteral) and _number(expr)[0] == "-"):
        return _SIGN
    return _ATOM


def operand_needs_parentheses(expr: Binary, *, left: bool) -> bool:
    """Whether one side of a binary operator must stand, or reads better, in parentheses."""
    operand = expr.left if left else expr.right
    if isinstance(operand, Binary):
        if operand.op in COMPARISONS and (expr.op in SET_OPERATORS or expr.op in COMPARISONS):
            return True
        strength = BINDING[expr.op]
        inner = BINDING[operand.op]
        if inner < strength or (inner == strength and left == (expr.op == "^")):
            return True
        return left and _ends_in_open_offset(operand)
    if left:
        return _strength(operand) < BINDING[expr.op] or _ends_in_open_offset(operand)
    # A sign may follow any operator: `a ^ -b`.
    return False


def _ends_in_open_offset(expr: Expr) -> bool:
    """Whether the text ends in ``offset (…)``, which would swallow an operator after it."""
    while isinstance(expr, Unary | Binary):
        expr = expr.expr if isinstance(expr, Unary) else expr.right
    if isinstance(expr, MatrixSelector):
        expr = expr.selector
    offset = expr.offset if isinstance(expr, VectorSelector | Subquery) else None
    return offset is not None and format_offset(offset).startswith("(")


def sign_needs_parentheses(expr: Unary) -> bool:
    """Whether the operand of a sign must stand in parentheses; a bare number would swallow the sign."""
    return _strength(expr.expr) < _SIGN or isinstance(expr.expr, NumberLiteral)


def subquery_needs_parentheses(expr: Subquery) -> bool:
    """Whether what stands before the brackets of a subquery must stand, or reads better, in parentheses."""
    match expr.expr:
        case Call() | Aggregate() | StringLiteral():
            return False
        case VectorSelector(offset=None, at=None, modifier=""):
            return False
    return True


# --- pieces ------------------------------------------------------------------------------------------------------


def operator(expr: Binary) -> str:
    """The operator with ``bool`` and all matching."""
    text = expr.op + " bool" if expr.return_bool else expr.op
    if expr.matching is not None:
        text += _matching(expr.matching)
    return text


def _matching(matching: Matching) -> str:
    text = ""
    if matching.on or matching.labels or matching.group:
        text = f" {'on' if matching.on else 'ignoring'} ({format_labels(matching.labels)})"
    if matching.group:
        text += f" {matching.group} ({format_labels(matching.include)})"
    left, right = matching.fill_left, matching.fill_right
    if left is not None and (left is right or left == right):
        return f"{text} fill ({format_number(left)})"
    if left is not None:
        text += f" fill_left ({format_number(left)})"
    if right is not None:
        text += f" fill_right ({format_number(right)})"
    return text


def clause(expr: Aggregate) -> str:
    """The aggregation operator with its labels, up to the parenthesis."""
    if expr.labels is None:
        return expr.op
    return f"{expr.op} {'without' if expr.without else 'by'} ({format_labels(expr.labels)}) "


def format_labels(labels: tuple[str, ...]) -> str:
    """Labels of a grouping clause; those that are no plain names in quotes, holes with their dollar."""
    return ", ".join(
        label if _GROUPING.fullmatch(label) and label.lower() not in _NO_LABELS else quote(label) for label in labels
    )


@lru_cache(maxsize=4096)
def format_matcher(matcher: Matcher) -> str:
    """``label="value"``."""
    label = matcher.label if _LABEL.fullmatch(matcher.label) else quote(matcher.label)
    return f"{label}{matcher.op}{quote(matcher.value)}"


def _name_and_matchers(selector: VectorSelector) -> str:
    name, matchers = selector.name, [format_matcher(matcher) for matcher in selector.matchers]
    if selector.hole:
        bare = f"${name}"
    elif name is None:
        return "{" + ",".join(matchers) + "}"
    elif _METRIC.fullmatch(name) and name.lower() not in _NO_METRICS:
        bare = name
    else:
        return "{" + ",".join([quote(name), *matchers]) + "}"
    return bare + "{" + ",".join(matchers) + "}" if matchers else bare


def _modifiers(expr: VectorSelector | Subquery) -> str:
    if expr.offset is None and expr.at is None and not getattr(expr, "modifier", ""):
        return ""
    text = f" {expr.modifier}" if isinstance(expr, VectorSelector) and expr.modifier else ""
    if isinstance(expr.at, int):
        text += f" @ {_seconds(expr.at)}"
    elif expr.at is not None:
        text += f" @ {expr.at}"
    return text if expr.offset is None else f"{text} offset {format_offset(expr.offset)}"


def _seconds(milliseconds: int) -> str:
    seconds, rest = divmod(abs(milliseconds), 1000)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{seconds}" + (f".{rest:03d}" if rest else "")


def brackets(expr: Subquery) -> str:
    """What follows the expression of a subquery."""
    step = "" if expr.step is None else format_duration_expr(expr.step)
    return f"[{format_duration_expr(expr.range)}:{step}]{_modifiers(expr)}"


def _number(expr: NumberLiteral) -> str:
    milliseconds = expr.value * 1000
    if expr.as_duration and abs(milliseconds) < 2**53 and milliseconds == int(milliseconds):
        text = format_duration(int(milliseconds))
        return "-0s" if expr.value == 0 and str(expr.value)[0] == "-" else text
    return format_number(expr.value)
