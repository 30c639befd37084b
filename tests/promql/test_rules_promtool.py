"""The verdicts of promtool itself, where it is installed: in the folder WATCHSPEC_TOOLS, or on the path."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generators.promql.rules import exit_code, read_rules
from generators.promql.rules.testing.unit_tests import files_beside, run_unit_tests

pytestmark = pytest.mark.oracle

GROUP = "groups: [{name: g, rules: [%s]}]"
RULE_FILES = [
    "",
    "groups:",
    "groups: []",
    "groups: {}",
    "rules: []",
    "groups: [{name: a}, {name: a}]",
    "groups: [{name: a, interval: 1x}]",
    "groups: [{name: a, interval: 0s, limit: 3, query_offset: 1m, labels: {a: b}}]",
    "groups: [{name: a, limit: many}]",
    "groups: [{name: a, labels: {__name__: b}}]",
    "groups: [{name: a, rules: [{record: a, expr: up}, {record: a, expr: down}]}]",
    "groups: [{name: a, rules: [{record: a, expr: up}]}, {name: b, rules: [{record: a, expr: up, labels: {x: y}}]}]",
    GROUP % "{record: a, expr: up}",
    GROUP % "{record: a}",
    GROUP % "{expr: up}",
    GROUP % "{record: a, alert: b, expr: up}",
    GROUP % "{record: a, expr: up, for: 1m}",
    GROUP % "{record: a, expr: up, for: 0s}",
    GROUP % "{record: a, expr: up, annotations: {a: b}}",
    GROUP % "{record: 'a b', expr: up}",
    GROUP % "{record: 'a{b}', expr: up}",
    GROUP % "{record: a, expr: 'up['}",
    GROUP % "{record: a, expr: 'rate(up)'}",
    GROUP % "{record: a, expr: 'sum(up) by (a) > 1'}",
    GROUP % "{alert: a, expr: up, for: 5m, keep_firing_for: 1h30m}",
    GROUP % "{alert: a, expr: up, for: five minutes}",
    GROUP % "{alert: a, expr: up, labels: {a: '{{ $labels.b }}'}}",
    GROUP % "{alert: a, expr: up, labels: {a: '{{ $nope }}'}}",
    GROUP % "{alert: a, expr: up, annotations: {a: '{{ nope }}'}}",
    GROUP % "{alert: a, expr: up, annotations: {a: '{{ if }}'}}",
    GROUP % "{alert: a, expr: up, annotations: {a: '{{ range $i, $x := $labels }}{{ $i }}{{ end }}'}}",
    GROUP % "{alert: a, expr: up, foo: bar}",
]
TESTS = """\
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  external_labels: {region: eu}
  start_timestamp: %s
  input_series:
  - {series: 'x{a="1"}', values: 1 1 1 0 0 2 2 2 2 stale 1 1 1 1}
  - {series: 'x{a="2"}', values: 0 1 _ _ 1 1 1 0 1 1 1 1 1 1}
  alert_rule_test:
  - eval_time: 3m
    alertname: A
    exp_alerts: [%s]
  promql_expr_test:
  - {expr: r, eval_time: 5m, exp_samples: [{labels: 'r{a="1",t="g"}', value: 2}, {labels: 'r{a="2",t="g"}', value: %s}]}
  - {expr: count(ALERTS), eval_time: 7m, exp_samples: [{labels: '{}', value: 2}]}
"""
RULES = """\
groups:
- name: g
  interval: 5m
  labels: {t: g}
  rules:
  - {record: r, expr: x}
  - alert: A
    expr: r > 0
    for: 1m
    keep_firing_for: 2m
    labels: {l: '{{ $labels.a }}/{{ $externalLabels.region }}'}
    annotations: {s: '{{ $value | humanize }} {{ query "sum(x)" | first | value }}'}
"""
FIRING = '{exp_labels: {a: "%s", t: g, l: %s/eu}, exp_annotations: {s: %s}}'


@pytest.fixture(scope="module")
def promtool() -> str:
    folder = os.environ.get("WATCHSPEC_TOOLS", "")
    found = shutil.which("promtool", path=folder) if folder else shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed; set WATCHSPEC_TOOLS to its folder")
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"version (?:0\.)?(\d)", shown.stdout + shown.stderr)  # built from the module, 3.15 is 0.315
    if version is not None and int(version[1]) < 3:
        pytest.skip("promtool is older than version 3; set WATCHSPEC_TOOLS to the folder of a newer one")
    return found


@pytest.mark.parametrize("text", RULE_FILES)
def test_a_rule_file_gets_promtools_verdict(promtool: str, tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([promtool, "check", "rules", "--lint-fatal", str(file)], capture_output=True, check=False)
    assert exit_code(read_rules(text)[1], lint_fatal=True) == done.returncode


@pytest.mark.parametrize("start", ["0", "1700000000", "2024-02-29T12:00:00Z"])
@pytest.mark.parametrize(
    ("firing", "value"),
    [
        (f"{FIRING % (1, 1, '1 1')}", "1"),
        (f"{FIRING % (1, 1, '1 1')}, {FIRING % (2, 2, '1 1')}", "1"),
        (f"{FIRING % (1, 1, '1 2')}", "1"),
        ("", "1"),
        (f"{FIRING % (1, 1, '1 1')}", "3"),
    ],
)
def test_a_unit_test_passes_where_promtools_does(
    promtool: str, tmp_path: Path, firing: str, value: str, start: str
) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    file = tmp_path / "tests.yml"
    file.write_text(TESTS % (start, firing, value), encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, check=False)
    report = run_unit_tests(file.read_text(encoding="utf-8"), str(file), files_beside(file), compat=True)
    assert report.passed == (done.returncode == 0), report.cases


SERIES_TESTS = """\
rule_files: [rules.yml]
tests:
- input_series: [%s]
  promql_expr_test: [{expr: sum(x), eval_time: 5m, exp_samples: [{labels: '{}', value: %s}]}]
"""


@pytest.mark.parametrize(
    ("series", "value", "passes"),
    [
        ("{series: x, values: 1x10}, {series: x, values: 2x10}", 2, True),
        ("{series: x, values: 1x10}, {series: x, values: 2x2}", 2, True),
        ('{series: \'x{a="1",b="2"}\', values: 1x10}, {series: \'x{b="2",a="1"}\', values: _x9}', 1, False),
        ("{series: x, values: 7x10000000}", 7, True),
        ("{series: x, values: 1+1x3 0x10000000}", 0, True),
    ],
)
def test_input_series_count_as_in_promtool(
    promtool: str, tmp_path: Path, series: str, value: int, passes: bool
) -> None:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    file = tmp_path / "tests.yml"
    text = SERIES_TESTS % (series, value)
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, check=False)
    reports = [run_unit_tests(text, str(file), files_beside(file), compat=compat) for compat in (True, False)]
    assert [report.passed for report in reports] == [passes, passes], reports
    assert (done.returncode == 0) == passes, done


@pytest.mark.parametrize(
    "expr", [" or ".join(f"x{number}" for number in range(900)), f"{'abs(' * 400}x{')' * 400}", "+".join(["x"] * 900)]
)
def test_generated_expressions_have_no_limit_that_promtool_lacks(promtool: str, tmp_path: Path, expr: str) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(GROUP % f"{{record: a, expr: '{expr}'}}", encoding="utf-8")
    done = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, check=False)
    assert (done.returncode, read_rules(file.read_text(encoding="utf-8"))[1]) == (0, ())
