"""Checking PromQL text by text: what is wrong with it, what type it has, which labels its result carries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from generators import promql
from generators.promql import Profile, Severity, Span, TextFinding, ValueType
from generators.promql.labels.algebra import labels_of
from generators.promql.labels.label_set import LabelSet


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of an expression; its type and labels are None where it has none or a mistake hides them."""

    text: str
    type: ValueType | None
    labels: LabelSet | None
    problems: tuple[TextFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether Prometheus would take it."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def check_text(text: str, profile: Profile) -> Checked:
    """Parse and check an expression; nothing is known of the metrics that it reads."""
    expr, found = promql.parse(text)
    if expr is None:
        return Checked(text, None, None, found)
    problems = (*found, *promql.check(expr, profile))
    type_ = promql.type_of(expr)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Checked(text, None, None, problems)
    labels, more = labels_of(expr, lambda _: None, text)
    vector = type_ in {ValueType.VECTOR, ValueType.MATRIX}
    return Checked(text, type_, labels if vector else None, (*problems, *more))


def checked_line(line: bytes, profile: Profile) -> dict[str, Any]:
    """Check an expression that stands on a line as a JSON string."""
    try:
        text = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return _refused("the line is not JSON")
    return as_data(check_text(text, profile)) if isinstance(text, str) else _refused("the line is not a JSON string")


def as_data(checked: Checked) -> dict[str, Any]:
    """Return what is known as plain data; positions count characters, lines and columns from 1."""
    labels = checked.labels
    return {
        "ok": checked.ok,
        "type": checked.type.value if checked.type else None,
        "labels": None
        if labels is None
        else {"sure": sorted(labels.sure), "maybe": sorted(labels.maybe), "open": labels.open},
        "problems": [_problem(each, checked.text) for each in checked.problems],
    }


def place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of a character, both from 1."""
    before = text[: max(offset, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _problem(problem: TextFinding, text: str) -> dict[str, Any]:
    span: Span = problem.span
    line, column = place(text, span.start)
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "help": problem.help,
        "start": span.start,
        "end": span.end,
        "line": line,
        "column": column,
    }


def _refused(message: str) -> dict[str, Any]:
    """Answer a line that holds no expression; it has no code, because it is no PromQL."""
    help_ = 'write each expression as a JSON string on a line of its own, such as "up == 0"'
    problem = {"code": "", "severity": "error", "message": message, "help": help_}
    where = {"start": 0, "end": 0, "line": 1, "column": 1}
    return {"ok": False, "type": None, "labels": None, "problems": [{**problem, **where}]}
