"""Wrong specs as text: a valid organisation, what a case changes in it, and the problems that follow, marked in place.

A case starts with ``## title``.  ``@ file`` gives a file whole, ``@ file +`` the parts of it that differ: a part is a
line with what is indented below it, and stands in place of the part with the same key, or at the end.  ``@ file -``
takes the file away.  Below a line stand its problems: carets under the place, code, severity and message, then the
remedy and notes after ``=``.  Problems elsewhere are listed after ``>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generators.diagnostics import Problem
from generators.language.sources import Source, read_specs

FOLDER = Path(__file__).parent / "wrong_specs"
MARKS = re.compile(r" *(\^+…? [A-Z]\d{3} |= )|> ")
KEY = re.compile(r"( *)([^\s:#-][^:]*):(?: |$)")


@dataclass(frozen=True)
class Line:
    """A line of a file; ``shown`` if the case states it."""

    text: str
    shown: bool


@dataclass(frozen=True, eq=False)
class Case:
    """A title, the text as committed, and the files of the organisation with the change in them."""

    title: str
    text: str
    headers: tuple[tuple[str, str], ...]
    files: dict[str, tuple[Line, ...]]

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is compiled."""
        return tuple(
            Source(name, "".join(f"{line.text}\n" for line in lines).encode("utf-8", "surrogateescape"))
            for name, lines in self.files.items()
        )

    def annotated(self, problems: Iterable[Problem]) -> str:
        """The text of the case as it should be, given its problems."""
        waiting = list(problems)
        parts = [f"## {self.title}"]
        for header, name in self.headers:
            parts.append(header)
            for number, line in enumerate(self.files.get(name, ()), start=1):
                if not line.shown:
                    continue
                parts.append(line.text)
                here = [each for each in waiting if (each.position.file, each.position.line) == (name, number)]
                waiting = [each for each in waiting if each not in here]
                parts += [mark for each in here for mark in _marks(each)]
        parts += [note for each in waiting for note in _elsewhere(each)]
        return "\n".join(parts)


@cache
def cases() -> tuple[Case, ...]:
    """All cases of all files, in order."""
    return tuple(case for path in sorted(FOLDER.glob("*.txt")) for case in read_cases(path.read_text("utf-8")))


def organisation() -> tuple[Source, ...]:
    """The valid organisation that cases change."""
    return tuple(
        Source(f"specs/{each.file.partition('/')[2]}", each.data) for each in read_specs(FOLDER / "organisation")
    )


def read_cases(text: str) -> Iterator[Case]:
    """Read the cases of one file."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        yield _case(part.rstrip("\n"))


def _case(text: str) -> Case:
    title, *lines = text.split("\n")
    stated = [line for line in lines if not MARKS.match(line)]
    files = {
        each.file: tuple(Line(line, shown=False) for line in each.data.decode().splitlines()) for each in organisation()
    }
    headers = []
    for index, line in enumerate(stated):
        if not line.startswith("@ "):
            continue
        end = next((at for at in range(index + 1, len(stated)) if stated[at].startswith("@ ")), len(stated))
        own = tuple(Line(each, shown=True) for each in stated[index + 1 : end])
        name, _, how = line.removeprefix("@ ").partition(" ")
        headers.append((line, name))
        if how == "-":
            del files[name]
        else:
            files[name] = _merged(files[name], own) if how == "+" else own
    return Case(title, f"## {text}", tuple(headers), files)


def _merged(base: tuple[Line, ...], own: tuple[Line, ...]) -> tuple[Line, ...]:
    parts = _parts(base)
    for key, lines in _parts(own):
        at = next((index for index, (other, _) in enumerate(parts) if other == key), len(parts))
        parts[at : at + 1] = [(key, lines)]
    return tuple(line for _, lines in parts for line in lines)


def _parts(lines: tuple[Line, ...]) -> list[tuple[str, list[Line]]]:
    """Keys of the document and of its ``spec``, with their lines."""
    parts: list[tuple[str, list[Line]]] = []
    for line in lines:
        match = KEY.match(line.text)
        if match and len(match[1]) in (0, 2):
            parts.append((f"{match[1]}{match[2]}", [line]))
        elif parts:
            parts[-1][1].append(line)
        else:
            parts.append((line.text, [line]))
    return parts


def _marks(problem: Problem) -> Iterator[str]:
    place = problem.position
    one_line = place.line == place.end_line
    carets = "^" * max(1, place.end_column - place.column) if one_line else "^…"
    margin = " " * (place.column - 1)
    yield f"{margin}{carets} {problem.code} {problem.severity}: {problem.message}"
    yield from (f"{margin}= {note}" for note in _notes(problem))


def _elsewhere(problem: Problem) -> Iterator[str]:
    yield f"> {problem.position} {problem.code} {problem.severity}: {problem.message}"
    yield from (f"> = {note}" for note in _notes(problem))


def _notes(problem: Problem) -> Iterator[str]:
    yield problem.help or "(no remedy)"
    yield from (f"{note}: {place}" for note, place in problem.related)
