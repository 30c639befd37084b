"""A kind of problem, and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem.

    ``wrong`` and ``right`` are lines of a configuration. ``refused`` says that Alertmanager itself does not
    start with such a file (amtool check-config fails).
    """

    title: str
    explanation: str
    wrong: str
    right: str
    severity: Literal["error", "warning", "info"] = "error"
    refused: bool = False


def refused(title: str, explanation: str, wrong: str, right: str) -> Code:
    """Make the code of an error for which Alertmanager does not start."""
    return Code(title, explanation, wrong, right, refused=True)


def error(title: str, explanation: str, wrong: str, right: str) -> Code:
    """Make the code of an error that Alertmanager does not see."""
    return Code(title, explanation, wrong, right)


def warning(title: str, explanation: str, wrong: str, right: str) -> Code:
    """Make the code of something that is probably not meant."""
    return Code(title, explanation, wrong, right, severity="warning")
