"""Rules against what services really sent: nothing that they read is missing, and what they compute is right."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

import pytest
import yaml
from collector_world import ROOT, eventually
from e2e_stack import World, manifest

from generators import promql

pytestmark = pytest.mark.e2e

TILE_SECONDS = 330
"""A tile of five minutes, its offset, and the evaluation of what reads it."""


def names(model: str) -> set[str]:
    """What a model may send."""
    return {name for each in manifest(model)["metrics"].values() for name in each["prometheus"]["prometheus-3"]}


@pytest.fixture(scope="module")
def rules(world: World) -> list[dict[str, str]]:
    groups = world.ask("/api/v1/rules")["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_no_rule_has_an_error(rules: list[dict[str, str]]) -> None:
    bad = {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] == "err"}
    print(f"{len(rules)} rules; errors: {bad or 'none'}")
    assert not bad


def test_every_name_that_a_rule_reads_is_sent_recorded_or_of_another_system(
    world: World, rules: list[dict[str, str]]
) -> None:
    external = set(yaml.safe_load((ROOT / "specs/platform.yaml").read_text())["spec"]["external"])
    recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
    trees = [promql.parse(rule["query"])[0] for rule in rules]
    assert None not in trees
    read = {
        node.name
        for tree in trees
        if tree
        for node in promql.walk(tree)
        if isinstance(node, promql.VectorSelector) and node.name
    }
    known = set(world.ask("/api/v1/label/__name__/values")["data"])
    own = {name for name in read if name.startswith("otelcol_")}
    # What demand sends, which has no library, is proved in the Collector's own tests.
    missing = read - known - recorded - external - own - names("demand") - {"ALERTS", "ALERTS_FOR_STATE"}
    print(f"rules read {len(read)} names: {len(read & recorded)} recorded, {len(read & external)} of other systems")
    print(f"  and {len(read & known - recorded)} that services sent; nobody sent {sorted(missing) or 'none of them'}")
    assert not missing


def test_the_accuracy_of_the_rules_is_that_of_scikit_learn(world: World) -> None:
    if "accuracy" not in world.remembered:
        pytest.skip("no labels were sent: the proofs about services did not run")
    recorded = 'model:accuracy:ratio1d{model_name="screening"}'
    assert eventually(lambda: world.query(recorded), TILE_SECONDS)
    found, expected = world.value(recorded), world.remembered["accuracy"]
    print(f"accuracy by rules {found:.6f}, by scikit-learn {expected:.6f}")
    # Increases are extrapolated for each replica on its own: an eighth of the errors may weigh more or less.
    assert found == pytest.approx(expected, abs=(1 - expected) / 8)
