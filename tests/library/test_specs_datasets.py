"""The example models name the features of real data sets, and their ranges hold the data."""

from typing import Any

import numpy as np
import pytest
from library_documents import ROOT, document
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

DATA = {"screening": load_breast_cancer, "cultivar": load_wine, "progression": load_diabetes}


def spec(name: str) -> Any:
    return document(ROOT / "specs" / "models" / f"{name}.yaml")["spec"]


def snake_case(name: str) -> str:
    return name.replace(" ", "_").replace("/", "_")


@pytest.mark.parametrize("name", DATA)
def test_features_are_those_of_the_data_set_in_its_order(name: str) -> None:
    declared, given = list(spec(name)["features"]), DATA[name]().feature_names
    assert all(each in (theirs, snake_case(theirs)) for each, theirs in zip(declared, given, strict=True))


@pytest.mark.parametrize("name", DATA)
def test_ranges_hold_every_value_and_are_not_much_wider(name: str) -> None:
    features = spec(name)["features"]
    for feature, column in zip(features.values(), DATA[name]().data.T, strict=True):
        low, high = feature["range"]
        assert low <= column.min()
        assert column.max() <= high
        assert high - low <= 2 * np.ptp(column)


@pytest.mark.parametrize("name", ["screening", "cultivar"])
def test_classes_are_those_of_the_data_set(name: str) -> None:
    assert set(spec(name)["prediction"]["classes"]) == set(DATA[name]().target_names.tolist())


def test_the_predicted_range_is_that_of_the_target() -> None:
    target = load_diabetes().target
    assert spec("progression")["prediction"]["range"] == [target.min(), target.max()]
