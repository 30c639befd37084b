"""Quality measures of the packs against scikit-learn, on its own data sets, through the planned rules."""

import numpy as np
import pytest
from library_fleet import measured, value
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    mean_absolute_error,
    mean_squared_error,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TILE_MS = 300_000
TILES = 12
START_MS = 1_700_000_000_000
TIMES = [START_MS + index * TILE_MS for index in range(TILES)]
Tiles = list[tuple[dict[str, str], list[float]]]


def tiles(labels: list[dict[str, str]], amounts: NDArray[np.float64]) -> Tiles:
    """Sums by label set and tile; cases are dealt out to tiles in turn."""
    found: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for index, (each, amount) in enumerate(zip(labels, amounts, strict=True)):
        row = found.setdefault(tuple(sorted(each.items())), [0.0] * TILES)
        row[index % TILES] += float(amount)
    return [(dict(key), row) for key, row in found.items()]


def counted(labels: list[dict[str, str]]) -> Tiles:
    return tiles(labels, np.ones(len(labels)))


def confusion(actual: list[str], predicted: list[str], cells: list[str]) -> Tiles:
    rows = zip(actual, predicted, cells, strict=True)
    return counted([{"ml_actual": a, "ml_predicted": p, "ml_cell": c} for a, p, c in rows])


