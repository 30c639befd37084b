"""Regular expressions of Prometheus (RE2 syntax, anchored at both ends) for Python's ``re``.

The whole pattern is read and rewritten, since the dialects differ in silence: in RE2 classes are ASCII, ``$`` is the
very end, flags may stand anywhere, and lookaround and backreferences do not exist.  Matching takes time linear in
the text in RE2 but not in ``re``: a pattern such as ``(a+)+b`` is slow on long texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NoReturn

from generators.promql.regex_classes import text_of
from generators.promql.regex_escapes import read_class, read_escaped_class, read_escaped_point
from generators.promql.regex_reader import Reader, RegexError

__all__ = ["RegexError", "compile_regex", "translate"]

_PLAIN = re.compile(r"(?:[A-Za-z0-9_ /:,@=%~-]|\.[*+]?|\\[.-]|\|)*")
_MOST_REPEATS = 1000
_DEEPEST = 60
_REPEAT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_GROUP = re.compile(r"\(\?(?:P?<([^>]*)>|([a-zA-Z]*(?:-[a-zA-Z]*)?)([:)]))")
_WORD = re.compile(r"[A-Za-z0-9_]+")


@lru_cache(maxsize=4096)
def compile_regex(pattern: str, dot_all: bool = True) -> re.Pattern[str]:
    """Compile a pattern that must match a whole text.

    ``dot_all``: ``.`` matches line breaks, as in Prometheus 3.  Groups keep their numbers and names.  Raises
    RegexError with a message for people.
    """
    try:
        return re.compile(rf"\A(?:{translate(pattern, dot_all)})\Z")
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexError(f"`{pattern}` cannot be used here: {error}", unsupported=True) from error


@lru_cache(maxsize=4096)
def translate(pattern: str, dot_all: bool = True) -> str:
    """Rewrite an RE2 pattern for Python's ``re``, without anchors; raises RegexError."""
    if _PLAIN.fullmatch(pattern):
        return re.sub(r"\\.|\.", lambda dot: dot.group() if len(dot.group()) > 1 else _dot(dot_all), pattern)
    reader = Reader(pattern)
    if any("\ud800" <= character <= "\udfff" for character in pattern):
        reader.stop("bytes that are no UTF-8")
    text, _ = _alternatives(reader, _Flags(dot_all=dot_all), 0)
    if reader.place < len(pattern):
        reader.stop("unexpected `)`")
    return text


def _dot(dot_all: bool) -> str:
    return r"(?s:.)" if dot_all else r"[^\n]"


@dataclass(frozen=True, slots=True)
class _Flags:
    dot_all: bool
    ignore_case: bool = False
    lines: bool = False
    lazy: bool = False


_FLAGS = {"i": "ignore_case", "m": "lines", "s": "dot_all", "U": "lazy"}


def _alternatives(reader: Reader, flags: _Flags, depth: int) -> tuple[str, int]:
    """Text up to the closing parenthesis or the end, and how often its parts repeat at most."""
    if depth > _DEEPEST:
        reader.stop("too many groups inside one another", unsupported=True)
    pieces: list[str] = []
    repeats = 1
    while reader.place < len(reader.pattern) and not reader.peek(")"):
        if reader.peek("|"):
            reader.place += 1
            pieces.append("|")
            continue
        if reader.peek(r"\Q"):
            pieces.extend(_quoted(reader, flags))
            continue
        start = reader.place
        atom, inner, new_flags = _atom(reader, flags, depth)
        if new_flags is not None:
            flags = new_flags
            if _one_repetition(reader)[0]:
                reader.stop("a repetition right after flags", unsupported=True)
            continue
        suffix, times = _repetition(reader, flags)
        if inner * times > _MOST_REPEATS:
            reader.stop(f"`{reader.pattern[start : reader.place]}` repeats more than {_MOST_REPEATS} times")
        repeats = max(repeats, inner * times)
        pieces.append(f"(?:{atom}){suffix}" if suffix and atom in _EMPTY else atom + suffix)
    return "".join(pieces), repeats


def _quoted(reader: Reader, flags: _Flags) -> list[str]:
    r"""Text between ``\Q`` and ``\E``; a repetition after it applies to its last character."""
    start = reader.place + 2
    end = reader.pattern.find(r"\E", start)
    body = reader.pattern[start:] if end < 0 else reader.pattern[start:end]
    reader.place = len(reader.pattern) if end < 0 else end + 2
    pieces = [_literal(character, flags) for character in body]
    if pieces:
        pieces[-1] += _repetition(reader, flags)[0]
    return pieces


def _repetition(reader: Reader, flags: _Flags) -> tuple[str, int]:
    """The suffix that repeats the atom before it, and its largest count."""
    suffix, times = _one_repetition(reader)
    if not suffix:
        return "", 1
    lazy = flags.lazy
    if reader.peek("?"):
        reader.place += 1
        lazy = not lazy
    start = reader.place
    if _one_repetition(reader)[0]:
        reader.stop(f"`{suffix}{reader.pattern[start : reader.place]}` repeats a repetition")
    return suffix + ("?" if lazy else ""), times


