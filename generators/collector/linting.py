"""Text → problems with places."""

from __future__ import annotations

from generators.collector.checking import check
from generators.collector.findings import Problem, Severity
from generators.collector.reading import Place, UnreadableError, read


def lint(text: str, file: str) -> tuple[Problem, ...]:
    """Return what is wrong with a configuration, sorted by place."""
    try:
        found = read(text)
    except UnreadableError as error:
        return (_problem(file, error.place, "C901", f"not YAML: {error}", "correct the syntax", Severity.ERROR),)
    if not isinstance(found.document, dict):
        message, help_ = "a configuration is a mapping of sections", "sections: receivers, processors, …, service"
        return (_problem(file, (1, 1, 1, 1), "C901", message, help_, Severity.ERROR),)
    if "apiVersion" in found.document and "kind" in found.document:
        message, help_ = "this is a resource of Kubernetes, not a configuration", "lint what it holds, as a file"
        return (_problem(file, found.place(("kind",)), "C901", message, help_, Severity.ERROR),)
    problems = (
        _problem(file, found.place(each.path), each.code, each.message, each.help, each.severity)
        for each in check(found.document)
    )
    return tuple(sorted(set(problems)))


def _problem(file: str, place: Place, code: str, message: str, help_: str, severity: Severity) -> Problem:
    return Problem(file, *place, code, message, help_, severity)