@pytest.fixture(scope="module")
def screening() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth (1 is malignant) and scores of a weak classifier, so that all four cells are filled."""
    data = load_breast_cancer()
    truth = 1 - data.target
    features = data.data[:, [1, 4, 8]]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features[::2], truth[::2])
    return truth, model.predict_proba(features)[:, 1]


@pytest.fixture(scope="module")
def binary(screening: tuple[NDArray[np.int64], NDArray[np.float64]]) -> dict[str, list[tuple[dict[str, str], float]]]:
    truth, scores = screening
    bins = np.minimum((scores * 20).astype(int), 19)
    names = [f"{each:02}" for each in bins]
    predicted = (scores >= 0.5).astype(int)
    cell = {(1, 1): "true_positive", (0, 1): "false_positive", (0, 0): "true_negative", (1, 0): "false_negative"}
    cells = [cell[pair] for pair in zip(truth, predicted, strict=True)]
    words = ["no", "yes"]
    below = [
        ({"ml_bin": f"{upper:02}"}, 0.5 if upper == each else 1.0)
        for each, positive in zip(bins, truth, strict=True)
        if not positive
        for upper in range(each, 20)
    ]
    outcomes = ["positive" if each else "negative" for each in truth]
    samples = {
        "model:ml_confusion:increase5m": confusion(
            [words[each] for each in truth], [words[each] for each in predicted], cells
        ),
        "model:ml_score_label:increase5m": counted(
            [{"ml_bin": name, "ml_outcome": outcome} for name, outcome in zip(names, outcomes, strict=True)]
        ),
        "model:ml_score_sum:increase5m": tiles([{"ml_bin": name} for name in names], scores),
        "model:ml_score_below:increase5m": tiles([each for each, _ in below], np.array([each for _, each in below])),
    }
    return measured(samples, TIMES)


def test_accuracy_precision_recall_and_f1_are_those_of_scikit_learn(binary, screening) -> None:  # type: ignore[no-untyped-def]
    truth, scores = screening
    predicted = (scores >= 0.5).astype(int)
    assert value(binary, "model:accuracy:ratio7d") == pytest.approx(accuracy_score(truth, predicted))
    assert value(binary, "model:precision:ratio7d") == pytest.approx(precision_score(truth, predicted))
    assert value(binary, "model:recall:ratio7d") == pytest.approx(recall_score(truth, predicted))
    assert value(binary, "model:f1:ratio7d") == pytest.approx(f1_score(truth, predicted))


def test_auc_is_that_of_scikit_learn_on_binned_scores_and_near_the_exact_one(binary, screening) -> None:  # type: ignore[no-untyped-def]
    truth, scores = screening
    bins = np.minimum((scores * 20).astype(int), 19)
    assert value(binary, "model:auc:ratio7d") == pytest.approx(roc_auc_score(truth, bins))
    assert value(binary, "model:auc:ratio7d") == pytest.approx(roc_auc_score(truth, scores), abs=0.005)


def test_calibration_error_is_the_mean_gap_between_scores_and_truth(binary, screening) -> None:  # type: ignore[no-untyped-def]
    truth, scores = screening
    bins = np.minimum((scores * 20).astype(int), 19)
    gaps = [abs(truth[bins == each].sum() - scores[bins == each].sum()) for each in range(20)]
    assert value(binary, "model:calibration_error:ratio7d") == pytest.approx(sum(gaps) / len(truth))


def test_classes_of_a_multiclass_model_are_measured_as_scikit_learn_does() -> None:
    data = load_wine()
    truth = data.target
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(data.data[::3, :2], truth[::3])
    predicted = model.predict(data.data[:, :2])
    cells = ["correct" if a == p else "incorrect" for a, p in zip(truth, predicted, strict=True)]
    names = [f"class_{each}" for each in truth], [f"class_{each}" for each in predicted]
    found = measured({"model:ml_confusion:increase5m": confusion(*names, cells)}, TIMES)
    recalls = {labels["ml_class"]: number for labels, number in found["model_class:recall:ratio7d"]}
    assert 0.5 < value(found, "model:accuracy:ratio7d") < 0.99
    assert value(found, "model:accuracy:ratio7d") == pytest.approx(accuracy_score(truth, predicted))
    assert [recalls[f"class_{each}"] for each in range(3)] == pytest.approx(
        recall_score(truth, predicted, average=None)
    )
    assert value(found, "model:macro_recall:ratio7d") == pytest.approx(recall_score(truth, predicted, average="macro"))
    assert value(found, "model:macro_precision:ratio7d") == pytest.approx(
        precision_score(truth, predicted, average="macro")
    )
    assert value(found, "model:macro_f1:ratio7d") == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_a_class_that_is_never_recognised_counts_as_zero_in_the_mean() -> None:
    cells = confusion(["a", "a", "b"], ["a", "a", "a"], ["correct", "correct", "incorrect"])
    zero = [({"ml_actual": "b", "ml_predicted": "b", "ml_cell": "correct"}, [0.0] * TILES)]
    found = measured({"model:ml_confusion:increase5m": [*cells, *zero]}, TIMES)
    assert value(found, "model:macro_recall:ratio7d") == pytest.approx(0.5)


def test_errors_of_a_regression_are_those_of_scikit_learn() -> None:
    data = load_diabetes()
    predicted = LinearRegression().fit(data.data[::2], data.target[::2]).predict(data.data)
    errors = predicted - data.target
    signs = [{"ml_sign": "over" if each > 0 else "under"} for each in errors]
    nothing: list[dict[str, str]] = [{} for _ in errors]
    samples = {
        "model:ml_residual_count:increase5m": counted(signs),
        "model:ml_residual_absolute:increase5m": tiles(nothing, np.abs(errors)),
        "model:ml_residual_square:increase5m": tiles(nothing, errors**2),
        "model:ml_target_absolute:increase5m": tiles(nothing, np.abs(data.target)),
    }
    found = measured(samples, TIMES)
    assert value(found, "model:absolute_error:mean7d") == pytest.approx(mean_absolute_error(data.target, predicted))
    assert value(found, "model:square_error:root_mean7d") ** 2 == pytest.approx(
        mean_squared_error(data.target, predicted)
    )
    assert value(found, "model:relative_error:ratio7d") == pytest.approx(np.abs(errors).sum() / data.target.sum())
    assert value(found, "model:residual_sign:balance7d") == pytest.approx(np.sign(errors).mean())


def test_nothing_is_recorded_for_what_was_not_labelled() -> None:
    idle = confusion(["no"], ["no"], ["true_negative"])
    silent = [(labels, [0.0] * TILES) for labels, _ in idle]
    found = measured({"model:ml_confusion:increase5m": silent}, TIMES)
    assert found.keys().isdisjoint(
        {"model:accuracy:ratio7d", "model:precision:ratio7d", "model:recall:ratio7d", "model:f1:ratio7d"}
    )
