"""Parses what belongs to selectors and operators: matchers, lists of labels, vector matching."""

from __future__ import annotations

from generators.diagnostics import Span
from generators.formats.durations import parse_duration
from generators.promql.syntax.ast import Group, Matcher, Matching, MatchOp
from generators.promql.syntax.cursor import Cursor
from generators.promql.syntax.lexer import (
    DURATION,
    END,
    HOLE,
    KEYWORDS,
    METRIC,
    NAME,
    NEVER_LABELS,
    NUMBER,
    STRING,
    Token,
)
from generators.promql.syntax.literals import parse_number, unquote
from generators.promql.syntax.mistakes import BROKEN_DURATION, BROKEN_NUMBER, BROKEN_STRING, MISPLACED_OPERATOR

METRIC_NAME = "__name__"
_MATCH_OPS = {op.value: op for op in MatchOp}
_LABELS = (KEYWORDS - NEVER_LABELS) | {NAME, METRIC}


def parse_matchers(cursor: Cursor, name: str | None) -> tuple[str | None, tuple[Matcher, ...]]:
    """Read matchers in braces, from the ``{``, after the metric ``name`` if there is one.

    A bare string is the name of the metric; where there are more, all are matchers on ``__name__``.
    """
    cursor.take()
    matchers: list[Matcher] = []
    bare: list[Matcher] = []
    while not cursor.accept("}"):
        token = cursor.token
        if token.kind not in (NAME, STRING):
            cursor.fail("a label name or `}`" if not matchers else "a label name")
        cursor.index += 1
        label = token.text if token.kind == NAME else string_value(cursor, token)
        if token.kind == STRING and cursor.kind in (",", "}"):
            bare.append(Matcher(METRIC_NAME, MatchOp.EQUAL, label, Span(token.start, token.end)))
            matchers.append(bare[-1])
        else:
            matchers.append(_matcher(cursor, token, label))
        if cursor.kind != "}":
            cursor.expect(",", "`,` or `}`")
    if name is None and bare and sum(matcher.label == METRIC_NAME for matcher in matchers) == 1:
        matchers.remove(bare[0])
        name = bare[0].value
    return name, tuple(matchers)


def _matcher(cursor: Cursor, token: Token, label: str) -> Matcher:
    op = _MATCH_OPS.get(cursor.kind)
    if op is None:
        help_ = "write `=` inside braces" if cursor.kind in ("==", ":") else ""
        cursor.fail("`=`, `!=`, `=~` or `!~`", help_)
    cursor.index += 1
    value = cursor.token
    if value.kind != STRING:
        help_ = f'put the value in quotes: {token.text}{op}"{value.text}"' if value.kind in (NAME, NUMBER) else ""
        cursor.fail("a string in quotes", help_)
    cursor.index += 1
    return Matcher(label, op, string_value(cursor, value), Span(token.start, value.end))


def string_value(cursor: Cursor, token: Token) -> str:
    """Value of a string token."""
    try:
        return unquote(token.text)
    except ValueError as error:
        cursor.stop(BROKEN_STRING, str(error), Span(token.start, token.end))


def parse_labels(cursor: Cursor, after: str) -> tuple[str, ...]:
    """Labels in parentheses, from the ``(``; ``after`` is the word before it."""
    cursor.expect("(", "`(`", f"write the labels in parentheses: `{after} (job)`, or `{after} ()` for none")
    labels: list[str] = []
    while not cursor.accept(")"):
        token = cursor.token
        if token.kind in _LABELS:
            labels.append(token.text)
        elif token.kind == STRING:
            labels.append(string_value(cursor, token))
        elif token.kind == HOLE:
            labels.append("$" + token.text)
        else:
            help_ = f'put it in quotes: "{token.text}"' if token.kind in NEVER_LABELS | {NUMBER} else ""
            cursor.fail("a label name or `)`", help_ or _group_help(after))
        cursor.index += 1
        if cursor.kind != ")":
            cursor.expect(",", "`,` or `)`", _group_help(after))
    return tuple(labels)


def _group_help(word: str) -> str:
    """Remedy where an operand in parentheses was taken for labels."""
    return f"before an operand in parentheses write `{word} ()`" if word in _GROUPS else ""


_GROUPS = ("group_left", "group_right")
MODIFIERS = frozenset({"bool", "on", "ignoring", "fill", "fill_left", "fill_right", "group_left", "group_right"})
"""Words that may follow a binary operator and are no operand there."""


def parse_modifiers(cursor: Cursor) -> tuple[bool, Matching | None]:
    """What stands between a binary operator and its right operand: ``bool``, matching, filling."""
    return_bool = cursor.accept("bool")
    on, labels, include = False, (), ()  # type: bool, tuple[str, ...], tuple[str, ...]
    group: Group | None = None
    if cursor.kind in ("on", "ignoring"):
        word = cursor.take().kind
        on, labels = word == "on", parse_labels(cursor, word)
        if cursor.kind in _GROUPS:
            group = Group(cursor.take().kind)
            if cursor.kind == "(":
                include = parse_labels(cursor, group.value)
                if cursor.kind in (END, ")", ","):
                    cursor.fail("an expression", _group_help(group.value))
    elif cursor.kind in _GROUPS:
        cursor.fail("`on (…)` or `ignoring (…)` first", f"write `on (labels) {cursor.kind} ()`", MISPLACED_OPERATOR)
    left, right = _fill(cursor)
    return return_bool, Matching(on, labels, group, include, left, right)


def _fill(cursor: Cursor) -> tuple[float | None, float | None]:
    if cursor.accept("fill"):
        both = _fill_value(cursor)
        return both, both
    left = right = None
    if cursor.accept("fill_left"):
        left = _fill_value(cursor)
        right = _fill_value(cursor) if cursor.accept("fill_right") else None
    elif cursor.accept("fill_right"):
        right = _fill_value(cursor)
        left = _fill_value(cursor) if cursor.accept("fill_left") else None
    return left, right


def _fill_value(cursor: Cursor) -> float:
    cursor.expect("(", "`(`")
    negative = cursor.kind == "-"
    if cursor.kind in ("+", "-"):
        cursor.index += 1
    value = number_value(cursor, "a number")
    cursor.expect(")", "`)`")
    return -value if negative else value


def number_value(cursor: Cursor, expected: str) -> float:
    """Value of the next token, a number, or a duration in seconds."""
    token = cursor.token
    if token.kind not in (NUMBER, DURATION):
        cursor.fail(expected)
    cursor.index += 1
    try:
        return parse_number(token.text) if token.kind == NUMBER else parse_duration(token.text) / 1000
    except ValueError as error:
        code = BROKEN_NUMBER if token.kind == NUMBER else BROKEN_DURATION
        cursor.stop(code, str(error), Span(token.start, token.end))
