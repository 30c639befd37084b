"""The example baselines are what the command makes of the committed data, and these are scikit-learn's own rows."""

import csv
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
from library_documents import ROOT, document
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.metrics import accuracy_score, mean_absolute_error, roc_auc_score

from generators.cli import main

DATA = {"screening": load_breast_cancer, "cultivar": load_wine, "progression": load_diabetes}
SCRIPT = run_path(str(ROOT / "docs" / "examples" / "datasets.py"))


def committed(name: str) -> Any:
    return document(ROOT / "specs" / "baselines" / f"{name}.yaml")["spec"]


def rows(file: str) -> dict[str, Any]:
    with (ROOT / "docs" / "examples" / "data" / file).open(newline="") as stream:
        header, *values = csv.reader(stream)
    return {name: np.array(column) for name, column in zip(header, zip(*values, strict=True), strict=True)}


def inputs(file: str) -> Any:
    return np.array(list(rows(file).values())[:-2], float).T


@pytest.mark.parametrize("name", DATA)
def test_the_command_makes_what_is_committed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    monkeypatch.chdir(ROOT)
    made = tmp_path / "made.yaml"
    assert main([*SCRIPT["BASELINES"][name], "--out", str(made), "--quiet"]) == 0
    assert made.read_bytes() == (ROOT / "specs" / "baselines" / f"{name}.yaml").read_bytes()


@pytest.mark.parametrize("name", DATA)
def test_the_data_are_the_rows_of_scikit_learn_each_once(name: str) -> None:
    source = DATA[name]()
    together = np.concatenate((inputs(f"{name}.csv"), inputs(f"{name}-later.csv")))
    truth = np.concatenate([rows(file)["target"].astype(float) for file in (f"{name}.csv", f"{name}-later.csv")])
    expected = np.column_stack((source.data, source.target))
    found = np.column_stack((together, truth))
    assert found[np.lexsort(found.T)].tolist() == expected[np.lexsort(expected.T)].tolist()


@pytest.mark.parametrize("name", DATA)
def test_the_script_writes_what_is_committed(name: str) -> None:
    for file, (header, *values) in SCRIPT["tables"](name):
        kept = rows(file)
        assert list(kept) == header
        for place, column in enumerate(header):
            written = np.array([str(row[place]) for row in values])
            if column in ("score", "prediction") and not written[0].startswith("class"):
                assert kept[column].astype(float) == pytest.approx(written.astype(float), rel=1e-3, abs=1e-3)
            elif column != "prediction":
                assert kept[column].tolist() == written.tolist()


@pytest.mark.parametrize("name", DATA)
def test_features_are_those_of_the_spec_in_its_order(name: str) -> None:
    model = document(ROOT / "specs" / "models" / f"{name}.yaml")["spec"]
    assert list(committed(name)["features"]) == list(model["features"])
    assert committed(name)["rows"] == round(0.7 * len(DATA[name]().data))


@pytest.mark.parametrize("name", DATA)
def test_shares_mean_and_deviation_are_those_of_the_rows(name: str) -> None:
    for profile, column in zip(committed(name)["features"].values(), inputs(f"{name}.csv").T, strict=True):
        places = np.searchsorted(profile["edges"], column, side="right")
        counts = np.bincount(places, minlength=len(profile["edges"]) + 1)
        assert profile["shares"] == pytest.approx(counts / len(column), abs=1e-8)
        assert sum(profile["shares"]) == pytest.approx(1, abs=1e-6)
        assert profile["mean"] == pytest.approx(column.mean(), abs=1e-5 * column.std())
        assert profile["deviation"] == pytest.approx(column.std(), rel=1e-5)


@pytest.mark.parametrize("name", DATA)
def test_tails_have_bins_of_their_own(name: str) -> None:
    for profile in committed(name)["features"].values():
        assert profile["shares"][0] < 0.03
        assert profile["shares"][-1] < 0.03 or len(profile["edges"]) == 2


def test_quality_is_that_of_scikit_learn_on_the_same_rows() -> None:
    screening, cultivar, progression = (rows(f"{name}.csv") for name in ("screening", "cultivar", "progression"))
    malignant, scores = screening["target"] == "0", screening["score"].astype(float)
    told = committed("screening")["quality"]
    assert told["accuracy"] == pytest.approx(accuracy_score(malignant, scores >= 0.4), abs=1e-6)
    assert told["auc"] == pytest.approx(roc_auc_score(malignant, scores), abs=0.005)
    truth = [f"class_{each}" for each in cultivar["target"]]
    assert committed("cultivar")["quality"]["accuracy"] == pytest.approx(accuracy_score(truth, cultivar["prediction"]))
    numbers = (progression[name].astype(float) for name in ("target", "prediction"))
    assert committed("progression")["quality"]["mean_absolute_error"] == pytest.approx(
        mean_absolute_error(*numbers), rel=1e-5
    )
