"""Positions: the stretch of a file that something is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A stretch of a file: lines and columns count characters from 1, the end is exclusive.

    ``file`` is a POSIX path relative to the parent of the specs folder (``specs/models/churn.yaml``), ``library/…``
    for the packs that come with the compiler, or the name under which a linted file was given. A ``line`` of 0 means
    the file as a whole.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


NOWHERE: Final = Position("", 0, 0, 0, 0)
"""The position of what stands in no file."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text: character offsets from 0, the end exclusive."""

    start: int
    end: int


def point(file: str, line: int, column: int) -> Position:
    """The position of one character."""
    return Position(file, line, column, line, column + 1)


def stretch(file: str, text: str, start: int, end: int) -> Position:
    """The position of the characters ``start`` to ``end`` (from 0, the end exclusive) of a file's text."""
    return Position(file, *_place(text, start), *_place(text, max(start, end)))


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[: max(offset, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
