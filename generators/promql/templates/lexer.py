"""Text of a Go template → tokens.

Follows the lexical grammar of Go's text/template: text, actions between ``{{`` and ``}}``, trim markers (``{{-`` and
``-}}`` with a space), comments, and inside actions the tokens of a small expression language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from generators.diagnostics import Span

SPACES = " \t\r\n"


class Kind(StrEnum):
    """Kinds of tokens; ``ERROR`` carries a message in place of text and is always the last one."""

    TEXT = "text"
    LEFT = "{{"
    RIGHT = "}}"
    SPACE = "space"
    ASSIGN = "="
    DECLARE = ":="
    PIPE = "|"
    LEFT_PAREN = "("
    RIGHT_PAREN = ")"
    CHAR = "char"
    DOT = "."
    FIELD = "field"
    VARIABLE = "variable"
    IDENTIFIER = "identifier"
    KEYWORD = "keyword"
    BOOL = "bool"
    NIL = "nil"
    NUMBER = "number"
    CHARACTER = "character"
    STRING = "string"
    ERROR = "error"
    END = "end"


KEYWORDS = frozenset(("block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"))

_SIMPLE = {"=": Kind.ASSIGN, "|": Kind.PIPE, "(": Kind.LEFT_PAREN, ")": Kind.RIGHT_PAREN}
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"[ \t\r\n]+")
_TRIM_LEFT = re.compile(r"{{-[ \t\r\n]")
_RIGHT = re.compile(r"}}|[ \t\r\n]-}}")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)"
)
_QUOTED = {
    '"': (re.compile(r'"(?:[^"\\\n]|\\[^\n])*"'), Kind.STRING, "unterminated quoted string"),
    "`": (re.compile(r"`[^`]*`"), Kind.STRING, "unterminated raw quoted string"),
    "'": (re.compile(r"'(?:[^'\\\n]|\\[^\n])*'"), Kind.CHARACTER, "unterminated character constant"),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text (the message of an error) and where it stands."""

    kind: Kind
    text: str
    start: int

    @property
    def span(self) -> Span:
        """The token's place in the template."""
        return Span(self.start, self.start + max(1, len(self.text)))


class _LexError(Exception):
    """Lexing cannot go on; becomes the ERROR token."""

    def __init__(self, message: str, start: int) -> None:
        super().__init__(message)
        self.token = Token(Kind.ERROR, message, start)


def tokens(text: str) -> tuple[Token, ...]:
    """Return all tokens; the last is END, or ERROR where the text stops making sense."""
    found: list[Token] = []
    try:
        _lex(text, found)
        found.append(Token(Kind.END, "EOF", len(text)))
    except _LexError as failure:
        found.append(failure.token)
    return tuple(found)


def _lex(text: str, found: list[Token]) -> None:
    position, trim = 0, False
    while True:
        opening = text.find("{{", position)
        plain = text[position:] if opening < 0 else text[position:opening]
        start = position + (len(plain) - len(plain.lstrip(SPACES)) if trim else 0)
        plain = plain.lstrip(SPACES) if trim else plain
        trims_left = opening >= 0 and _TRIM_LEFT.match(text, opening) is not None
        plain = plain.rstrip(SPACES) if trims_left else plain
        if plain:
            found.append(Token(Kind.TEXT, plain, start))
        if opening < 0:
            return
        inside = opening + (4 if trims_left else 2)
        if text.startswith("/*", inside):
            position, trim = _comment(text, inside)
            continue
        found.append(Token(Kind.LEFT, "{{", opening))
        position, trim = _action(text, inside, found)


def _comment(text: str, start: int) -> tuple[int, bool]:
    end = text.find("*/", start + 2)
    if end < 0:
        raise _LexError("unclosed comment", start)
    closing = _RIGHT.match(text, end + 2)
    if closing is None:
        raise _LexError("comment ends before closing delimiter", start)
    return closing.end(), closing.group() != "}}"


