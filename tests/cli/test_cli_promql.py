import io
import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import promql
from generators.cli import main
from generators.cli.commands.promql.checking import check_text, checked_line, place
from generators.promql import PROMETHEUS_3


@pytest.fixture
def stdin(monkeypatch):
    def feed(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return feed


def test_format_lays_out_and_reads_standard_input(capsys, stdin):
    stdin(b"sum(rate(a[300s]))by(job)")
    assert main(["promql", "format", "-"]) == 0
    assert capsys.readouterr().out == "sum by (job) (rate(a[5m]))\n"


def test_format_of_a_file_is_the_same_again(tmp_path, capsys):
    file = tmp_path / "x.promql"
    file.write_text("a / b > 0.5 and on (job) c")
    assert main(["promql", "format", "--file", str(file), "--width", "10"]) == 0
    once = capsys.readouterr().out
    file.write_text(once)
    assert main(["promql", "format", "--file", str(file), "--width", "10"]) == 0
    assert capsys.readouterr().out == once


def test_check_points_at_the_mistake(capsys):
    assert main(["promql", "check", "up +\nrate(a)"]) == 1
    out = capsys.readouterr().out
    assert "expression:2:6  error Q022" in out
    assert "a[5m]" in out


def test_check_says_type_and_labels(capsys):
    assert main(["promql", "check", "sum by (job) (rate(a[5m]))", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["type"] == "vector"
    assert data["labels"] == {"sure": [], "maybe": ["job"], "open": False}
    assert data["problems"] == []


def test_profiles_and_experimental_features_count(capsys):
    new = "a smoothed"
    assert main(["promql", "check", new]) == 1
    assert main(["promql", "check", new, "--experimental"]) == 0
    assert main(["promql", "check", "rate(a[5m]) > 5m"]) == 0
    assert main(["promql", "check", "rate(a[5m]) > 5m", "--profile", "2"]) == 1
    assert capsys.readouterr().out


def test_a_stream_answers_each_line_with_one_line(capsys, stdin):
    lines = [b'"up"', b'"rate(a)"', b"nonsense", b"3", b"", b'"\\ud800"', b"\xff\xfe", b'"1"', b"[" * 100_000]
    stdin(b"\n".join(lines) + b"\n")
    assert main(["promql", "check", "--file", "-", "--format", "json"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["ok"] for answer in answers] == [True, False, False, False, False, False, False, True, False]
    assert all(set(answer) == {"ok", "type", "labels", "problems"} for answer in answers)
    keys = {"code", "severity", "message", "help", "start", "end", "line", "column"}
    assert all(set(problem) == keys for answer in answers for problem in answer["problems"])
    assert answers[7]["type"] == "scalar"


def test_a_clean_stream_ends_with_zero_and_an_empty_one_too(capsys, stdin):
    stdin(b'"up"\n')
    assert main(["promql", "check", "--file", "-", "--format", "json"]) == 0
    stdin(b"")
    assert main(["promql", "check", "--file", "-", "--format", "json"]) == 0
    assert capsys.readouterr().err == ""


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_any_text_gets_an_answer_whose_places_lie_in_it(text):
    answer = checked_line(json.dumps(text).encode(), PROMETHEUS_3)
    json.dumps(answer)
    for problem in answer["problems"]:
        assert 0 <= problem["start"] <= problem["end"] <= len(text)
        assert (problem["line"], problem["column"]) == place(text, problem["start"])
    if answer["ok"]:
        expr = promql.parse(text)[0]
        assert expr is not None
        assert answer["type"] == promql.type_of(expr)


@settings(derandomize=True, deadline=None)
@given(st.binary())
def test_any_bytes_get_an_answer(data):
    assert set(checked_line(data, PROMETHEUS_3)) == {"ok", "type", "labels", "problems"}


def test_deep_nesting_is_answered():
    assert not check_text("(" * 20_000 + "a", PROMETHEUS_3).ok
    assert isinstance(check_text("-" * 5_000 + "a", PROMETHEUS_3).ok, bool)


@pytest.mark.parametrize(
    "words",
    [["check"], ["format"], ["check", "a", "--file", "b"], ["lint", "a"], ["check", "a", "--profile", "4"]],
)
def test_wrong_usage_ends_with_two(words, capsys):
    try:
        code = main(["promql", *words])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert capsys.readouterr().err


def test_a_file_that_is_not_there_or_not_text_is_a_message(tmp_path, capsys):
    assert main(["promql", "check", "--file", str(tmp_path / "none")]) == 1
    (tmp_path / "bytes").write_bytes(b"\xff\x00")
    assert main(["promql", "format", "--file", str(tmp_path / "bytes")]) == 1
    assert main(["promql", "check", "--file", str(tmp_path), "--format", "json"]) == 1
    assert "Traceback" not in capsys.readouterr().err
