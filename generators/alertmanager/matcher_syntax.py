"""Matchers as people write them: Alertmanager's classic parser, its UTF-8 parser, and how it chooses.

A server without feature flags tries both. Where they disagree the classic one wins, with a warning; a
matcher that only the classic one reads stops working in UTF-8 strict mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from generators.alertmanager.config import Matcher, Op
from generators.formats.re2 import RegexError, compile_regex

_CLASSIC = re.compile(r"[ \t\n\f\r]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t\n\f\r]*(=~|=|!=|!~)(.*)", re.DOTALL)
_TOKEN = re.compile(
    r'\s*(?:(?P<brace>[{}])|(?P<comma>,)|(?P<op>=~|!=|!~|=)|(?P<quoted>"(?:[^"\\]|\\.)*")'
    r"|(?P<word>[^{}!=~,\\\"'`\s]+)|(?P<end>\Z)|(?P<bad>.))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class MatcherError(ValueError):
    """Text that is no matcher, or holds an invalid regular expression."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The matchers that a server reads; ``note`` says what its UTF-8 parser makes of them, if it differs."""

    matchers: tuple[Matcher, ...]
    note: str = ""


def parse_matchers(text: str) -> Parsed:
    """Read one entry of a ``matchers`` list, which may hold several. Raises MatcherError as amtool would."""
    try:
        classic: tuple[Matcher, ...] | MatcherError = parse_classic(text)
    except MatcherError as error:
        classic = error
    try:
        modern = parse_utf8(text)
    except MatcherError as error:
        if isinstance(classic, MatcherError):
            raise classic from classic.__cause__
        return Parsed(classic, f"only the old parser reads it; the new one says: {error}")
    if isinstance(classic, MatcherError) or classic == modern:
        return Parsed(modern)
    return Parsed(classic, "the old and the new parser read it differently; the old one is used")


def parse_classic(text: str) -> tuple[Matcher, ...]:
    """Read matchers as Alertmanager did before 0.27: bare values, lenient escapes, ASCII names."""
    tokens = _split(text.removeprefix("{").removesuffix("}"))
    return tuple(_classic_matcher(token) for token in tokens)


def _split(text: str) -> list[str]:
    """Split at commas outside double quotes; a last part of white space does not count."""
    parts, quoted, escaped, start = [], False, False, 0
    for index, char in enumerate(text):
        if char == "," and not quoted:
            parts.append(text[start:index])
            start = index + 1
            continue
        if char == '"' and not escaped:
            quoted = not quoted
        escaped = char == "\\" and not escaped
    last = text[start:].strip()
    return [*parts, last] if last else parts


def _classic_matcher(text: str) -> Matcher:
    found = _CLASSIC.fullmatch(text)
    if found is None:
        raise MatcherError(f'`{text}` is not a matcher such as severity="page"')
    label, op, raw = found[1], cast("Op", found[2]), found[3].strip(" \t\n\f\r")
    quoted = raw.startswith('"')
    body = raw[1:] if quoted else raw
    closing = re.search(r'(?<!\\)(?:\\\\)*"', body)
    if quoted != (closing is not None) or (closing is not None and closing.end() != len(body)):
        raise MatcherError(f"the value `{raw}` holds a double quote that is not escaped, or none to end it")
    value = re.sub(r'\\([n"\\])', lambda m: "\n" if m[1] == "n" else m[1], body[:-1] if quoted else body)
    return _matcher(label, op, value)


def parse_utf8(text: str) -> tuple[Matcher, ...]:
    """Read matchers as Alertmanager does in UTF-8 strict mode."""
    tokens = _tokens(text)
    braced = tokens[0] == ("brace", "{")
    rest = tokens[1:] if braced else tokens
    found: list[Matcher] = []
    while rest[0][0] in {"word", "quoted"}:
        if rest[1][0] != "op":
            raise MatcherError(f"an operator is expected before `{rest[1][1]}`")
        if rest[2][0] not in {"word", "quoted"}:
            raise MatcherError("a label value is expected after the operator")
        found.append(_matcher(_unquote(rest[0]), cast("Op", rest[1][1]), _unquote(rest[2])))
        rest = rest[3:]
        if rest[0][0] != "comma":
            break
        rest = rest[1:]
        if rest[0][0] not in {"word", "quoted", "end"} and rest[0] != ("brace", "}"):
            raise MatcherError("a matcher is expected after the comma")
    expected = [("brace", "}"), ("end", "")] if braced else [("end", "")]
    if rest != expected:
        raise MatcherError(f"`{rest[0][1] or 'the end'}` is not expected here")
    return tuple(found)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while not found or found[-1][0] != "end":
        token = cast("re.Match[str]", _TOKEN.match(text, position))
        kind = token.lastgroup or ""
        if kind == "bad":
            raise MatcherError(f"`{token[kind]}` is not expected outside double quotes")
        found.append((kind, token[kind]))
        position = token.end()
    return found


def _unquote(token: tuple[str, str]) -> str:
    kind, text = token
    if kind == "word":
        return text
    if "\n" in text:
        raise MatcherError("a quoted string does not span lines")
    pieces = _ESCAPE.split(text[1:-1])
    escapes = [_unescape(escape) for escape in _ESCAPE.findall(text[1:-1])]
    joined = b"".join(
        piece.encode("utf-8", "surrogatepass") + escape for piece, escape in zip(pieces, [*escapes, b""], strict=True)
    )
    try:
        return joined.decode()
    except UnicodeDecodeError:
        raise MatcherError("a quoted string is not valid UTF-8") from None


def _unescape(escape: str) -> bytes:
    name = escape[1]
    if len(escape) == 2 and name in _SIMPLE:
        return _SIMPLE[name].encode()
    if len(escape) > 2:
        number = int(escape[1:], 8) if name.isdigit() else int(escape[2:], 16)
        if name == "x" or (name.isdigit() and number < 256):
            return bytes([number])
        if name in "uU" and number < 0x110000 and not 0xD800 <= number < 0xE000:
            return chr(number).encode()
    raise MatcherError(f"`{escape}` is not an escape")


def _matcher(label: str, op: Op, value: str) -> Matcher:
    if op in {"=~", "!~"}:
        try:
            compile_regex(value, dot_all=False)
        except RegexError as error:
            raise MatcherError(str(error)) from error
    return Matcher(label, op, value)
