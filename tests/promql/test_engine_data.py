from __future__ import annotations

import json
from pathlib import Path

from engine_data import at

from generators.diagnostics import TextFinding
from generators.promql.engine import Storage
from generators.promql.engine.series.files import read_data


def read(folder: Path, name: str, text: str) -> Storage:
    path = folder / name
    path.write_text(text)
    storage, problems = read_data(path)
    assert problems == ()
    assert storage is not None
    return storage


def refused(folder: Path, name: str, text: str) -> TextFinding:
    path = folder / name
    path.write_text(text)
    storage, (problem,) = read_data(path)
    assert storage is None
    return problem


def test_load_notation_may_change_its_step(tmp_path: Path) -> None:
    storage = read(tmp_path, "series.txt", '# comment\nload 30s\n  a{x="1"} 0+1x9\n\nload 1m\nb 7 8\n')
    assert at(storage, "a", 1) == {"__name__=a,x=1": 2}
    assert at(storage, "b", 1) == {"__name__=b": 8}


def test_the_answer_of_query_range_is_read_as_it_is(tmp_path: Path) -> None:
    result = [{"metric": {"__name__": "a", "x": "1"}, "values": [[60, "1"], [120.5, "+Inf"], [180, "NaN"]]}]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    for document in (answer, answer["data"], result):
        storage = read(tmp_path, "answer.json", json.dumps(document))
        (series,) = storage
        assert series.timestamps.tolist() == [60_000, 120_500, 180_000]
        assert at(storage, "a", 1) == {"__name__=a,x=1": 1}


def test_csv_takes_seconds_or_dates_in_any_order(tmp_path: Path) -> None:
    text = "timestamp,__name__,x,value\n120,a,1,2\n60,a,1,1\n1970-01-01T00:03:00Z,a,,3\n"
    storage = read(tmp_path, "series.csv", text)
    assert at(storage, "a", 3) == {"__name__=a,x=1": 2, "__name__=a": 3}


def test_what_cannot_be_read_is_a_problem_with_its_place(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.txt", "load 1m\na 1 two\n").span.start == 12
    assert "not an answer" in refused(tmp_path, "a.json", "{}").message
    assert "no column value" in refused(tmp_path, "a.csv", "timestamp,x\n1,2\n").message
    assert "line 3" in refused(tmp_path, "a.csv", "timestamp,value\n1,2\nnever,2\n").message
    storage, problems = read_data(tmp_path / "missing.csv")
    assert storage is None
    assert "cannot be read" in problems[0].message


def test_parquet_needs_pyarrow_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    storage, problems = read_data(path)
    assert storage is None
    assert len(problems) == 1
