"""PromQL text to tokens.

A token's ``kind`` is the word or sign itself, in lower case, for keywords, operators and punctuation (``sum``,
``and``, ``==``, ``(``), and one of the constants below for everything else.  Inside braces every word is a NAME,
since keywords may be label names there.  The list always ends with END or, where the text is no PromQL, with ERROR.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from generators.diagnostics import TextFinding
from generators.promql.syntax.functions import AGGREGATES
from generators.promql.syntax.mistakes import unknown_text

NAME: Final = "<name>"
METRIC: Final = "<metric name>"
NUMBER: Final = "<number>"
DURATION: Final = "<duration>"
STRING: Final = "<string>"
HOLE: Final = "<hole>"
END: Final = "<end>"
ERROR: Final = "<error>"

AGGREGATIONS: Final = frozenset(AGGREGATES)
DURATION_FUNCTIONS: Final = frozenset({"step", "range", "min_of", "max_of", "min", "max"})
CALLABLE: Final = frozenset({"start", "end", "step", "range", "min_of", "max_of"})
FILLS: Final = frozenset({"fill", "fill_left", "fill_right"})
NEVER_METRICS: Final = frozenset({"atan2", "bool", "group_left", "group_right", "ignoring", "on"})
METRIC_WORDS: Final = (
    AGGREGATIONS
    | CALLABLE
    | FILLS
    | frozenset({"and", "anchored", "by", "offset", "or", "smoothed", "unless", "without"})
)
"""Keywords that are metric names where an operand is expected."""
NEVER_LABELS: Final = frozenset({"without"})
"""Keywords that stand for labels in quotes only; so do ``inf`` and ``nan``."""
KEYWORDS: Final = METRIC_WORDS | NEVER_METRICS


class Token(NamedTuple):
    """One token: its kind, its text, and where it starts and ends (character offsets, half-open)."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str, *, template: bool = False) -> tuple[list[Token], TextFinding | None]:
    """Tokens of ``text``; ``$name`` is a HOLE in templates only.

    The problem, if any, belongs to the ERROR token at the end of the list.
    """
    tokens: list[Token] = []
    append = tokens.append
    match_at = _OUTSIDE.match
    opened = ""
    position = 0
    while (match := match_at(text, position)) is not None:
        group = match.lastgroup
        start, end = match.span(group or 0)
        position = end
        piece = text[start:end]
        if group == "word":
            append(Token(_word(text, piece, end) if opened != "{" else NAME, piece, start, end))
        elif group == "sign":
            append(Token(piece, piece, start, end))
            if piece in "[{":
                opened, match_at = piece, _INSIDE.match
            elif piece in "]}":
                opened, match_at = "", _OUTSIDE.match
        elif group == "string":
            append(Token(STRING, piece, start, end))
        elif group == "number" and (kind := _number(piece)):
            append(Token(kind, piece, start, end))
        elif group == "hole" and template:
            append(Token(HOLE, piece[1:], start, end))
        elif group is None:
            append(Token(END, "", len(text), len(text)))
            return tokens, None
        else:
            position = start
            break
    else:
        position = _start_of_rest(text, position)
    problem = unknown_text(text, position)
    append(Token(ERROR, text[problem.span.start : problem.span.end], problem.span.start, problem.span.end))
    return tokens, problem


def _word(text: str, word: str, end: int) -> str:
    lowered = word.lower()
    if lowered in KEYWORDS:
        # `fill` came late: it is a keyword only before a parenthesis, so that metrics of that name live on.
        if lowered in FILLS and not _PARENTHESIS.match(text, end):
            return NAME
        return lowered
    if lowered in ("inf", "nan"):
        return NUMBER
    return METRIC if ":" in word else NAME


def _number(piece: str) -> str:
    if piece.isdigit() or _NUMBER.fullmatch(piece):
        return NUMBER
    return DURATION if _DURATION.fullmatch(piece) else ""


def _start_of_rest(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
_PARENTHESIS = re.compile(r"[ \t\r\n]*\(")
_NUMBER = re.compile(r"0[xX](?:_?[0-9a-fA-F])+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?")
_DURATION = re.compile(r"[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdw]))*")


def _pattern(word: str) -> re.Pattern[str]:
    alternatives = (
        rf"(?P<word>{word})",
        r"(?P<sign>==|=~|!=|!~|<=|>=|</|>/|[-+*/%^<>=(){}\[\],@:])",
        r"""(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|`[^`]*`)""",
        r"(?P<number>0[xX][0-9A-Za-z_.]*|\.?[0-9](?:[eE][+-](?=[0-9])|[0-9A-Za-z_.])*)",
        r"(?P<hole>\$[A-Za-z_][A-Za-z0-9_]*)",
        r"\Z",
    )
    return re.compile(f"{_BLANK.pattern}(?:{'|'.join(alternatives)})")


_OUTSIDE = _pattern("[A-Za-z_:][A-Za-z0-9_:]*")
_INSIDE = _pattern("[A-Za-z_][A-Za-z0-9_]*")
