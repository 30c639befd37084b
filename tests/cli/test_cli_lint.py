from __future__ import annotations

import json
from pathlib import Path

import pytest

from generators.cli import main
from generators.cli.commands.lint.catalogues import join, of_instruments, read_catalogue
from generators.diagnostics.catalogue import codes
from generators.promql.rules.lint import MetricType

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "promql" / "examples"
GOOD = "groups: [{name: g, rules: [{record: a:b, expr: sum(up)}]}]\n"
TWICE = "groups: [{name: g, rules: [{record: a:b, expr: sum(up)}, {record: a:b, expr: min(up)}]}]\n"
REGEX = "groups:\n- name: g\n  rules:\n  - {record: a:b, expr: 'sum(up{job=~\"api\"})'}\n"
ODD = {
    "missing.yaml": None,
    "binary.yaml": b"\x7fELF\x00\xff",
    "nul.yaml": b"groups: \x00",
    "broken.yaml": b"groups: [",
    "tabs.yaml": b"\tgroups: 1",
    "scalar.yaml": b"42",
    "unknown.yaml": b"groups: [{name: g, rules: [{record: a, expr: up, foo: 1}]}]",
    "deep.yaml": b"[" * 5000,
    "alias.yaml": b"a: &a [*a]",
    "huge.yaml": b"# " + b"x" * 20_000_001,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def test_a_clean_file_is_counted(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text(GOOD)
    assert main(["lint", "rules", str(file), "--checks", "promtool"]) == 0
    assert capsys.readouterr().out == "ok: 1 rule in 1 file\n"


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        (GOOD, [], 0),
        (TWICE, [], 0),
        (TWICE, ["--lint-fatal"], 3),
        ("groups: [{name: g, rules: [{record: a, expr: 'up['}]}]", ["--lint-fatal"], 1),
        ("groups: [{name: g, foo: 1}]", [], 1),
        ("groups: [{name: g, foo: 1}]", ["--ignore-unknown-fields"], 0),
        ("", [], 0),
    ],
)
def test_exit_codes_of_promtools_checks_are_promtools(text: str, words: list[str], code: int, file: Path) -> None:
    file.write_text(text)
    assert main(["lint", "rules", str(file), "--checks", "promtool", *words]) == code


