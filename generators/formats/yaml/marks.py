"""PyYAML's marks → positions, mended where marks run past what a person would underline."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from yaml.events import Event, ScalarEvent

from generators.diagnostics import Position

BLOCK_STYLES: Final = ("|", ">")
_PROPERTIES = re.compile(r"(?:\s+|#[^\r\n]*|[&!]\S*)*")
_ESCAPED: Final = {
    "'": re.compile(r"''|."),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|."),
}
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class YamlText:
    """A stretch of a file that starts on the line after ``skipped_lines``."""

    text: str
    file: str
    skipped_lines: int = 0

    def position(self, event: Event) -> Position:
        """Return the position of an event; its marks count characters from 0."""
        start, end, skipped = event.start_mark, event.end_mark, self.skipped_lines + 1
        if start is None or end is None:
            return Position(self.file, skipped, 1, skipped, 1)
        return Position(self.file, start.line + skipped, start.column + 1, end.line + skipped, end.column + 1)

    def span(self, start: int, end: int) -> Position:
        """Return the position of a stretch between two offsets in ``text``; a line break is its line's end."""
        line, column = self._place(start)
        end_line, end_column = self._place(end)
        return Position(self.file, line, column, end_line, end_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, min(offset, len(self.text)))
        number = self.skipped_lines + line
        column = min(offset - self._line_starts[line - 1], len(self.line(number)))
        return number, column + 1

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


def offsets(event: Event) -> tuple[int, int]:
    """Return the offsets of an event's start and end."""
    start, end = event.start_mark, event.end_mark
    return (start.index if start else 0), (end.index if end else 0)


def content_start(source: YamlText, event: Event) -> int:
    """Return the offset after the anchor, the tag and the space around them."""
    start, end = offsets(event)
    match = _PROPERTIES.match(source.text, start, end)
    return match.end() if match else start


def scalar_position(source: YamlText, event: ScalarEvent) -> Position:
    """Return the position of a scalar with its quotes, without anchor, tag and trailing line breaks."""
    has_properties = event.anchor is not None or event.tag is not None
    if not has_properties and event.style not in BLOCK_STYLES:
        return source.position(event)
    start, end = offsets(event)
    if has_properties:
        start = content_start(source, event)
    if event.style in BLOCK_STYLES:
        end = start + len(source.text[start:end].rstrip())
    return source.span(start, end)


def empty_position(source: YamlText, event: ScalarEvent) -> Position:
    """Return where an empty value would stand: never after the line break that ends what precedes it."""
    position = source.position(event)
    if position.column > 1:
        return position
    offset, _ = offsets(event)
    while offset and source.text[offset - 1] in " \t\r\n":
        offset -= 1
    return source.span(offset, offset)


Segments = tuple[tuple[int, int, int, int], ...]


def segments(source: YamlText, text: str, position: Position, style: str) -> Segments:
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
