"""Prometheus' own language tests (promqltest scripts) against our engine: what passed, and what did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generators.cli.console import Console
from generators.cli.input_files import UnreadableError, read_text
from generators.cli.reporting import as_data, report
from generators.diagnostics import Problem, point
from generators.promql.conformance import CaseFailure, Report, run
from generators.promql.conformance.runner import CASE_FAILED
from generators.promql.conformance.script import UNREADABLE_SCRIPT, ScriptError
from generators.promql.profiles import Profile


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: a report, or why it could not be read."""

    file: str
    report: Report | None
    reason: str = ""


def run_conformance(files: Sequence[str], profile: Profile, console: Console) -> int:
    """Run scripts, print what came of each file, and return the exit code."""
    outcomes, sources = [], {}
    for number, name in enumerate(files, start=1):
        console.progress(f"{name} ({number} of {len(files)})")
        try:
            sources[name] = read_text(name)
            outcomes.append(Outcome(name, run(sources[name], profile=profile)))
        except (UnreadableError, ScriptError) as error:
            outcomes.append(Outcome(name, None, str(error)))
    console.progress("")
    passed, failed, skipped = (sum(map(count, outcomes)) for count in (_passed, _failed, _skipped))
    ok = not failed and all(outcome.report is not None for outcome in outcomes)
    if console.json:
        counts = {"passed": passed, "failed": failed, "skipped": skipped}
        console.data({"ok": ok, **counts, "files": [_as_data(outcome) for outcome in outcomes]})
        return 0 if ok else 1
    for outcome in outcomes:
        _print(outcome, sources, console)
    console.say(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if ok else 1


def _print(outcome: Outcome, sources: dict[str, str], console: Console) -> None:
    found = outcome.report
    if found is None:
        report([Problem(UNREADABLE_SCRIPT, outcome.reason, point(outcome.file, 1, 1))], {}, console)
        return
    counts = f"{found.passed} passed, {found.failed} failed"
    skipped = f", {found.skipped} skipped for native histograms" if found.skips else ""
    console.say(f"{outcome.file}: {counts}{skipped}")
    report([_problem(outcome.file, failure) for failure in found.failures], sources, console)


def _problem(file: str, failure: CaseFailure) -> Problem:
    return Problem(CASE_FAILED, f"{failure.expression}: {failure.message}", point(file, failure.line, 1))


def _as_data(outcome: Outcome) -> dict[str, Any]:
    found = outcome.report
    if found is None:
        return {"file": outcome.file, "ok": False, "reason": outcome.reason}
    return {
        "file": outcome.file,
        "ok": not found.failed,
        "passed": found.passed,
        "failures": as_data(_problem(outcome.file, failure) for failure in found.failures),
        "skipped": [{"line": each.line, "expression": each.expression} for each in found.skips],
    }


def _passed(outcome: Outcome) -> int:
    return 0 if outcome.report is None else outcome.report.passed


def _failed(outcome: Outcome) -> int:
    return 0 if outcome.report is None else outcome.report.failed


def _skipped(outcome: Outcome) -> int:
    return 0 if outcome.report is None else outcome.report.skipped
