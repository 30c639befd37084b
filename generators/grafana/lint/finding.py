"""A finding about a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from generators.diagnostics import Finding, Position, Problem

Place: TypeAlias = tuple[int, int, int, int]
"""Line, column, end line, end column: from 1, the end exclusive."""


@dataclass(frozen=True, slots=True)
class DashboardFinding(Finding):
    """A finding with the title of the dashboard, and of the panel or variable that it is about.

    ``offset`` is the character of the text at the path, where one is to blame.
    """

    dashboard: str = ""
    place: str = ""
    offset: int | None = None

    def at(self, position: Position) -> Problem:
        """Return the same as a problem at a position; its message says which panel."""
        quoted = f"“{self.place}”: " if self.place else ""
        return Problem(self.kind, f"{quoted}{self.message}", position, self.help)
