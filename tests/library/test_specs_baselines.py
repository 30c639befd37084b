"""The example baselines are what their script writes, and their shares are those of the data."""

from runpy import run_path
from typing import Any

import numpy as np
import pytest
from library_documents import ROOT, document
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

DATA = {"screening": load_breast_cancer, "cultivar": load_wine, "progression": load_diabetes}


def committed(name: str) -> Any:
    return document(ROOT / "specs" / "baselines" / f"{name}.yaml")["spec"]


def test_the_script_writes_what_is_committed() -> None:
    script = run_path(str(ROOT / "docs" / "examples" / "baselines.py"))
    assert set(script["DATA"]) == set(DATA)
    for name in DATA:
        assert script["baseline"](name) == (ROOT / "specs" / "baselines" / f"{name}.yaml").read_text("utf-8"), name


@pytest.mark.parametrize("name", DATA)
def test_features_are_those_of_the_spec_in_its_order(name: str) -> None:
    model = document(ROOT / "specs" / "models" / f"{name}.yaml")["spec"]
    assert list(committed(name)["features"]) == list(model["features"])
    assert committed(name)["rows"] == len(DATA[name]().data)


@pytest.mark.parametrize("name", DATA)
def test_shares_mean_and_deviation_are_those_of_the_rows(name: str) -> None:
    for profile, column in zip(committed(name)["features"].values(), DATA[name]().data.T, strict=True):
        places = np.searchsorted(profile["edges"], column, side="right")
        counts = np.bincount(places, minlength=len(profile["edges"]) + 1)
        assert profile["shares"] == pytest.approx(counts / len(column), abs=1e-8)
        assert sum(profile["shares"]) == pytest.approx(1, abs=1e-6)
        assert profile["mean"] == pytest.approx(column.mean(), abs=1e-5 * column.std())
        assert profile["deviation"] == pytest.approx(column.std(), rel=1e-5)


@pytest.mark.parametrize("name", DATA)
def test_tails_have_bins_of_their_own(name: str) -> None:
    for profile in committed(name)["features"].values():
        assert profile["shares"][0] < 0.01
        assert profile["shares"][-1] < 0.01 or len(profile["edges"]) == 2
