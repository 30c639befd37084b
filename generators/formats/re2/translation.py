"""Rewrites a pattern of RE2 for Python's ``re``.

The whole pattern is read, since the dialects differ in silence: in RE2 classes are ASCII, ``$`` is the very end, flags
may stand anywhere, and lookaround and backreferences do not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, NoReturn

from generators.formats.re2.classes import text_of
from generators.formats.re2.escapes import read_class, read_escaped_class, read_escaped_point
from generators.formats.re2.reader import Reader, RegexError
from generators.formats.re2.unicode import orbits

_PLAIN = re.compile(r"(?:[A-Za-z0-9_ /:,@=%~-]|\.[*+]?|\\[.-]|\|)*")
_PLAIN_DOT = re.compile(r"\\.|\.")
_MOST_REPEATS = 1000
_DEEPEST = 100
_COUNT = r"(0|[1-9]\d*)"
_REPEAT = re.compile(rf"[*+?]|\{{{_COUNT}(?:(,){_COUNT}?)?\}}", re.ASCII)
_GROUP = re.compile(r"\(\?(?:P?<([^>]*)>|([a-zA-Z]*(?:-[a-zA-Z]*)?)([:)]))")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_EMPTY = {r"\A": r"\A", r"\z": r"\Z", r"\b": r"(?a:\b)", r"\B": r"(?!(?a:\b))"}


@lru_cache(maxsize=4096)
def compile_regex(pattern: str, dot_all: bool = True) -> re.Pattern[str]:
    """Compile a pattern that must match a whole text.

    ``dot_all``: ``.`` matches line breaks, as in Prometheus 3; not so in Alertmanager.  Groups keep their numbers, and
    ``group_names`` has their names.  Raises RegexError with a message for people.
    """
    return _compiled(pattern, rf"\A(?:{translate(pattern, dot_all)})\Z")


@lru_cache(maxsize=4096)
def search_regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that is looked for anywhere in a text, in which ``.`` does not match line breaks.

    Raises RegexError.
    """
    return _compiled(pattern, translate(pattern, dot_all=False))


def _compiled(pattern: str, translation: str) -> re.Pattern[str]:
    try:
        return re.compile(translation)
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexError(f"`{pattern}` cannot be used here: {error}", unsupported=True) from error


@lru_cache(maxsize=4096)
def translate(pattern: str, dot_all: bool = True) -> str:
    """Rewrite an RE2 pattern for Python's ``re``, without anchors; raises RegexError."""
    if _PLAIN.fullmatch(pattern):
        return _PLAIN_DOT.sub(lambda dot: dot[0] if len(dot[0]) > 1 else _dot(dot_all), pattern)
    return _read(pattern, dot_all)[0]


@lru_cache(maxsize=4096)
def group_names(pattern: str) -> tuple[str, ...]:
    """Return the name of each group of a pattern, empty for one without; raises RegexError."""
    return _read(pattern, dot_all=True)[1]


def _read(pattern: str, dot_all: bool) -> tuple[str, tuple[str, ...]]:
    reader = Reader(pattern)
    if any("\ud800" <= character <= "\udfff" for character in pattern):
        reader.stop("bytes that are no UTF-8")
    text, _ = _alternatives(reader, _Flags(dot_all=dot_all), 0)
    if not reader.ended:
        reader.stop("unexpected `)`")
    return text, tuple(reader.groups)


def _dot(dot_all: bool) -> str:
    return r"(?s:.)" if dot_all else r"[^\n]"


@dataclass(frozen=True, slots=True)
class _Flags:
    dot_all: bool
    ignore_case: bool = False
    lines: bool = False
    lazy: bool = False


_FLAGS = {"i": "ignore_case", "m": "lines", "s": "dot_all", "U": "lazy"}


class _Part(NamedTuple):
    """A part of a sequence: its translation, how often what is inside repeats at most, whether it may be repeated."""

    text: str
    repeats: int = 1
    is_atom: bool = True


_BAR = _Part("|", is_atom=False)


def _alternatives(reader: Reader, flags: _Flags, depth: int) -> tuple[str, int]:
    """Text up to the closing parenthesis or the end, and how often its parts repeat at most."""
    if depth > _DEEPEST:
        reader.stop("too many groups inside one another", unsupported=True)
    parts: list[_Part] = []
    after_repetition = False
    while not reader.ended and not reader.peek(")"):
        repetition = reader.match(_REPEAT)
        if repetition is not None:
            lazy = reader.take("?") != flags.lazy
            if after_repetition:
                reader.stop(f"`{repetition[0]}` repeats a repetition")
            if not parts or parts[-1] is _BAR:
                reader.stop(f"`{repetition[0]}` has nothing to repeat")
            parts[-1] = _repeated(reader, parts[-1], repetition, lazy=lazy)
        elif reader.take("|"):
            parts.append(_BAR)
        elif reader.take(r"\Q"):
            parts.extend(_Part(_literal(character, flags)) for character in _quoted(reader))
        elif reader.peek("("):
            flags = _group(reader, flags, depth, parts)
        else:
            parts.append(_Part(_atom(reader, flags)))
        after_repetition = repetition is not None
    return "".join(part.text for part in parts), max((part.repeats for part in parts), default=1)


