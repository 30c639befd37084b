"""The lint of a configuration: every check over it, and its findings at their places in the text."""

from __future__ import annotations

from collections.abc import Mapping

from generators.collector.checks import CHECKS
from generators.collector.reading import UnreadableError, read
from generators.collector.view import view
from generators.diagnostics import Code, Finding, Position, Problem, located

NOT_A_CONFIGURATION = Code(
    "C901",
    "Not a configuration",
    "The file is one YAML mapping of sections.",
    "receivers: [",
    "receivers: {}",
)


def check(document: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return what is wrong with a configuration given as plain values."""
    seen = view(document)
    return tuple(dict.fromkeys(finding for each in CHECKS for finding in each(seen)))


def lint(text: str, file: str) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration, sorted by place."""
    try:
        found = read(text)
    except UnreadableError as error:
        position = Position(file, *error.place)
        return (Problem(NOT_A_CONFIGURATION, f"not YAML: {error}", position, "correct the syntax"),)
    if not isinstance(found.document, dict):
        message, help_ = "a configuration is a mapping of sections", "sections: receivers, processors, …, service"
        return (Problem(NOT_A_CONFIGURATION, message, Position(file, 1, 1, 1, 1), help_),)
    if "apiVersion" in found.document and "kind" in found.document:
        message, help_ = "this is a resource of Kubernetes, not a configuration", "lint what it holds, as a file"
        return (Problem(NOT_A_CONFIGURATION, message, Position(file, *found.place(("kind",))), help_),)
    return located(check(found.document), lambda finding: Position(file, *found.place(finding.path)))
