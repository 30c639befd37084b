"""Test reports as JUnit XML, which CI systems read."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from generators.diagnostics import Severity
from generators.promql.rules.testing.unit_tests import CaseResult, TestReport


def to_junit(reports: Iterable[TestReport]) -> str:
    """Return one test suite for each file, with a case for each test; no times, so that output is reproducible."""
    suites = "".join(_suite(report) for report in reports)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}</testsuites>\n'


def _suite(report: TestReport) -> str:
    errors = [problem for problem in report.problems if problem.severity is Severity.ERROR]
    failures = sum(1 for case in report.cases if case.failures)
    counts = f'tests="{len(report.cases)}" failures="{failures}" errors="{len(errors)}"'
    body = "".join(_case(case, report.path) for case in report.cases)
    broken = "".join(
        f"    <testcase name={_attribute(problem.code)}><error message={_attribute(str(problem))}/></testcase>\n"
        for problem in errors
    )
    return f"  <testsuite name={_attribute(report.path)} {counts}>\n{body}{broken}  </testsuite>\n"


def _case(case: CaseResult, path: str) -> str:
    head = f'    <testcase name={_attribute(case.name)} file={_attribute(path)} line="{case.place.line}"'
    if not case.failures:
        return f"{head}/>\n"
    inner = "".join(
        f"      <failure message={_attribute(failure.subject)}>{escape(_clean(str(failure)))}</failure>\n"
        for failure in case.failures
    )
    return f"{head}>\n{inner}    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Drop characters that XML cannot hold."""
    return "".join(character for character in text if character in "\t\n\r" or character >= " ")