def _repeated(reader: Reader, part: _Part, repetition: re.Match[str], *, lazy: bool) -> _Part:
    least, comma, most = repetition.groups()
    repeats = part.repeats
    if least is not None:
        low = _count(least)
        high = _count(most) if most else None if comma else low
        if low > _MOST_REPEATS or (high is not None and (high > _MOST_REPEATS or high < low)):
            reader.stop(f"`{repetition[0]}` is not a count from 0 to {_MOST_REPEATS}")
        repeats *= max(1, low) if high is None else high
        if repeats > _MOST_REPEATS:
            reader.stop(f"`{repetition[0]}` makes something repeat more than {_MOST_REPEATS} times")
    text = part.text if part.is_atom else f"(?:{part.text})"
    return _Part(text + repetition[0] + ("?" if lazy else ""), repeats, is_atom=False)


def _count(digits: str) -> int:
    return int(digits) if len(digits) < 6 else _MOST_REPEATS + 1


def _quoted(reader: Reader) -> str:
    r"""Take the text up to ``\E`` or the end."""
    end = reader.pattern.find(r"\E", reader.place)
    text = reader.pattern[reader.place :] if end < 0 else reader.pattern[reader.place : end]
    reader.place += len(text) + (0 if end < 0 else 2)
    return text


def _atom(reader: Reader, flags: _Flags) -> str:
    """Take what is no group, no alternative and no repetition."""
    character = reader.pattern[reader.place]
    if character == "[":
        return text_of(read_class(reader, ignore_case=flags.ignore_case))
    if character == "\\":
        return _escape(reader, flags)
    reader.place += 1
    if character == ".":
        return _dot(flags.dot_all)
    if character == "^":
        return "(?m:^)" if flags.lines else r"(?:\A)"
    if character == "$":
        return "(?m:$)" if flags.lines else r"(?:\Z)"
    return _literal(character, flags)


def _escape(reader: Reader, flags: _Flags) -> str:
    pair = reader.pattern[reader.place : reader.place + 2]
    if pair in _EMPTY:
        reader.place += 2
        return f"(?:{_EMPTY[pair]})"
    ranges = read_escaped_class(reader, ignore_case=flags.ignore_case)
    if ranges is not None:
        return text_of(ranges)
    return _literal(chr(read_escaped_point(reader)), flags)


def _literal(character: str, flags: _Flags) -> str:
    orbit = orbits().get(character) if flags.ignore_case else None
    return f"[{orbit}]" if orbit else re.escape(character)


def _group(reader: Reader, flags: _Flags, depth: int, parts: list[_Part]) -> _Flags:
    """Take a group, or flags such as ``(?i)``, add it to the parts, and return the flags from here on."""
    opening, inner = "(", flags
    if reader.peek("(?"):
        start = reader.place
        match = reader.match(_GROUP)
        if match is None:
            _refuse_group(reader, start)
        name, letters, end = match.groups()
        if name is None:
            opening, inner = "(?:", _changed(reader, flags, letters)
            if end == ")":
                return inner
        elif not _WORD.fullmatch(name):
            reader.stop(f"`{name}` is not a name for a group")
        else:
            reader.groups.append(name)
    else:
        reader.take("(")
        reader.groups.append("")
    body, repeats = _alternatives(reader, inner, depth + 1)
    if not reader.take(")"):
        reader.stop("missing `)`")
    parts.append(_Part(f"{opening}{body})", repeats))
    return flags


def _refuse_group(reader: Reader, start: int) -> NoReturn:
    found = reader.pattern[start : start + 4].rstrip()
    if found.startswith(("(?=", "(?!", "(?<=", "(?<!")):
        reader.stop(f"lookaround `{found[:4] if found[2] == '<' else found[:3]}` does not exist in RE2, found")
    reader.stop(f"unknown group `{found[:3]}`")


def _changed(reader: Reader, flags: _Flags, letters: str) -> _Flags:
    on, minus, off = letters.partition("-")
    if minus and not off:
        reader.stop("missing flag after `-`")
    for letter in on + off:
        if letter not in _FLAGS:
            reader.stop(f"unknown flag `{letter}`")
    changes = {_FLAGS[letter]: True for letter in on} | {_FLAGS[letter]: False for letter in off}
    return replace(flags, **changes)