def _action(text: str, position: int, found: list[Token]) -> tuple[int, bool]:
    """Lex up to and including the closing delimiter; return what follows and whether text there is trimmed."""
    depth = 0
    while True:
        closing = _RIGHT.match(text, position)
        if closing is not None:
            if depth:
                raise _LexError("unclosed left paren", position)
            found.append(Token(Kind.RIGHT, "}}", closing.end() - 2))
            return closing.end(), closing.group() != "}}"
        if position >= len(text):
            raise _LexError("unclosed action", position)
        token = _token(text, position)
        depth += (token.kind is Kind.LEFT_PAREN) - (token.kind is Kind.RIGHT_PAREN)
        if depth < 0:
            raise _LexError("unexpected right paren", position)
        found.append(token)
        position += len(token.text)


def _token(text: str, start: int) -> Token:
    character = text[start]
    if character in SPACES:
        return _space(text, start)
    if character in _SIMPLE:
        return Token(_SIMPLE[character], character, start)
    if character == ":":
        if not text.startswith(":=", start):
            raise _LexError("expected :=", start)
        return Token(Kind.DECLARE, ":=", start)
    if character in _QUOTED:
        return _quoted(text, start)
    follows_digit = text[start + 1 : start + 2].isdecimal() and text[start + 1].isascii()
    if character in "+-" or (character.isascii() and character.isdigit()) or (character == "." and follows_digit):
        return _number(text, start)
    if character in ".$":
        return _field_or_variable(text, start)
    if character == "_" or character.isalnum():
        return _identifier(text, start)
    if character.isascii() and character.isprintable():
        return Token(Kind.CHAR, character, start)
    raise _LexError(f"unrecognized character in action: {_unicode(character)}", start)


def _space(text: str, start: int) -> Token:
    match = _SPACE.match(text, start)
    assert match is not None  # the caller saw a space  # noqa: S101
    end = match.end()
    if text.startswith("-}}", end) and end - start > 1:
        end -= 1  # the last space belongs to the trim marker
    return Token(Kind.SPACE, text[start:end], start)


def _quoted(text: str, start: int) -> Token:
    pattern, kind, message = _QUOTED[text[start]]
    match = pattern.match(text, start)
    if match is None:
        raise _LexError(message, start)
    return Token(kind, match.group(), start)


def _number(text: str, start: int) -> Token:
    match = _NUMBER.match(text, start)
    end = match.end() if match else start + 1
    if text[end : end + 1] == "_" or text[end : end + 1].isalnum() or text[end : end + 1] in ("+", "-"):
        raise _LexError(f"bad number syntax: {go_quote(text[start : end + 1])}", start)
    return Token(Kind.NUMBER, text[start:end], start)


def _field_or_variable(text: str, start: int) -> Token:
    word = _WORD.match(text, start + 1)
    end = word.end() if word else start + 1
    _check_terminator(text, end)
    if text[start] == "$":
        return Token(Kind.VARIABLE, text[start:end], start)
    return Token(Kind.FIELD if word else Kind.DOT, text[start:end], start)


def _identifier(text: str, start: int) -> Token:
    match = _WORD.match(text, start)
    end = match.end() if match else start + 1
    word = text[start:end]
    _check_terminator(text, end)
    if word in KEYWORDS:
        return Token(Kind.KEYWORD, word, start)
    if word in ("true", "false"):
        return Token(Kind.BOOL, word, start)
    return Token(Kind.NIL if word == "nil" else Kind.IDENTIFIER, word, start)


def _check_terminator(text: str, end: int) -> None:
    following = text[end : end + 1]
    if following and following not in SPACES + ".,|:)(" and not text.startswith("}}", end):
        raise _LexError(f"bad character {_unicode(following)}", end)


def _unicode(character: str) -> str:
    shown = f" '{character}'" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}"


def go_quote(text: str) -> str:
    """Quote as Go's ``%q`` does."""
    short = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    pieces = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            pieces.append("\\" + character)
        elif character in short:
            pieces.append(short[character])
        elif character.isprintable() or character == " ":
            pieces.append(character)
        else:
            width = "x" if code < 0x80 else "u" if code < 0x10000 else "U"
            pieces.append(f"\\{width}{code:0{ {'x': 2, 'u': 4, 'U': 8}[width] }x}")
    return '"' + "".join(pieces) + '"'
