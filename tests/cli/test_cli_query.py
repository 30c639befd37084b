from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from generators.cli import main
from generators.cli.commands.query.output import curve
from generators.cli.commands.query.times import read_step, read_time, show_time
from generators.promql.engine import SeriesResult

DATA = 'load 1m\nrequests_total{code="200"} 0+60x60\nrequests_total{code="500"} 0x30 31+1x29\n'
RATE = "sum by (code) (rate(requests_total[5m]))"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "series.txt"
    path.write_text(DATA)
    return path


def test_a_query_shows_its_elements_at_the_end_of_the_data(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", f"{RATE} >= 1", "--data", str(data)]) == 0
    assert capsys.readouterr().out == 'series        value at 1h\n{code="200"}            1\n'


def test_json_has_the_shape_of_the_http_api(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", "requests_total", "--data", str(data), "--at", "10m", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [
                {"metric": {"__name__": "requests_total", "code": "200"}, "value": [600, "600"]},
                {"metric": {"__name__": "requests_total", "code": "500"}, "value": [600, "0"]},
            ],
        },
    }


def test_what_json_says_can_be_queried_again(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--from", "0", "--to", "30m", "--step", "60"]
    assert main(["query", "requests_total", "--data", str(data), *words, "--format", "json"]) == 0
    answer = tmp_path / "answer.json"
    answer.write_text(capsys.readouterr().out)
    for path in (data, answer):
        assert main(["query", RATE, "--data", str(path), "--at", "30m"]) == 0
    first, second = capsys.readouterr().out.split("series  ")[1:]
    assert first == second


def test_a_chart_has_a_line_for_each_series(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", RATE, "--data", str(data), "--chart"]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["series", "min", "max", "last"]
    assert first.endswith("█" * 50)
    assert "▁" in second


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["rate(requests_total)"], 1, "range vector"),
        (["up ="], 1, "expression:1:"),
        (["requests_total / on () requests_total"], 1, "many-to-many"),
        (["up", "--at", "never"], 2, "`never` is not a time"),
        (["up", "--at", "1", "--step", "1"], 2, "--at asks for one time"),
        (["up", "--from", "10m", "--to", "5m"], 2, "--to lies before --from"),
        (["up", "--step", "0s"], 2, "no step"),
        (["up", "--step", "1ms", "--to", "9999d"], 2, "steps"),
        (["up", "--lookback", "long"], 2, "not a duration"),
        (["up", "--limit-samples", "0"], 2, "at least 1"),
        (["rate(requests_total[5m])", "--limit-samples", "3"], 1, "more than 3 samples"),
        (["max_of(1, 2)"], 1, "expression:1:"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    words: list[str], code: int, said: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", *words, "--data", str(data)]) == code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nothing.txt", None),
        ("binary.txt", b"\x7fELF\x00\xff\xfe"),
        ("broken.txt", b"up{job= 1 2"),
        ("broken.json", b'{"data": 3}'),
        ("deep.json", b"[" * 100_000),
        ("broken.csv", b"time,value\n1,2\n"),
        ("nul.csv", b"timestamp,value\n1,\x00\n"),
        ("broken.parquet", b"PAR1 no"),
    ],
)
def test_data_that_cannot_be_read_is_a_problem(
    name: str, content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["query", "up", "--data", str(path)]) == 1
    assert "error Q309" in capsys.readouterr().out
    assert main(["query", "up", "--data", str(path), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["errorType"] == "bad_data"


def test_times_are_seconds_dates_or_durations() -> None:
    first, last = 1_700_000_000_000, 1_700_003_600_000
    times = [
        read_time(text, first, last) for text in ("start", "end", "90s", "-1m", "1700000000.5", "2023-11-14T22:13:20Z")
    ]
    assert times == [first, last, first + 90_000, last - 60_000, first + 500, first]
    for text in ("inf", "nan", "1e300", "yesterday", "2023-11-14T22:13:20", "-x"):
        with pytest.raises(ValueError, match="is not a time"):
            read_time(text, first, last)
    assert (read_step("30"), read_step("1m30s")) == (30_000, 90_000)
    assert (show_time(5_400_000), show_time(first), show_time(first + 1)) == (
        "1h30m",
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20.001Z",
    )


def test_a_curve_leaves_gaps_and_survives_odd_values() -> None:
    times = np.arange(5, dtype=np.int64) * 1000
    drawn = SeriesResult((), times[[0, 1, 3, 4]], np.array([0.0, 7.0, np.nan, np.inf]))
    assert curve(drawn, 0, 4000, 1000, 80) == "▁█"
    level = SeriesResult((), times[[0, 2]], np.array([3.0, 3.0]))
    assert curve(level, 0, 4000, 1000, 80) == "▁ ▁"
    assert curve(SeriesResult((), times[:1], np.array([np.nan])), 0, 4000, 1000, 80).strip() == ""