def _one_repetition(reader: Reader) -> tuple[str, int]:
    if reader.place < len(reader.pattern) and reader.pattern[reader.place] in "*+?":
        reader.place += 1
        return reader.pattern[reader.place - 1], 1
    match = reader.match(_REPEAT)
    if match is None:
        return "", 1
    low = int(match[1]) if len(match[1]) < 6 else _MOST_REPEATS + 1
    high = low if not match[2] else int(match[3]) if match[3] and len(match[3]) < 6 else None
    if match[2] and len(match[3]) >= 6:
        high = _MOST_REPEATS + 1
    if low > _MOST_REPEATS or (high is not None and (high > _MOST_REPEATS or high < low)):
        reader.stop(f"`{match[0]}` is not a count from 0 to {_MOST_REPEATS}")
    return match[0], max(1, low if high is None else high)


_EMPTY = frozenset({r"\A", r"\Z", r"(?m:^)", r"(?m:$)", r"(?a:\b)", r"(?!(?a:\b))"})


def _atom(reader: Reader, flags: _Flags, depth: int) -> tuple[str, int, _Flags | None]:
    """One atom and how often its parts repeat; or, for ``(?i)``, the flags from here on."""
    character = reader.pattern[reader.place]
    if character == "(":
        return _group(reader, flags, depth)
    if character in "*+?" or (character == "{" and _REPEAT.match(reader.pattern, reader.place)):
        reader.stop(f"`{character}` has nothing to repeat")
    if character == "[":
        ranges, negated = read_class(reader)
        return _cased(text_of(ranges, negated=negated), flags), 1, None
    if character == "\\":
        return _escape(reader, flags), 1, None
    reader.place += 1
    if character == ".":
        return _dot(flags.dot_all), 1, None
    if character == "^":
        return (r"(?m:^)" if flags.lines else r"\A"), 1, None
    if character == "$":
        return (r"(?m:$)" if flags.lines else r"\Z"), 1, None
    return _literal(character, flags), 1, None


def _literal(character: str, flags: _Flags) -> str:
    text = re.escape(character)
    return f"(?i:{text})" if flags.ignore_case and character.lower() != character.upper() else text


def _cased(text: str, flags: _Flags) -> str:
    return f"(?i:{text})" if flags.ignore_case else text


def _group(reader: Reader, flags: _Flags, depth: int) -> tuple[str, int, _Flags | None]:
    opening = "("
    if reader.peek("(?"):
        start = reader.place
        match = reader.match(_GROUP)
        if match is None:
            _refuse_group(reader, start)
        name, letters, end = match.groups()
        if name is not None:
            opening = _named(reader, name)
        else:
            flags = _changed(reader, flags, letters)
            if end == ")":
                return "", 1, flags
            opening = "(?:"
    else:
        reader.place += 1
    body, repeats = _alternatives(reader, flags, depth + 1)
    if not reader.peek(")"):
        reader.stop("missing `)`")
    reader.place += 1
    return f"{opening}{body})", repeats, None


def _refuse_group(reader: Reader, start: int) -> NoReturn:
    found = reader.pattern[start : start + 4].rstrip()
    if found.startswith(("(?=", "(?!", "(?<=", "(?<!")):
        reader.stop(f"lookaround `{found[:4] if found[2] == '<' else found[:3]}` does not exist in RE2, found")
    reader.stop(f"unknown group `{found[:3]}`")


def _named(reader: Reader, name: str) -> str:
    if not _WORD.fullmatch(name):
        reader.stop(f"`{name}` is not a name for a group")
    if name[0].isdigit():
        reader.stop(f"the group name `{name}` starts with a digit", unsupported=True)
    if name in reader.groups:
        return "("  # Go allows a name twice, Python does not; the first keeps it
    reader.groups.add(name)
    return f"(?P<{name}>"


def _changed(reader: Reader, flags: _Flags, letters: str) -> _Flags:
    on, minus, off = letters.partition("-")
    if minus and not off:
        reader.stop("missing flag after `-`")
    for letter in on + off:
        if letter not in _FLAGS:
            reader.stop(f"unknown flag `{letter}`")
        flags = replace(flags, **{_FLAGS[letter]: letter not in off})
    return flags


def _escape(reader: Reader, flags: _Flags) -> str:
    """An escape outside a class."""
    pair = reader.pattern[reader.place : reader.place + 2]
    empty = {r"\A": r"\A", r"\z": r"\Z", r"\b": r"(?a:\b)", r"\B": r"(?!(?a:\b))"}.get(pair)
    if empty:
        reader.place += 2
        return empty
    if (escaped := read_escaped_class(reader)) is not None:
        ranges, negated = escaped
        return _cased(text_of(ranges, negated=negated), flags)
    return _literal(chr(read_escaped_point(reader)), flags)
