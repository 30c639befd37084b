"""From an offset in a scalar's value back to the line and column of the file, whatever style it is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generators.promql.ast import Span
from generators.promql.rules.problems import Place
from generators.promql.rules.reader import Scalar

_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CONTINUATION = re.compile(r"\\\r?\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and where its lines start."""

    text: str
    starts: tuple[int, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", (0, *(match.end() for match in re.finditer(r"\n", self.text))))

    def place(self, scalar: Scalar, span: Span) -> Place:
        """Return the place in the file of a span of the scalar's value."""
        if span.start < 0 or scalar.end > len(self.text):
            return scalar.place
        return self.at(self._offset(scalar, span.start))

    def at(self, offset: int) -> Place:
        """Return the place of an offset in the file."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= offset else (low, middle)
        return Place(low + 1, offset - self.starts[low] + 1)

    def _offset(self, scalar: Scalar, target: int) -> int:
        """Follow the value through the file: every character that is no space stands there in the same order."""
        position = self._first(scalar)
        for index, character in enumerate(scalar.text):
            if not character.isspace():
                position = self._skip(position, scalar)
            if index >= target:
                break
            if character.isspace():
                same = self.text[position : position + 1] == character
                position += same and position < scalar.end
            else:
                position = self._next(position, scalar)
        return min(position, scalar.end)

    def _first(self, scalar: Scalar) -> int:
        if scalar.style in ("|", ">"):
            newline = self.text.find("\n", scalar.start)
            return scalar.end if newline < 0 else newline + 1
        return scalar.start + (1 if scalar.style in ("'", '"') else 0)

    def _skip(self, position: int, scalar: Scalar) -> int:
        while position < scalar.end:
            if self.text[position].isspace():
                position += 1
                continue
            continuation = _CONTINUATION.match(self.text, position) if scalar.style == '"' else None
            if continuation is None:
                break
            position = continuation.end()
        return position

    def _next(self, position: int, scalar: Scalar) -> int:
        escape = _ESCAPE.match(self.text, position) if scalar.style == '"' else None
        if escape is not None:
            return escape.end()
        doubled = scalar.style == "'" and self.text.startswith("''", position)
        return position + (2 if doubled else 1)
