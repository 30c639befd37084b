"""The commands about reference data, as a person uses them: from a file to a committed baseline, and to drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generators.cli import main

pytest.importorskip("duckdb")

SPEC = """\
apiVersion: watchspec/v1
kind: Model
metadata: {name: loans, tenant: health, team: diagnostics}
spec:
  task: binary-classification
  service: loans-api
  features:
    income: {type: number, range: [0, 1000]}
    plan: {type: category, values: [basic, pro]}
  prediction: {classes: [paid, lost], positive: lost, threshold: 0.5}
"""


def row(place: int, factor: float = 1.0) -> str:
    income = factor * (300 + (place * 37) % 400)
    return f"{income},{'pro' if place % 3 == 0 else 'basic'},{(place * 7) % 100 / 100},{int(place % 2 == 0)}"


def write(path: Path, rows: list[str]) -> None:
    path.write_text("\n".join(("income,plan,score,outcome", *rows, "")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    words = "init --yes --quiet --tenant health --team diagnostics --model loans --service loans-api"
    monkeypatch.chdir(tmp_path)
    assert main([*words.split(), "--task", "binary-classification"]) == 0
    (tmp_path / "specs" / "models" / "loans.yaml").write_text(SPEC)
    write(tmp_path / "train.csv", [row(place) for place in range(1000)])
    write(tmp_path / "today.csv", [row(place) for place in range(500, 1500)])
    write(tmp_path / "moved.csv", [row(place, 1.5) for place in range(1000)])
    return tmp_path


def said(words: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    try:
        found = main(words.split())
    except SystemExit as stopped:
        found = int(stopped.code or 0)
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert found == code, text
    assert "Traceback" not in text
    return text


def test_a_baseline_is_made_checked_and_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = said("baseline loans --data train.csv --source training", capsys)
    assert made.startswith("+ specs/baselines/loans.yaml: 1,000 rows, 2 features, version ")
    first = (folder / "specs/baselines/loans.yaml").read_bytes()
    said("baseline health/loans --data train.csv --source training --threads 1", capsys)
    assert (folder / "specs/baselines/loans.yaml").read_bytes() == first
    assert "ok: 1 model" in said("check", capsys)
    assert "0 of 2 features drifted" in said("drift loans --data today.csv", capsys)
    assert "error N911" in said("drift loans --data today.csv --label outcome --score score", capsys, 1)
    moved = said("drift loans --data moved.csv", capsys, 1)
    assert "1 of 2 features drifted (50.0 %)" in moved
    assert moved.splitlines()[1].startswith("income")
    said("baseline loans --data moved.csv --accept N913 --out new.yaml", capsys)
    assert "accepted: [N913]" in (folder / "new.yaml").read_text()
    assert "income" in said("baseline diff specs/baselines/loans.yaml new.yaml", capsys, 1)
    assert "0 of 2" in said("baseline diff specs/baselines/loans.yaml specs/baselines/loans.yaml", capsys)


def test_nothing_is_written_unless_all_is_well_or_accepted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "odd.csv", [row(place) for place in range(300)] + ["many,gold,0.5,1"])
    refused = said("baseline loans --data odd.csv", capsys, 1)
    assert "error N904" in refused
    assert "error N908" in refused
    assert "nothing was written; what is meant to be so is accepted with `--accept N904,N908`" in refused
    assert "income: {type: number" in refused, "the line of the spec is shown"
    assert not (folder / "specs/baselines/loans.yaml").exists()
    said("baseline loans --data odd.csv --accept N904", capsys, 1)
    assert "accepted: N904, N908" in said("baseline loans --data odd.csv --accept n904,N908", capsys)
    assert not list((folder / "specs/baselines").glob(".*")), "nothing is left beside it"


def test_answers_are_data_where_that_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "--score score --label outcome --classes 0=paid,1=lost --format json"
    made = json.loads(said(f"baseline loans --data train.csv {words}", capsys))
    assert (made["ok"], made["rows"], made["features"]) == (True, 1000, 2)
    found = json.loads(said(f"drift loans --data moved.csv {words}", capsys, 1))
    assert found["drift"] is True
    assert found["baseline"] == made["version"]
    income = next(each for each in found["features"] if each["name"] == "income")
    assert income["state"] == "drift"
    assert income["value"] > income["noise"]
    assert set(income["distances"]) >= {"psi", "jensen_shannon", "kolmogorov_smirnov"}
    assert {each["name"] for each in found["outputs"]} == {"score", "prediction"}
    assert {each["feature"] for each in found["accuracy"]["causes"]} == {"income", "plan"}
    write(folder / "odd.csv", ["many,gold,0.5,1"] * 200)
    refused = json.loads(said("baseline loans --data odd.csv --format json", capsys, 1))
    assert refused["ok"] is False
    assert {each["code"] for each in refused["problems"]} >= {"N904", "N908"}
    assert json.loads(said("drift loans --data none.csv --format json", capsys, 1))["problems"][0]["code"] == "N902"


WRONG = {
    "baseline": 2,
    "baseline loans": 2,
    "baseline loans others --data train.csv": 2,
    "baseline diff a.yaml": 2,
    "baseline lones --data train.csv": 2,
    "baseline loans --data train.csv --accept N900": 2,
    "baseline loans --data train.csv --windows 3h": 2,
    "baseline loans --data train.csv --windows 24h": 2,
    "baseline loans --data train.csv --classes paid": 2,
    "baseline loans --data none.csv": 1,
    "baseline loans --data train.csv --label outcome": 1,
    "baseline loans --data train.csv --label outcom": 1,
    "baseline loans --data train.csv --specs nowhere": 2,
    "baseline diff train.csv train.csv": 1,
    "baseline diff specs/models/loans.yaml specs/models/loans.yaml": 1,
    "baseline diff none.yaml none.yaml": 1,
    "drift loans --data train.csv": 1,
    "drift loans": 2,
    "drift lones --data train.csv": 2,
    "drift loans --data train.csv --warning -1": 2,
    "drift loans --data train.csv --alarms 2": 2,
    "drift loans --data train.csv --statistic psy": 2,
}


def test_a_mistake_is_told_with_its_remedy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {words: said(words, capsys, code) for words, code in WRONG.items()}
    assert all(answers.values())
    assert "did you mean `loans`?" in answers["baseline lones --data train.csv"]
    assert "did you mean `1d`?" in answers["baseline loans --data train.csv --windows 24h"]
    assert "did you mean `outcome`?" in answers["baseline loans --data train.csv --label outcom"]
    assert "--classes 0=paid,1=lost" in answers["baseline loans --data train.csv --label outcome"]
    assert "watchspec baseline loans --data FILE" in answers["drift loans --data train.csv"]
    assert "holds no baseline" in answers["baseline diff specs/models/loans.yaml specs/models/loans.yaml"]


def test_a_broken_baseline_does_not_keep_a_new_one_from_being_made(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "specs/baselines/loans.yaml"
    path.parent.mkdir()
    path.write_text("kind: Baseline\nnonsense")
    said("check", capsys, 1)
    said("baseline loans --data train.csv", capsys)
    said("check", capsys)


def test_baselines_of_two_models_are_not_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said("baseline loans --data train.csv --out one.yaml", capsys)
    (folder / "two.yaml").write_text((folder / "one.yaml").read_text().replace("model: loans", "model: cards"))
    assert "N914" in said("baseline diff one.yaml two.yaml", capsys, 1)
