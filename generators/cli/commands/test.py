"""The command ``test``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from generators.cli.console import GREEN, RED, Console
from generators.cli.input_files import UnreadableError, read_text
from generators.cli.profile_options import add_profile_arguments, profile_of
from generators.cli.reporting import as_data, of_rules, report
from generators.cli.tables import plural
from generators.diagnostics import Problem, point
from generators.diagnostics.text_report import visible
from generators.promql.rules.testing.coverage import Coverage, join
from generators.promql.rules.testing.unit_tests import (
    TEST_FAILED,
    CaseResult,
    TestFailure,
    TestReport,
    files_beside,
    run_unit_tests,
)

_SHOWN: Final = 5
_EPILOG: Final = """\
Groups are evaluated at their own intervals, values are compared with a tolerance of 1e-9, and NaN equals NaN.
--compat promtool evaluates all groups at evaluation_interval and compares exactly, as promtool does.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.epilog = _EPILOG
    parser.add_argument("files", nargs="+", metavar="FILE", help="test files, as for `promtool test rules`")
    parser.add_argument("--compat", choices=("promtool",), help="do all as promtool does")
    parser.add_argument("--run", dest="wanted", metavar="REGEX", help="only tests whose name matches")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="write a report that CI systems read")
    parser.add_argument("--diff", action="store_true", help=f"show every difference, not {_SHOWN} an expectation")
    parser.add_argument("--coverage", action="store_true", help="list rules that no test made true")
    ignore = "let keys pass that promtool refuses"
    parser.add_argument("--ignore-unknown-fields", action="store_true", help=ignore)
    add_profile_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the tests of every file and report."""
    try:
        wanted = re.compile(arguments.wanted or "")
    except re.error as error:
        return console.fail(f"--run: `{arguments.wanted}` is no regular expression: {error}", code=2)
    reports: list[TestReport] = []
    sources: dict[str, str] = {}
    unreadable = []
    for number, name in enumerate(arguments.files, start=1):
        console.progress(f"testing {name} ({number} of {len(arguments.files)})")
        try:
            sources[name] = read_text(name)
        except UnreadableError as error:
            unreadable.append(str(error))
            continue
        reports.append(_run(name, sources[name], wanted, arguments))
        sources |= reports[-1].sources
    console.progress("")
    for message in unreadable:
        console.fail(message)
    if arguments.junit is not None:
        from generators.promql.rules.testing.junit import to_junit  # noqa: PLC0415 - seldom wanted, and slow to import

        arguments.junit.write_text(to_junit(reports), encoding="utf-8")
    ok = not unreadable and all(each.passed for each in reports)
    if console.json:
        console.data({"ok": ok, "unreadable": unreadable, "files": [_file_data(each) for each in reports]})
    else:
        _print(reports, sources, arguments, console, ok=ok)
    return 0 if ok else 1


def _run(name: str, text: str, wanted: re.Pattern[str], arguments: argparse.Namespace) -> TestReport:
    return run_unit_tests(
        text,
        name,
        files_beside(Path(name)),
        compat=arguments.compat == "promtool",
        profile=profile_of(arguments),
        wanted=lambda title: wanted.search(title) is not None,
        ignore_unknown=arguments.ignore_unknown_fields,
    )


def _print(
    reports: Sequence[TestReport],
    sources: dict[str, str],
    arguments: argparse.Namespace,
    console: Console,
    *,
    ok: bool,
) -> None:
    most = None if arguments.diff else _SHOWN
    problems = [problem for each in reports for problem in of_rules(each.problems, each.path)]
    failures = [(each.path, case, failure) for each in reports for case in each.cases for failure in case.failures]
    if console.format == "github":
        problems += (_annotation(*failure, most) for failure in failures)
    report(problems, sources, console)
    if console.format == "text":
        for failure in failures:
            console.write(_failure_text(*failure, most, console))
    if arguments.coverage:
        console.say(coverage_text(join(each.coverage for each in reports)))
    cases = [case for each in reports for case in each.cases]
    failed = sum(bool(case.failures) for case in cases)
    files = plural(len(reports), "file")
    if ok:
        console.say(console.paint(f"ok: {plural(len(cases), 'test')} in {files}", GREEN))
    elif cases:
        console.say(console.paint(f"{failed} of {plural(len(cases), 'test')} in {files} failed", RED))


def _annotation(path: str, case: CaseResult, failure: TestFailure, most: int | None) -> Problem:
    message = "\n".join((_title(case, failure), *_differences(failure, most)))
    return Problem(TEST_FAILED, message, point(path, failure.place.line, failure.place.column))


def _failure_text(path: str, case: CaseResult, failure: TestFailure, most: int | None, console: Console) -> str:
    place = f"{path}:{failure.place.line}:{failure.place.column}"
    head = f"{place}  {console.paint('FAILED', RED)}  {_title(case, failure)}"
    return "\n".join((head, *(f"    {visible(line)}" for line in _differences(failure, most))))


def _title(case: CaseResult, failure: TestFailure) -> str:
    return f"{case.name}: {failure.subject}" if case.name else failure.subject


def _differences(failure: TestFailure, most: int | None) -> Sequence[str]:
    shown = failure.differences[:most]
    left = len(failure.differences) - len(shown)
    return (*shown, f"… and {left} more; --diff shows all") if left else shown


def coverage_text(coverage: Coverage) -> str:
    """Return which rules no test made true, and how many all of them did."""
    gaps = coverage.missing()
    lines = [f"  {group}, rule {number}, {name}: never {' or '.join(steps)}" for (group, number, name), steps in gaps]
    total = len(coverage.reached)
    return "\n".join((f"coverage: {total - len(gaps)} of {plural(total, 'rule')} did all they can do", *lines))


def _file_data(found: TestReport) -> dict[str, Any]:
    return {
        "file": found.path,
        "ok": found.passed,
        "problems": as_data(of_rules(found.problems, found.path)),
        "tests": [
            {
                "name": case.name,
                "line": case.place.line,
                "ok": not case.failures,
                "failures": [
                    {"line": each.place.line, "subject": each.subject, "differences": list(each.differences)}
                    for each in case.failures
                ],
            }
            for case in found.cases
        ],
        "never": [
            {"group": group, "rule": number, "name": name, "steps": [step.value for step in steps]}
            for (group, number, name), steps in found.coverage.missing()
        ],
    }
