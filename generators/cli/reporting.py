"""Problems of files that are no specs, printed like those of specs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from generators.cli.console import RED, Console
from generators.cli.tables import plural
from generators.diagnostics import Problem, Severity, TextFinding, point

if TYPE_CHECKING:
    from generators.promql.rules.problems import RuleProblem


def of_expression(findings: Iterable[TextFinding], file: str, text: str) -> list[Problem]:
    """Return problems of a text that is the whole file."""
    return [finding.in_text(file, text) for finding in findings]


def of_rules(problems: Iterable[RuleProblem], file: str) -> list[Problem]:
    """Return problems of a rule file; the message says which rule, since its line may not."""
    return [
        Problem(
            each.kind,
            (f'group "{each.group}", rule {each.rule}, "{each.name}": ' if each.rule else "") + each.message,
            point(each.path or file, each.place.line, each.place.column),
            each.help,
        )
        for each in problems
    ]


def report(problems: Iterable[Problem], sources: Mapping[str, str], console: Console) -> None:
    """Print problems with the lines that they are about, and how many there are; where it is quiet, no notes."""
    silent = console.format == "text" and console.quiet
    found = tuple(each for each in problems if not (silent and each.severity is Severity.INFO))
    if not found:
        console.progress("")
        return
    console.problems(found, sources)
    if console.format == "text":
        wrong, doubtful = count(found, Severity.ERROR), count(found, Severity.WARNING)
        notes = len(found) - wrong - doubtful
        parts = [plural(wrong, "error"), plural(doubtful, "warning"), *([plural(notes, "note")] if notes else [])]
        console.say(console.paint(", ".join(parts), RED))


def count(problems: Iterable[Problem], severity: Severity) -> int:
    """Return how many problems are that bad."""
    return sum(each.severity is severity for each in problems)


def as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems as JSON data."""
    from generators.diagnostics.machine_report import problem_fields  # noqa: PLC0415 - only for JSON

    return [problem_fields(each) for each in problems]
