"""What is wrong with an expression: a value with a code, a place and a remedy, never an exception to the caller."""

from __future__ import annotations

from dataclasses import dataclass

from generators.diagnostics import Code, Severity
from generators.promql.syntax.ast import Span


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in PromQL text.

    ``span`` counts characters in the text, from 0; ``help`` says how to mend it, and is empty where the message already
    does.
    """

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
        """How bad it is; only errors make an expression unusable."""
        return self.kind.severity
