"""Write the data that the baselines of the example models are made of, from data sets that come with scikit-learn.

    python docs/examples/datasets.py docs/examples/data
    watchspec baseline screening --data docs/examples/data/screening.csv …

The data sets tell no times, so rows are split at random: seven of ten are the reference, of which `watchspec baseline`
makes a baseline, the others stand for what comes later (`…-later.csv`). Scores and predictions of the reference are
those of models that did not see the row (cross-validation with five parts); those of later rows come from a model of
the whole reference. The exact commands are in `BASELINES`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn import datasets
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED: Final = 20261001
REFERENCE: Final = 0.7


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of a model: ``answers`` adds columns to features and truth; ``words`` say where rows came from."""

    load: Callable[[], Any]
    answers: Callable[[Any, Any, Any | None], Mapping[str, Any]]
    words: str
    options: tuple[str, ...]


def scored(reference: Any, truth: Any, later: Any | None) -> Mapping[str, Any]:
    """Scores of class 0, malignant."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    if later is None:
        return {"score": cross_val_predict(model, reference, truth == 0, cv=5, method="predict_proba")[:, 1].round(6)}
    return {"score": clone(model).fit(reference, truth == 0).predict_proba(later)[:, 1].round(6)}


def classified(reference: Any, truth: Any, later: Any | None) -> Mapping[str, Any]:
    """Predicted classes."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    said = (
        cross_val_predict(model, reference, truth, cv=5)
        if later is None
        else clone(model).fit(reference, truth).predict(later)
    )
    return {"prediction": [f"class_{each}" for each in said]}


def predicted(reference: Any, truth: Any, later: Any | None) -> Mapping[str, Any]:
    """Predicted numbers."""
    model = LinearRegression()
    said = (
        cross_val_predict(model, reference, truth, cv=5)
        if later is None
        else clone(model).fit(reference, truth).predict(later)
    )
    return {"prediction": said.round(3)}


DATA: Final = {
    "screening": Dataset(
        datasets.load_breast_cancer,
        scored,
        "Wisconsin breast cancer, load_breast_cancer, seven of ten rows at random",
        ("--label", "target", "--score", "score", "--classes", "0=malignant,1=benign"),
    ),
    "progression": Dataset(
        datasets.load_diabetes,
        predicted,
        "Diabetes, centred and scaled, load_diabetes, seven of ten rows at random",
        ("--label", "target", "--prediction", "prediction"),
    ),
    "cultivar": Dataset(
        datasets.load_wine,
        classified,
        "Wine recognition, load_wine, seven of ten rows at random",
        ("--label", "target", "--prediction", "prediction", "--classes", "0=class_0,1=class_1,2=class_2"),
    ),
}
VERSION: Final = "2026-10-01"
BASELINES: Final = {
    name: (
        "baseline",
        name,
        "--data",
        f"docs/examples/data/{name}.csv",
        *each.options,
        "--version",
        VERSION,
        "--source",
        each.words,
    )
    for name, each in DATA.items()
}
"""The command behind each committed baseline."""


def main(folder: Path) -> None:
    """Write two files for each model."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DATA:
        for file, rows in tables(name):
            with (folder / file).open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, lineterminator="\n").writerows(rows)


def tables(name: str) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the names and rows of both files of a model, a header first."""
    source = DATA[name]
    rows = source.load()
    order = np.random.default_rng(SEED).permutation(len(rows.data))
    parts = np.split(order, [round(REFERENCE * len(order))])
    reference, truth = rows.data[parts[0]], rows.target[parts[0]]
    for file, part, later in ((f"{name}.csv", parts[0], None), (f"{name}-later.csv", parts[1], rows.data[parts[1]])):
        answers = source.answers(reference, truth, later)
        columns = [*rows.data[part].T.tolist(), *(list(each) for each in answers.values()), rows.target[part].tolist()]
        yield file, [[*rows.feature_names, *answers, "target"], *(list(each) for each in zip(*columns, strict=True))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
