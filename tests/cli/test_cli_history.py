from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from committed import compiled

from generators.artifact import Artifact
from generators.cli.history import ALERT, against_committed
from generators.targets.prometheus.rules import model_path

ROOT = Path(__file__).parents[2]


def test_every_model_of_the_specs_has_its_alerts_on_disk_and_in_what_is_compiled() -> None:
    done = compiled()
    assert done.plan is not None
    texts = {each.path: each.text for each in done.artifacts}
    paths = [model_path(model) for environment in done.plan.environments for model in environment.models]
    assert len(paths) > 5
    for path in paths:
        assert len(ALERT.findall(texts[path])) == (ROOT / "rendered" / path).read_text().count("- alert:") > 0
    assert against_committed(done, ROOT / "rendered").problems == ()


def test_no_render_takes_all_alerts_of_a_model_away() -> None:
    done = compiled()
    assert done.plan is not None
    model = done.plan.environments[0].models[0]
    bare = Artifact(model_path(model), "groups: []\n", model.files)
    for instead in ((), (bare,)):
        rest = tuple(each for each in done.artifacts if each.path != bare.path)
        found = against_committed(replace(done, artifacts=(*rest, *instead)), ROOT / "rendered")
        assert not found.ok
        assert [(each.code, each.position) for each in found.problems] == [("T714", model.deployment.model.position)]
