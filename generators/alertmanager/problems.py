"""What is wrong with a configuration: a value with a code, a place and a remedy, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from generators.alertmanager.codes import CODES

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value in the file: keys and list positions, such as ``("route", "routes", 0, "receiver")``.
"""


class Severity(StrEnum):
    """How bad a problem is. Errors make a configuration unusable or lose alerts."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a configuration.

    ``code`` starts with ``M`` and is explained in ``codes.CODES``. ``line`` and ``column`` count from 1 and
    are ``None`` for a configuration that was not read from text.
    """

    code: str
    message: str
    path: Path
    help: str = ""
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: int | None = None


def problem(code: str, message: str, path: Path, help: str = "") -> Problem:  # noqa: A002  the field is called so
    """Make a problem with the severity of its code."""
    return Problem(code, message, path, help, Severity(CODES[code].severity))
