"""Offsets of PyYAML's marks → positions, mended where marks run past what a person would underline."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from generators.diagnostics import NOWHERE, Position
from generators.formats.yaml.schema import CORE, Schema

BLOCK_STYLES: Final = ("|", ">")
_PROPERTIES = re.compile(r"(?:\s+|#[^\r\n]*|[&!]\S*)*")
_ESCAPED: Final = {
    "'": re.compile(r"''|."),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|."),
}
_BREAK = re.compile(r"\r\n|\r|\n")
_BEFORE_AN_EMPTY_VALUE: Final = " \t\r\n"


class Place(NamedTuple):
    """Line and column in a file, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class YamlText:
    """A stretch of a file that starts on the line after ``skipped_lines``, and the schema that it is read by."""

    text: str
    file: str
    skipped_lines: int = 0
    schema: Schema = CORE

    def span(self, start: int, end: int) -> Position:
        """Return the position of a stretch between two offsets in ``text``; a line break is its line's end."""
        if self.skipped_lines < 0:
            return NOWHERE
        line, column = self.place(start)
        end_line, end_column = (line, column) if start == end else self.place(end)
        return Position(self.file, line, column, end_line, end_column)

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset; a line break is its line's end."""
        line = bisect_right(self._line_starts, min(offset, len(self.text)))
        number = self.skipped_lines + line
        column = min(offset - self._line_starts[line - 1], len(self.line(number)))
        return Place(number, column + 1)

    def line(self, number: int) -> str:
        """Return a line of the file without its break."""
        index = number - 1 - self.skipped_lines
        starts = self._line_starts
        if index >= len(starts):
            return ""
        end = starts[index + 1] if index + 1 < len(starts) else len(self.text)
        return self.text[starts[index] : end].rstrip("\r\n")

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(match.end() for match in _BREAK.finditer(self.text)))


NO_TEXT: Final = YamlText("", "", skipped_lines=-1)
"""The source of nodes that nobody wrote, whose position is ``NOWHERE``."""


def content_start(text: str, start: int, end: int) -> int:
    """Return the offset after the anchor, the tag and the space around them."""
    match = _PROPERTIES.match(text, start, end)
    return match.end() if match else start


def extent(text: str, value: str, style: str, start: int, end: int) -> tuple[int, int]:
    """Return the offsets of a scalar with its quotes, without anchor, tag and trailing line breaks.

    An empty value stands at the end of what precedes it, never after a line break.
    """
    if text.startswith(("&", "!"), start):
        start = content_start(text, start, end)
    elif not value and not style and (not start or text[start - 1] in "\r\n"):
        while start and text[start - 1] in _BEFORE_AN_EMPTY_VALUE:
            start -= 1
        return start, start
    if style in BLOCK_STYLES:
        end = start + len(text[start:end].rstrip())
    return start, end


def place_inside(source: YamlText, whole: Position, value: str, style: str, start: int, end: int) -> Position:
    """Return the position of ``value[start:end]`` of a scalar that stands at ``whole``; all of it if that is hidden."""
    found = _segments(source, value, whole, style)
    if found:
        line, column = _place(found, start)
        end_line, end_column = _place(found, end - 1, 1) if end > start else (line, column)
        return Position(whole.file, line, column, end_line, end_column)
    quote = 1 if style else 0
    if whole.line != whole.end_line or whole.end_column - whole.column != len(value) + 2 * quote:
        return whole
    first = whole.column + quote
    return Position(whole.file, whole.line, first + start, whole.line, first + max(start, end))


Segments = tuple[tuple[int, int, int, int], ...]


def _place(segments: Segments, offset: int, after: int = 0) -> tuple[int, int]:
    """Return line and column ``after`` characters behind an offset; folded space stands where its line ends."""
    index = max(0, bisect_right(segments, offset, key=lambda segment: segment[0]) - 1)
    begin, line, column, length = segments[index]
    return line, column + min(max(0, offset - begin + after), length)


def _segments(source: YamlText, text: str, position: Position, style: str) -> Segments:
    """Return where stretches of a scalar's text stand: (offset in the text, line, column, length), in order.

    Empty for a text that stands in the file as it is, and where escapes span lines.
    """
    if position.line != position.end_line:
        return _line_segments(source, text, position, style)
    if style not in _ESCAPED or position.end_column - position.column == len(text) + 2:
        return ()
    raw = source.line(position.line)[position.column : position.end_column - 2]
    marks = list(_ESCAPED[style].finditer(raw))
    if len(marks) != len(text):
        return ()
    first = position.column + 1
    return tuple((offset, position.line, first + mark.start(), 1) for offset, mark in enumerate(marks))


def _line_segments(source: YamlText, text: str, position: Position, style: str) -> Segments:
    """Find the content of each line of the file in the text; folding changes only the space in between."""
    found: list[tuple[int, int, int, int]] = []
    offset, quote = 0, style in _ESCAPED
    for number in range(position.line + (style in BLOCK_STYLES), position.end_line + 1):
        line = source.line(number)
        begin = position.column - 1 + quote if number == position.line else 0
        end = position.end_column - 1 - quote if number == position.end_line else len(line)
        piece = line[begin:end].strip()
        if not piece:
            continue
        at = text.find(piece, offset)
        if at < 0 or text[offset:at].strip():
            return ()
        found.append((at, number, line.index(piece, begin) + 1, len(piece)))
        offset = at + len(piece)
    return () if text[offset:].strip() else tuple(found)
