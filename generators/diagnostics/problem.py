"""Problems: mistakes that a person can mend, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from generators.diagnostics.code import Code, Severity
from generators.diagnostics.position import Position


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake: its kind, what is wrong, where, and how to mend it.

    ``help`` is empty where the message already says the remedy; ``related`` holds notes about other places, such as
    ``("first defined here", position)``.
    """

    kind: Code
    message: str
    position: Position
    help: str = ""
    related: tuple[tuple[str, Position], ...] = ()

    @property
    def code(self) -> str:
        """The id of its kind, such as ``R301``."""
        return self.kind.id

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    def as_(self, severity: Severity) -> Problem:
        """The same problem, better or worse than its kind usually is."""
        return self if severity is self.severity else replace(self, kind=self.kind.as_(severity))


LIBRARY_NAME: Final = "library/"
"""What begins the names of the files that come with the compiler."""


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by file, line, column, code and message, each once; those of files that nobody can change come last."""
    return tuple(sorted(dict.fromkeys(problems), key=_order))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that keep a command from writing."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def _order(
    problem: Problem,
) -> tuple[bool, str, int, int, str, str, Position, str, str, tuple[tuple[str, Position], ...]]:
    place = problem.position
    return (
        place.file.startswith(LIBRARY_NAME),
        place.file,
        place.line,
        place.column,
        problem.code,
        problem.message,
        place,
        problem.help,
        problem.severity,
        problem.related,
    )
