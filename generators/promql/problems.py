"""What is wrong with an expression: a value with a code, a place and a remedy, never an exception to the caller."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generators.promql.syntax.ast import Span


class Severity(StrEnum):
    """How bad a problem is; only errors make an expression unusable."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in PromQL text.

    ``code`` starts with ``Q`` and has a page in the docs; ``span`` counts characters in the text, from 0; ``help``
    says how to mend it, and is empty where the message already does.
    """

    code: str
    message: str
    span: Span
    help: str = ""
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its page: a title, why it matters, and an expression before and after."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str
