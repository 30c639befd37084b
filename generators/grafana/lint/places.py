"""JSON text → the place of each value, by its path."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from generators.diagnostics import Path
from generators.grafana.lint.finding import Place

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_CHARACTER: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
"""One character of a string, as it is written; two escapes may make one."""

Stretch: TypeAlias = tuple[int, int]
"""First character, and the one behind the last."""


@dataclass(frozen=True)
class Places:
    """Where the values of a valid JSON text are.

    The text may be part of a file: it begins in ``line``, each of its lines is indented by ``indent`` characters.
    Without an indent that is known, everything is at ``(line, column)``.
    """

    text: str
    line: int = 1
    indent: int | None = 0
    column: int = 1

    @cached_property
    def _found(self) -> Mapping[Path, Stretch]:
        return dict(_stretches(self.text))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def place(self, path: Path, offset: int | None = None) -> Place:
        """Return the place of the deepest known part of a path; of one character, if it is text and one is named."""
        depth = next(length for length in range(len(path), -1, -1) if path[:length] in self._found)
        start, end = self._found[path[:depth]]
        if offset is not None and depth == len(path) and self.text[start] == '"':
            start = _character(self.text, start, end - 1, offset)
            end = start + 1
        return self.between(start, end)

    def between(self, start: int, end: int) -> Place:
        """Return a place; of what has several lines, the first character."""
        if self.indent is None:
            return (self.line, self.column, self.line, self.column + 1)
        line, column = self._point(start)
        last = self._point(end)
        return (line, column, *(last if last[0] == line else (line, column + 1)))

    def _point(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self._starts, offset) - 1
        return self.line + row, (self.indent or 0) + offset - self._starts[row] + 1


def _character(text: str, start: int, end: int, offset: int) -> int:
    """Return where a character of a string is, counted once escapes are read; ``end`` is the closing quote."""
    at = start + 1
    for _ in range(offset):
        found = _CHARACTER.match(text, at, end)
        if found is None:
            break
        at = found.end()
    return max(min(at, end - 1), start)


def _stretches(text: str) -> Iterator[tuple[Path, Stretch]]:
    """Yield each value's path and stretch, inner ones first; of a key that occurs twice, the last counts."""
    path: list[Any] = []
    opened: list[tuple[int, bool]] = []
    before = ""
    for found in _TOKEN.finditer(text):
        mark = found[0]
        if mark in ("[", "{"):
            is_list = mark == "["
            opened.append((found.start(), is_list))
            path.append(0 if is_list else None)
        elif mark in ("]", "}"):
            path.pop()
            yield tuple(path), (opened.pop()[0], found.end())
        elif mark == ",":
            path[-1] = path[-1] + 1 if opened[-1][1] else None
        elif mark == ":":
            path[-1] = json.loads(before)
        elif not opened or path[-1] is not None:
            yield tuple(path), found.span()
        before = mark
