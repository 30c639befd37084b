"""Findings: mistakes before it is known where in a file they are, at a path of keys or in a stretch of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from generators.diagnostics.code import Code, Severity
from generators.diagnostics.position import Position, Span, stretch
from generators.diagnostics.problem import Problem, sort_problems

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions in lists from the top, such as ``("route", "routes", 0, "receiver")``."""

Locator: TypeAlias = "Callable[[Finding], Position]"
"""Where in a file a finding is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake in a tree of values: its kind, what is wrong, the path to it, and how to mend it."""

    kind: Code
    message: str
    path: Path
    help: str = ""

    @property
    def code(self) -> str:
        """The id of its kind, such as ``M013``."""
        return self.kind.id

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    def at(self, position: Position) -> Problem:
        """The same as a problem at a position."""
        return Problem(self.kind, self.message, position, self.help)


@dataclass(frozen=True, slots=True)
class TextFinding:
    """A mistake in a text, such as an expression: its kind, what is wrong, the stretch that it is about, the remedy."""

    kind: Code
    message: str
    span: Span
    help: str = ""

    @property
    def code(self) -> str:
        """The id of its kind, such as ``Q022``."""
        return self.kind.id

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    def at(self, position: Position) -> Problem:
        """The same as a problem at a position."""
        return Problem(self.kind, self.message, position, self.help)

    def in_text(self, file: str, text: str) -> Problem:
        """The same as a problem in a file that holds the text and nothing else."""
        return self.at(stretch(file, text, self.span.start, self.span.end))


def located(findings: Iterable[Finding], locate: Locator) -> tuple[Problem, ...]:
    """Findings as problems with their positions, sorted, each once."""
    return sort_problems(finding.at(locate(finding)) for finding in findings)


def in_words(path: Path) -> str:
    """A path as people read it: ``route.routes[0].receiver``; empty for the top."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")
