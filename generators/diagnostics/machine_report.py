"""Problems for machines: JSON for tools, workflow commands for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from generators.diagnostics.code import Severity
from generators.diagnostics.position import Position
from generators.diagnostics.problem import Problem, sort_problems

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_json(problems: Iterable[Problem]) -> str:
    """Render problems, sorted, as one JSON object with a list and counts by severity."""
    ordered = sort_problems(problems)
    counts = {severity.value: sum(each.severity is severity for each in ordered) for severity in Severity}
    document = {"problems": [problem_fields(problem) for problem in ordered], "counts": counts}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def problem_fields(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON's own types."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "help": problem.help,
        "position": _place(problem.position),
        "related": [{"message": note, "position": _place(place)} for note, place in problem.related],
    }


def _place(position: Position) -> dict[str, str | int]:
    return {
        "file": position.file,
        "line": position.line,
        "column": position.column,
        "end_line": position.end_line,
        "end_column": position.end_column,
    }


def render_github(problems: Iterable[Problem]) -> str:
    """Render problems, sorted, as GitHub Actions workflow commands, one a line.

    Source: the escaping of ``@actions/core`` (``command.ts``): messages escape ``%``, CR and LF, properties also
    ``:`` and ``,``.
    """
    return "".join(f"{_command(problem)}\n" for problem in sort_problems(problems))


def _command(problem: Problem) -> str:
    place = problem.position
    properties: dict[str, str | int] = {}
    if place.file:
        properties = {"file": place.file}
    if place.line:
        properties |= {"line": place.line, "endLine": place.end_line}
        # GitHub ignores columns when the annotation spans lines; its columns are inclusive
        if place.line == place.end_line:
            properties |= {"col": place.column, "endColumn": max(place.column, place.end_column - 1)}
    properties["title"] = problem.code
    notes = [f"{note}: {position}" for note, position in problem.related]
    text = "\n".join([problem.message, *notes, *([f"help: {problem.help}"] if problem.help else [])])
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[problem.severity]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
