"""Codes: the kinds of problems that there are, each with its page in the docs.

A code is a constant beside the check that reports it. ``diagnostics.catalogue`` collects all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad a problem is; only errors stop a command from writing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem.

    ``id`` is what people see and name in suppressions (``R301``); ``explanation`` says why it matters; ``wrong`` and
    ``right`` are the smallest example that has the problem, and the same without it.
    """

    id: str
    title: str
    explanation: str
    wrong: str
    right: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return self.id

    def as_(self, severity: Severity) -> Code:
        """The same kind of problem where it is better or worse than usual."""
        return self if severity is self.severity else replace(self, severity=severity)
