from pathlib import Path
from xml.etree import ElementTree

import pytest

from generators.promql.rules.testing.coverage import Reached
from generators.promql.rules.testing.junit import to_junit
from generators.promql.rules.testing.unit_tests import TestReport, files_beside, run_unit_tests

RULES = """\
groups:
- name: g
  interval: 2m
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }} has been down, {{ $value }}"}
  - alert: Never
    expr: up > 5
"""
TESTS = """\
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- name: a job goes down
  interval: 1m
  input_series:
  - {series: 'up{job="a"}', values: 1 0x9}
  alert_rule_test:
  - {eval_time: 3m, alertname: Down, exp_alerts: []}
  - eval_time: 5m
    alertname: Down
    exp_alerts: [{exp_labels: {job: a, severity: page}, exp_annotations: {summary: "a has been down, 0"}}]
  promql_expr_test:
  - {expr: "job:up:sum", eval_time: 4m, exp_samples: [{labels: 'job:up:sum{job="a"}', value: 0}]}
  - {expr: 1 + 1, eval_time: 1m, exp_samples: [{labels: '{}', value: 2}]}
"""


def run(tests: str = TESTS, rules: str = RULES, *, compat: bool = False) -> TestReport:
    return run_unit_tests(
        tests, "tests.yml", lambda pattern: [(pattern, rules)] if pattern == "rules.yml" else [], compat=compat
    )


def lines(report: TestReport) -> list[str]:
    return [line.strip() for case in report.cases for failure in case.failures for line in failure.differences]


def test_a_file_of_promtool_runs_unchanged() -> None:
    report = run()
    assert lines(report) == []
    assert report.passed
    assert [case.name for case in report.cases] == ["a job goes down"]


def test_groups_run_at_their_own_interval_unless_promtool_is_asked_for() -> None:
    earlier = TESTS.replace("eval_time: 5m\n", "eval_time: 3m\n").replace(
        "  - {eval_time: 3m, alertname: Down, exp_alerts: []}\n", ""
    )
    assert not run(earlier).passed
    assert run(earlier, compat=True).passed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("value: 0}", "value: 1}"), 'job:up:sum{job="a"} is 0, expected 1 (off by -1)'),
        (
            ("'job:up:sum{job=\"a\"}'", "'job:up:sum{job=\"b\"}'"),
            'missing job:up:sum{job="b"} 0; nearest is job:up:sum{job="a"} (job is "a" instead of "b")',
        ),
        (
            ("down, 0", "down, 1"),
            '{alertname="Down", job="a", severity="page"}: annotation summary is "a has been down, 0", '
            'expected "a has been down, 1"',
        ),
        (
            ("{job: a, severity: page}", "{job: a}"),
            'not firing: {alertname="Down", job="a"}; nearest is '
            '{alertname="Down", job="a", severity="page"} (has severity="page")',
        ),
        (("exp_alerts: [{exp_labels: {job: a, severity: page}", "x: [{exp_labels: {job: a, severity: page}"), ""),
    ],
)
def test_a_failure_says_what_differs_and_what_is_nearest(change: tuple[str, str], expected: str) -> None:
    report = run(TESTS.replace(*change))
    assert not report.passed
    assert lines(report)[:1] == ([expected] if expected else [])


def test_values_are_compared_with_a_tolerance_unless_promtool_is_asked_for() -> None:
    tests = TESTS.replace("1 + 1", "0.1 + 0.2").replace("value: 2}", "value: 0.3}")
    assert run(tests).passed
    assert lines(run(tests, compat=True))[-1].startswith("{} is 0.30000000000000004, expected 0.3")
    nan = TESTS.replace("1 + 1", "0 / 0").replace("value: 2}", "value: NaN}")
    assert run(nan).passed
    assert "{} is NaN, expected NaN" in lines(run(nan, compat=True))


def test_a_rule_that_fails_fails_its_tests() -> None:
    rules = RULES.replace("sum by (job) (up)", "up + on () up")
    tests = TESTS.replace("input_series:", "input_series:\n  - {series: 'up{job=\"b\"}', values: 1x9}")
    (line,) = lines(run(tests, rules))
    assert "many-to-many" in line or "duplicate series" in line


def test_coverage_names_what_no_test_ever_made_true() -> None:
    missing = dict(run().coverage.missing())
    assert missing == {("g", 2, "Down"): (Reached.RESOLVED,), ("g", 3, "Never"): (Reached.FIRED, Reached.RESOLVED)}


def test_problems_of_test_and_rule_files_are_reported_before_anything_runs() -> None:
    assert [problem.code for problem in run("tests: [{nmae: x}]").problems] == ["Q603"]
    assert [problem.code for problem in run(TESTS, RULES.replace("up == 0", "up ==")).problems] == ["Q001"]
    assert [problem.code for problem in run(TESTS.replace("rules.yml", "other.yml")).problems] == ["Q640"]
    assert [problem.code for problem in run("group_eval_order: [a, a]").problems] == ["Q641"]
    assert [problem.code for problem in run("tests: [{alert_rule_test: [{eval_time: 1m}]}]").problems] == ["Q642"]
    assert [problem.code for problem in run("tests: [{start_timestamp: soon}]").problems] == ["Q618"]


def test_only_wanted_tests_run() -> None:
    report = run_unit_tests(TESTS, "t", lambda _: [("rules.yml", RULES)], wanted=lambda name: "up" in name.split())
    assert report.cases == ()


def test_a_report_becomes_junit_xml() -> None:
    reports = run(TESTS.replace("value: 0}", "value: 1}")), run("tests: [{nmae: x}]")
    root = ElementTree.fromstring(to_junit(reports))  # noqa: S314 - our own text
    suites = root.findall("testsuite")
    assert [suite.get("failures") for suite in suites] == ["1", "0"]
    assert suites[0].find("testcase/failure") is not None
    assert suites[1].get("errors") == "1"


def test_rule_files_are_found_beside_the_test_file(tmp_path: Path) -> None:
    (tmp_path / "a.rules.yml").write_text(RULES, encoding="utf-8")
    load = files_beside(tmp_path / "tests.yml")
    assert [Path(path).name for path, _ in load("*.rules.yml")] == ["a.rules.yml"]
    assert [Path(path).name for path, _ in load(str(tmp_path / "a.*.yml"))] == ["a.rules.yml"]
    assert load("missing.yml") == []


@pytest.mark.parametrize("compat", [True, False])
def test_the_last_of_two_series_of_one_name_counts_and_long_notations_are_read_as_far_as_needed(compat: bool) -> None:
    twice = TESTS.replace("values: 1 0x9}", "values: 1x9}\n  - {series: 'up{job=\"a\"}', values: 1 0x10000000}")
    report = run(twice, compat=compat)
    assert report.problems == ()
    assert lines(report) == ([] if not compat else lines(run(compat=True)))
