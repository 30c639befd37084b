"""Labels that come after the prediction: first counted, and minutes later, in the proofs about rules, computed with."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

from collections.abc import Iterator

import pytest
from collector_world import eventually
from e2e_clients import ask, play
from e2e_stack import World, manifest
from sklearn.metrics import accuracy_score, confusion_matrix

pytestmark = pytest.mark.e2e

LABELLED = 150
EXPORTS = 9
"""Exports of a replica before its first label. Prometheus stretches the increase of a young series by up to an
interval at its ends; over this many, two replicas are stretched alike to within an eighth."""


@pytest.fixture(scope="module")
def places(world: World) -> Iterator[tuple[int, ...]]:
    """Start two replicas of the screening service; afterwards they are gone."""
    yield world.examples(2, ["screening"])["screening"]
    world.stand_ins += world.of_examples("screening").split("|")
    world.end_examples()


def test_labels_that_come_late_make_the_same_confusion_as_scikit_learn(world: World, places: tuple[int, ...]) -> None:

    def old_enough() -> bool:
        replicas = world.of_examples("screening")
        exports = f'min(count_over_time(ml_confusion_total{{instance=~"{replicas}"}}[5m]))'
        return len(replicas.split("|")) == len(places) and world.value(exports) >= EXPORTS

    assert eventually(old_enough, 90)
    classes = manifest("screening")["prediction"]["classes"]
    predicted, actual = [], []
    for number, (row, reply) in enumerate(play("screening", places, LABELLED)):
        place = places[number % len(places)]
        assert ask(place, f"/samples/{reply.body['id']}/label", {"actual": row.actual}).status == 204
        predicted.append(classes[int(reply.body["score"] >= manifest("screening")["prediction"]["threshold"])])
        actual.append(row.actual)
    expected = confusion_matrix(actual, predicted, labels=classes)
    instances = world.of_examples("screening")

    def counted() -> list[list[float]]:
        cell = 'sum(ml_confusion_total{{ml_actual="{}", ml_predicted="{}", instance=~"{}"}})'
        return [[world.value(cell.format(true, said, instances)) for said in classes] for true in classes]

    assert eventually(lambda: counted() == expected.tolist(), 20), (counted(), expected.tolist())
    world.remembered["accuracy"] = float(accuracy_score(actual, predicted))
    print(
        f"{LABELLED} labels: {counted()} is scikit-learn's confusion matrix,"
        f" with an accuracy of {world.remembered['accuracy']:.4f}"
    )
