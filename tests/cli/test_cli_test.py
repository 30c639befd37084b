from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from generators.cli import main

EXAMPLES = sorted((Path(__file__).parents[1] / "promql" / "examples").glob("*_test.yaml"))
RULES = "groups: [{name: g, rules: [{alert: Down, expr: up == 0, for: 2m}, {record: a:b, expr: sum(nothing)}]}]\n"
TEST = """\
rule_files: [rules.yaml]
tests:
  - name: %s
    input_series: [{series: 'up{job="api"}', values: 0x9}]
    alert_rule_test:
      - eval_time: 5m
        alertname: Down
        exp_alerts: [{exp_labels: {job: %s}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "good.yaml").write_text(TEST % ("an outage", "api"))
    (tmp_path / "bad.yaml").write_text(TEST % ("a typo", "apj"))
    return tmp_path


def test_tests_that_pass_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(folder / "good.yaml"), *map(str, EXAMPLES)]) == 0
    assert capsys.readouterr().out == "ok: 7 tests in 3 files\n"


def test_a_failure_tells_what_differs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "bad.yaml"
    assert main(["test", str(path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:6:9  FAILED  a typo: alert Down at 5m",
        '    not firing: {alertname="Down", job="apj"}; nearest is {alertname="Down", job="api"} '
        '(job is "api" instead of "apj")',
        '    firing unexpectedly: {alertname="Down", job="api"}',
        "1 of 1 test in 1 file failed",
    ]
    assert main(["test", str(path), "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith(f"::error file={path},line=6,endLine=6,col=9")


def test_tests_are_chosen_by_name(folder: Path) -> None:
    both = [str(folder / "good.yaml"), str(folder / "bad.yaml")]
    assert main(["test", *both]) == 1
    assert main(["test", *both, "--run", "outage"]) == 0
    assert main(["test", *both, "--run", "("]) == 2


def test_a_report_for_ci_is_written(folder: Path) -> None:
    report = folder / "report.xml"
    assert main(["test", str(folder / "good.yaml"), str(folder / "bad.yaml"), "--junit", str(report)]) == 1
    suites = ElementTree.fromstring(report.read_text(encoding="utf-8"))  # noqa: S314 - our own
    assert [suite.get("failures") for suite in suites] == ["0", "1"]


def test_rules_that_no_test_made_true_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(folder / "good.yaml"), "--coverage"]) == 0
    printed = capsys.readouterr().out
    assert "  g, rule 1, Down: never resolved\n" in printed
    assert "  g, rule 2, a:b: never recorded\n" in printed


def test_json_says_it_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", str(folder / "bad.yaml"), "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    (test,) = data["files"][0]["tests"]
    assert (data["ok"], test["name"], test["failures"][0]["line"]) == (False, "a typo", 6)


def test_groups_run_at_their_own_interval_unless_all_is_to_be_as_in_promtool(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "groups: [{name: g, interval: 5m, rules: [{alert: Down, expr: up == 0, for: 2m}]}]"
    )
    path = tmp_path / "test.yaml"
    path.write_text((TEST % ("an outage", "api")).replace("5m", "3m"))
    assert main(["test", str(path), "--compat", "promtool"]) == 0
    assert main(["test", str(path)]) == 1


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"\x7fELF\x00\xff",
        b"tests: [",
        b"42",
        b"tests: [{foo: 1}]",
        b"rule_files: ['/proc/1/mem', '**']\ntests: []",
        b"tests: [{input_series: [{series: 'up{', values: 1}], promql_expr_test: [{expr: up, eval_time: 1m}]}]",
        b"tests: [{promql_expr_test: [{expr: 'up[', eval_time: 1m}]}]",
        b"tests: [{promql_expr_test: [{expr: up, eval_time: never}]}]",
        b"# " + b"x" * 20_000_001,
    ],
)
def test_odd_files_are_told_without_a_traceback(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.yaml"
    if content is not None:
        path.write_bytes(content)
    code = main(["test", str(path)])
    printed = capsys.readouterr()
    assert code == 1, printed
    assert "odd.yaml" in printed.out + printed.err


def test_conformance_scripts_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.test"
    script.write_text(
        "load 1m\n  up 1x5\n\neval instant at 5m up\n  up 1\n\neval instant at 5m up + 1\n  {} 3\n"
        "\nload 1m\n  h {{count:1}}x5\n\neval instant at 5m rate(h[5m])\n  {} 1\n"
    )
    assert main(["promql", "conformance", str(script)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{script}: 1 passed, 1 failed, 1 skipped for native histograms"
    assert printed[1].startswith(f"{script}:7:1  error Q320  up + 1: ")
    assert printed[-1] == "1 passed, 1 failed, 1 skipped"
    assert main(["promql", "conformance", "--json", str(script)]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 1
    script.write_text("evil")
    assert main(["promql", "conformance", str(script)]) == 1
    assert main(["promql", "conformance"]) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ["t.yaml:1:1", "Q619", "help: write `tests:`"]),
        ("tests: [\n", ["t.yaml:1:8", "Y004", "help: close it with `]`"]),
        ("tests:\n\t- interval: 1m", ["Y002", "help: "]),
        ("test: []", ["t.yaml:1:1", "did you mean `tests`?"]),
        ("tests: [{start_timestamp: noon}]", ["t.yaml:1:27", "`noon` is no Unix time"]),
        (
            "tests: [{promql_expr_test: [{expr: x, exp_samples: [{value: one}]}]}]",
            ["t.yaml:1:61", "`one` is not a number"],
        ),
        (
            "tests: [{input_series: [{series: 'x{a=', values: 1}]}]",
            ["t.yaml:1:39", "quoted label value", "help: write a series"],
        ),
        (
            "tests: [{input_series: [{series: x, values: 1 2+y}]}]",
            ["t.yaml:1:47", "`2+y` is not a value", "help: write a series"],
        ),
        ("tests: [{promql_expr_test: [{expr: 'sum(x', eval_time: 1m}]}]", ["t.yaml:1:40", "never closed", "help: add"]),
        (
            "tests: [{alert_rule_test: [{eval_time: 200y, alertname: A}]}]",
            ["t.yaml:1:9", "105,120,001 evaluations", "help: ask"],
        ),
        ("rule_files: [bad.yaml]", ["bad.yaml:1:73", "Q502", "help: did you mean `humanize`?", "humanise"]),
    ],
)
def test_what_is_wrong_in_a_test_file_is_told_with_its_place_and_a_remedy(
    text: str, shown: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.yaml").write_text(text)
    bad = "groups: [{name: g, rules: [{alert: A, expr: x, labels: {v: '{{ $value | humanise }}'}}]}]"
    (tmp_path / "bad.yaml").write_text(bad)
    assert main(["test", str(tmp_path / "t.yaml")]) == 1
    printed = capsys.readouterr().out
    assert [part for part in shown if part not in printed] == []


def test_promtool_is_content_with_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("")
    assert main(["test", "--compat", "promtool", str(tmp_path / "t.yaml")]) == 0


def test_values_may_stand_on_lines_of_their_own(tmp_path: Path) -> None:
    question = "promql_expr_test: [{expr: x, eval_time: 1m, exp_samples: [{labels: x, value: 2}]}]"
    text = f"tests:\n- {question}\n  input_series:\n  - series: x\n    values: |\n      1 2\n"
    (tmp_path / "t.yaml").write_text(text)
    assert main(["test", str(tmp_path / "t.yaml")]) == 0
