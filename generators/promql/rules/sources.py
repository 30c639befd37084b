"""From an offset in a scalar's value back to the line and column of the file, whatever style it is written in."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from generators.diagnostics import Span
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Scalar

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CONTINUATION = re.compile(r"\\\r?\n[ \t]*")


@lru_cache(maxsize=4)
def _line_starts(text: str) -> tuple[int, ...]:
    """Where the lines of a text start; asked for only where something is wrong."""
    return (0, *(match.end() for match in re.finditer(r"\n", text)))


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file."""

    text: str

    def place(self, scalar: Scalar, span: Span) -> Place:
        """Return the place in the file of a span of the scalar's value."""
        if span.start < 0 or scalar.end > len(self.text):
            return scalar.place
        return self.at(self._offset(scalar, span.start))

    def at(self, offset: int) -> Place:
        """Return the place of an offset in the file."""
        starts = _line_starts(self.text)
        line = bisect_right(starts, offset)
        return Place(line, offset - starts[line - 1] + 1)

    def _offset(self, scalar: Scalar, target: int) -> int:
        """Follow the value through the file: every character that is no space stands there in the same order."""
        position = self._first(scalar)
        for index, character in enumerate(scalar.text):
            position = self._skip(position, scalar, spaces=not character.isspace())
            if index >= target:
                break
            if not character.isspace() or self._is_escape(position, scalar):
                position = self._next(position, scalar)
            elif position < scalar.end and self.text[position] == character:
                position += 1
        return min(position, scalar.end)

    def _first(self, scalar: Scalar) -> int:
        if scalar.style in ("|", ">"):
            newline = self.text.find("\n", scalar.start)
            return scalar.end if newline < 0 else newline + 1
        return scalar.start + (1 if scalar.style in ("'", '"') else 0)

    def _skip(self, position: int, scalar: Scalar, *, spaces: bool) -> int:
        """Skip line breaks that are escaped in quotes, and spaces where the value has none here."""
        while position < scalar.end:
            continuation = _CONTINUATION.match(self.text, position) if scalar.style == '"' else None
            if continuation is not None:
                position = continuation.end()
            elif spaces and self.text[position].isspace():
                position += 1
            else:
                break
        return position

    def _is_escape(self, position: int, scalar: Scalar) -> bool:
        return scalar.style == '"' and self.text.startswith("\\", position)

    def _next(self, position: int, scalar: Scalar) -> int:
        escape = _ESCAPE.match(self.text, position) if scalar.style == '"' else None
        if escape is not None:
            return escape.end()
        doubled = scalar.style == "'" and self.text.startswith("''", position)
        return position + (2 if doubled else 1)
