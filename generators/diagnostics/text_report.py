"""Problems as text for people: the place, the line, carets below what is meant, and the remedy.

specs/models/churn.yaml:24:18  error R301  metric `acuracy` is not recorded for model `churn`
   24 |     revenue_protected: {value: (acuracy - 0.80) * 1000000}
      |                                 ^^^^^^^
   help: did you mean `accuracy`?
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from generators.diagnostics.code import Severity
from generators.diagnostics.position import Position
from generators.diagnostics.problem import Problem, sort_problems

TAB_SIZE: Final = 4
_LEAST_WIDTH: Final = 40
_MARGIN: Final = "   "
_BREAK = re.compile(r"\r\n|\r|\n")
_COLOURS: Final = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}


def render_text(problems: Iterable[Problem], sources: Mapping[str, str], colour: bool = False, width: int = 100) -> str:
    """Render problems, sorted, with a blank line between two and a line break at the end; empty for none.

    ``sources`` gives the text of each file by the name that positions use; ``width`` is that of the terminal in
    columns, to which source lines (not messages) are cut.
    """
    lines_of = _Lines(sources)
    return "\n".join(_render(problem, lines_of, colour, width) for problem in sort_problems(problems))


def _render(problem: Problem, lines_of: _Lines, colour: bool, width: int) -> str:
    paint = _COLOURS[problem.severity] if colour else ""
    label = _painted(f"{problem.severity} {problem.code}", paint)
    place = _painted(visible(str(problem.position)), "1" if colour else "")
    head = f"{place}  {label}  " if problem.position.file else f"{label}  "
    text = [head + visible(problem.message)]
    text += _excerpt(problem.position, lines_of, paint, width)
    for note, position in problem.related:
        text.append(f"{_MARGIN}note: {visible(note)}, {visible(str(position))}")
        text += _excerpt(position, lines_of, "34" if colour else "", width)
    if problem.help:
        text.append(f"{_MARGIN}{_painted('help:', '1' if colour else '')} {visible(problem.help)}")
    return "\n".join(text) + "\n"


class _Lines:
    """The lines of each source, split once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def line(self, position: Position) -> str:
        """Return the first line of a position, empty if unknown."""
        if position.file not in self._lines:
            text = self._sources.get(position.file, "").removeprefix("\ufeff")
            self._lines[position.file] = _BREAK.split(text)
        lines = self._lines[position.file]
        return lines[position.line - 1] if 0 < position.line <= len(lines) else ""


def _excerpt(position: Position, lines_of: _Lines, paint: str, width: int) -> list[str]:
    """Return the source line and the carets below it; nothing where there is no line to show."""
    line = lines_of.line(position)
    if not line.strip():
        return []
    start = min(max(position.column - 1, 0), len(line))
    end = min(position.end_column - 1, len(line)) if position.end_line == position.line else len(line.rstrip())
    number = str(position.line)
    gutter = f"{_MARGIN}{number} | "
    cut = _cut(_Laid(line, start, max(end, start)), max(width, _LEAST_WIDTH) - len(gutter))
    below = f"{_MARGIN}{' ' * len(number)} | {' ' * cut.start}"
    return [gutter + cut.text, below + _painted("^" * max(1, cut.end - cut.start), paint)]


# --- laying out a line ---


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line and a stretch of it, in characters of the source or in columns of the terminal."""

    text: str
    start: int
    end: int


def _cut(source: _Laid, width: int) -> _Laid:
    """Lay a line out in columns, and cut it to a width around the start of the stretch."""
    cells = [visible(letter, expand_tabs=True) for letter in source.text]
    widths = [_columns(cell) for cell in cells]
    first, last = 0, len(cells)
    if sum(widths) > width:
        room = width - 2
        first = _fit_before(widths, source.start, source.end, room)
        last = _fit_after(widths, first, room)
    before, after = ("…" if first else ""), ("…" if last < len(cells) else "")
    start = len(before) + sum(widths[first : source.start])
    end = start + sum(widths[source.start : min(source.end, last)])
    return _Laid(before + "".join(cells[first:last]) + after, start, end)


def _fit_before(widths: list[int], start: int, end: int, room: int) -> int:
    """Return where to cut so that the stretch stands in view, with two thirds of the free room before it."""
    free = max(room - sum(widths[start:end]), room // 3)
    if sum(widths[:end]) <= room:
        return 0
    used, first = 0, start
    rest = sum(widths[end:])
    before = max(free * 2 // 3, free - rest)
    while first and used + widths[first - 1] <= before:
        first -= 1
        used += widths[first]
    return first


def _fit_after(widths: list[int], first: int, room: int) -> int:
    used, last = 0, first
    while last < len(widths) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    return last


def visible(text: str, *, expand_tabs: bool = False) -> str:
    """Return the text with every character that a terminal would obey or hide replaced by one that shows.

    Control characters become their pictures (``␛``), others their code in angle brackets; tabs become spaces only
    with ``expand_tabs``.
    """
    return "".join(_visible(letter, expand_tabs) for letter in text)


def _visible(letter: str, expand_tabs: bool) -> str:
    if " " <= letter <= "~":
        return letter
    if letter == "\t" and expand_tabs:
        return " " * TAB_SIZE
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return f"<{code:04X}>" if hidden and letter != "\u200d" else letter


def _columns(text: str) -> int:
    """Return the columns that a terminal gives to a text: two for wide letters, none for combining marks."""
    return sum(map(_letter_columns, text))


def _letter_columns(letter: str) -> int:
    if letter <= "~":
        return 1
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def _painted(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text
