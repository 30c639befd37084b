"""A platform's prefix stands in front of every name that is ours: metrics, attributes, labels."""

from __future__ import annotations

import re

import pytest
from planning_specs import ROOT

from generators.language.sources import Source, read_specs
from generators.pipeline import Compiled, compile_artifacts
from generators.planning.alerts.texts import with_labels

OURS = re.compile(r"\bml[._][a-z]")


@pytest.fixture(scope="module")
def acme() -> Compiled:
    sources = read_specs(ROOT / "specs")
    return compile_artifacts(
        Source(each.file, each.data.replace(b"prefix: ml\n", b"prefix: acme\n")) for each in sources
    )


def test_another_prefix_compiles_as_ml_does(acme: Compiled) -> None:
    assert acme.problems == ()


def test_nothing_that_leaves_has_the_prefix_of_packs(acme: Compiled) -> None:
    kinds = ("prometheus", "grafana", "collector", "instruments", "semconv")
    found = {each.path: OURS.findall(each.text) for each in acme.artifacts if set(kinds) & set(each.path.split("/"))}
    assert len(found) > 20
    assert {path: texts[:3] for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("{feature} of {model}", {"ml_feature", "model"}, "{ml_feature} of {model}"),
        ("{feature}", {"ml_feature", "feature"}, "{feature}"),
        ("{ml_feature}", {"ml_feature"}, "{ml_feature}"),
        ("{value} {absent}", {"ml_feature"}, "{value} {absent}"),
    ],
)
def test_a_placeholder_may_leave_out_the_prefix_of_its_label(text: str, labels: set[str], expected: str) -> None:
    assert with_labels(text, labels, "ml") == expected
