"""What one analysis of labels carries along: the schema, what is found out of each node, and the problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.labels.label_set import LabelSet
from generators.promql.syntax.ast import NOWHERE, Expr, VectorSelector

Schema: TypeAlias = Callable[[VectorSelector], LabelSet | None]
"""Returns the labels of the series behind a selector, before its matchers apply; None if the metric is unknown.

It is not asked about holes: what fills them may be any expression.
"""


@dataclass(slots=True)
class Context:
    """One analysis; ``sets`` holds the result for each node by identity, as equal nodes stand at several places."""

    schema: Schema
    text: str = ""
    sets: dict[int, LabelSet] = field(default_factory=dict)
    problems: list[TextFinding] = field(default_factory=list)

    def report(self, kind: Code, message: str, span: Span, help_: str = "") -> None:
        """Add a problem."""
        self.problems.append(TextFinding(kind, message, span, help_))

    def of(self, node: Expr) -> LabelSet:
        """Return what was found out of a node that was visited."""
        return self.sets[id(node)]

    def place(self, span: Span) -> str:
        """Return " at column 5" for a span, or " at line 2, column 5" in a text of several lines."""
        if span == NOWHERE:
            return ""
        before = self.text[: span.start]
        line = before.count("\n") + 1
        column = span.start - (before.rfind("\n") + 1) + 1
        return f" at line {line}, column {column}" if line > 1 else f" at column {column}"


def listed(labels: Iterable[str]) -> str:
    """Return "label `a`" or "labels `a`, `b`", sorted."""
    names = sorted(labels)
    return ("label " if len(names) == 1 else "labels ") + ", ".join(f"`{name}`" for name in names)