def test_checks_are_chosen_by_id(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(REGEX)
    found = {}
    for checks in ("promtool", "regex", "short-for", "all"):
        main(["lint", "rules", str(file), "--checks", checks, "--format", "json"])
        found[checks] = [each["code"] for each in json.loads(capsys.readouterr().out)["problems"]]
    assert found["promtool"] == found["short-for"] == []
    assert found["regex"] == found["all"] != []
    assert main(["lint", "rules", str(file), "--checks", "regexp"]) == 2
    assert "there is no check `regexp`" in capsys.readouterr().err


def test_a_finding_stands_at_its_line_and_column(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(REGEX)
    assert main(["lint", "rules", str(file), "--strict", "--format", "github"]) in (0, 1)
    assert f"file={file},line=4,endLine=4,col=33" in capsys.readouterr().out
    main(["lint", "rules", str(file)])
    assert capsys.readouterr().out.startswith(f"{file}:4:33  ")


NOTED = "groups: [{name: g, rules: [{record: a:b, expr: 'sum(rate(x_total[5m])) / sum(rate(y_total[5m]))'}]}]\n"


@pytest.mark.parametrize(
    ("text", "words", "shown", "milder", "code"),
    [
        (NOTED, [], [], 1, 0),
        (NOTED, ["--level", "info"], ["info"], 0, 0),
        (TWICE, ["--level", "warning"], ["warning"], 0, 0),
        (TWICE, ["--level", "error"], [], 1, 0),
        (TWICE, ["--level", "error", "--strict"], [], 1, 0),
        (TWICE, ["--strict"], ["warning"], 0, 1),
        (NOTED, ["--level", "info", "--ignore", "Q712"], [], 0, 0),
    ],
)
def test_findings_below_the_level_are_counted_only(
    text: str,
    words: list[str],
    shown: list[str],
    milder: int,
    code: int,
    file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.write_text(text)
    assert main(["lint", "rules", *words, "--format", "json", str(file)]) == code
    told = json.loads(capsys.readouterr().out)
    assert [each["severity"] for each in told["problems"]] == shown
    assert told["milder"] == milder
    main(["lint", "rules", *words, str(file)])
    assert ("--level info shows all" in capsys.readouterr().out) == (milder > 0)


def test_warnings_fail_only_when_strict(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TWICE)
    assert main(["lint", "rules", str(file)]) == 0
    assert main(["lint", "rules", str(file), "--strict"]) == 1
    assert "1 warning" in capsys.readouterr().out


@pytest.mark.parametrize("subject", ["rules", "alertmanager", "collector", "dashboards"])
@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_told_without_a_traceback(
    subject: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, content = tmp_path / name, ODD[name]
    if content is not None:
        path.write_bytes(content)
    assert main(["lint", subject, str(path)]) == 1
    printed = capsys.readouterr()
    assert name in printed.out + printed.err
    main(["lint", subject, str(path), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_an_alertmanager_configuration_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered = ROOT / "rendered" / "production" / "alertmanager" / "alertmanager.yaml"
    assert main(["lint", "alertmanager", str(rendered)]) == 0
    path = tmp_path / "alertmanager.yaml"
    path.write_text("route: {receiver: nobody}\nreceivers: [{name: somebody}]\n")
    assert main(["lint", "alertmanager", str(path)]) == 1
    assert f"{path}:1:" in capsys.readouterr().out


@pytest.mark.parametrize("subject", ["collector", "dashboards", "rules"])
def test_an_empty_file_is_wrong(subject: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("")
    assert main(["lint", subject, str(file)]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"{file}:1:1  error ")
    assert "help: " in printed


def test_a_collector_configuration_is_checked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ROOT / "rendered" / "production" / "collector"
    assert main(["lint", "collector", str(folder / "agent.yaml"), str(folder / "gateway.yaml")]) == 0
    assert capsys.readouterr().out == "ok: 2 files\n"
    file.write_text(
        "receivers: {otlp: {}}\nexporters: {debug: {}}\nservice:\n  pipelines:\n    traces: {receivers: [otlp]}\n"
    )
    assert main(["lint", "collector", str(file), "--format", "github"]) == 1
    printed = capsys.readouterr().out
    assert f"::error file={file},line=5,endLine=5,col=13" in printed
    assert "the pipeline has no exporters" in printed


def test_dashboards_are_checked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered = sorted((ROOT / "rendered" / "production" / "grafana" / "dashboards").rglob("*.json"))
    assert main(["lint", "dashboards", *map(str, rendered), "--strict"]) == 0
    assert capsys.readouterr().out == f"ok: {len(rendered)} files\n"
    panel = '{"id": 1, "type": "stat", "title": "Up",\n  "targets": [{"refId": "A", "expr": "sum(up"}]}'
    file.write_text(f'{{"uid": "up", "panels": [{panel}]}}')
    assert main(["lint", "dashboards", str(file), "--format", "json"]) == 1
    errors = [each for each in json.loads(capsys.readouterr().out)["problems"] if each["severity"] == "error"]
    assert [(each["code"], each["position"]["line"], each["position"]["column"]) for each in errors] == [
        ("D810", 2, 42)
    ]


@pytest.mark.parametrize("subject", ["rules", "collector", "dashboards"])
def test_codes_can_be_left_out(subject: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("[")
    main(["lint", subject, str(file), "--format", "json"])
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert main(["lint", subject, str(file), "--ignore", problem["code"].lower()]) == 0
    with pytest.raises(SystemExit) as stopped:
        main(["lint", subject, str(file), "--ignore", "Q7010"])
    assert stopped.value.code == 2
    assert "there is no code `Q7010`" in capsys.readouterr().err


def test_every_code_of_what_lint_finds_has_a_page_and_an_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "reference" / "problems.md").read_text(encoding="utf-8")
    for code in codes(("generators.collector", "generators.grafana.lint")):
        section = page.partition(f"\n### {code}\n")[2].partition("\n### ")[0]
        for part in ("**", "Wrong:", "Right:"):
            assert part in section, code
        assert main(["explain", "code", code]) == 0
    assert "wrong:" in capsys.readouterr().out


def test_rendered_instruments_are_a_catalogue() -> None:
    catalogue = of_instruments(str(ROOT / "rendered" / "instruments"))
    duration = catalogue.metrics["ml_prediction_duration_seconds"]
    assert (duration.type, duration.unit) == (MetricType.HISTOGRAM, "seconds")
    assert duration.labels is not None
    assert {"model_name", "error_type", "job"} <= duration.labels
    assert duration.interval == 5_000


def test_a_catalogue_finds_what_names_alone_do_not_tell(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("groups: [{name: g, rules: [{record: a:b, expr: 'rate(x[1m])'}]}]")
    catalogue = tmp_path / "metrics.json"
    catalogue.write_text('{"metrics": {"x": {"type": "gauge", "interval": "60s"}}}')
    assert main(["lint", "rules", str(file), "--catalogue", str(catalogue)]) == 1
    printed = capsys.readouterr().out
    assert "Q705" in printed
    metadata = tmp_path / "metadata.json"
    metadata.write_text('{"status": "success", "data": {"x": [{"type": "gauge", "help": "", "unit": ""}]}}')
    assert join([read_catalogue(str(metadata))]).metrics["x"].type is MetricType.GAUGE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "`metrics` is missing"),
        ('{"metrics": {"x": {"type": "meter"}}}', "`x` has the type `meter`"),
        ('{"metrics": {"x": {"type": "gauge", "units": "s"}}}', "unknown key `units`"),
        ('{"metrics": {"x": {"type": "gauge", "interval": "fast"}}}', "not a duration"),
        ('{"metrics": []}', "not a catalogue"),
        ('{"data": {"x": []}}', "not a catalogue"),
    ],
)
def test_a_broken_catalogue_is_wrong_usage(
    content: str, said: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(GOOD)
    catalogue = tmp_path / "metrics.json"
    catalogue.write_text(content)
    assert main(["lint", "rules", str(file), "--catalogue", str(catalogue)]) == 2
    assert said in capsys.readouterr().err
    assert main(["lint", "rules", str(file), "--instruments", str(tmp_path / "nothing")]) == 2


def test_our_own_rules_read_only_what_instruments_have(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in sorted((ROOT / "rendered" / "production" / "prometheus").rglob("*.rules.yaml"))]
    words = ["--instruments", str(ROOT / "rendered" / "instruments"), "--checks", "labels,units,rate-of-gauge,le-text"]
    assert main(["lint", "rules", *files, *words, "--format", "json"]) == 0
    assert [each for each in json.loads(capsys.readouterr().out)["problems"] if each["severity"] == "error"] == []
