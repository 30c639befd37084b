"""Laws of everything that is rendered, held against our own specs."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import committed
import jsonschema
import yaml

from generators import alertmanager, pipeline, promql
from generators.formats.yaml.nodes import plain
from generators.formats.yaml.reader import load_bytes
from generators.language.sources import read_specs

SPECS = Path(__file__).parents[2] / "specs"
LINK = re.compile(r"(?<!\\)\]\(([^)]*)\)")


@cache
def compiled() -> pipeline.Compiled:
    return committed.compiled()


@cache
def texts() -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in compiled().artifacts}


def test_our_specs_render_without_errors() -> None:
    assert pipeline.errors(compiled().problems) == ()
    assert len(texts()) > 100


def test_yaml_means_the_same_to_readers_of_both_versions() -> None:
    files = {path: text for path, text in texts().items() if path.endswith(".yaml")}
    assert files
    for path, text in files.items():
        nodes, problems = load_bytes(text.encode(), path)
        assert problems == (), path
        assert [plain(node) for node in nodes] == list(yaml.load_all(text, yaml.CSafeLoader)), path


def test_rules_read_back_as_the_plan() -> None:
    plan = compiled().plan
    assert plan is not None
    for environment in plan.environments:
        for model in environment.models:
            path = f"{model.environment}/prometheus/{model.tenant}/{model.model}.rules.yaml"
            groups = yaml.load(texts()[path], yaml.CSafeLoader)["groups"]
            read = [rule for group in groups for rule in group["rules"]]
            planned = [rule for group in model.groups for rule in group.rules]
            assert [promql.parse(rule["expr"])[0] for rule in read] == [rule.expr for rule in planned]
            assert [rule.get("labels", {}) for rule in read] == [dict(rule.labels) for rule in planned]


def test_alertmanager_configurations_read_back_as_the_plan() -> None:
    plan = compiled().plan
    assert plan is not None
    for environment in plan.environments:
        text = texts()[f"{environment.environment.name}/alertmanager/alertmanager.yaml"]
        assert alertmanager.load(text)[0] == environment.alertmanager


def test_no_relative_link_is_dead() -> None:
    pages = {path: text for path, text in texts().items() if path.endswith(".md")}
    links = [(path, target) for path, text in pages.items() for target in LINK.findall(text) if ":" not in target]
    assert len(links) > len(pages)
    dead = [
        (path, target)
        for path, target in links
        if posixpath.normpath(posixpath.join(posixpath.dirname(path), target.partition("#")[0])) not in texts()
    ]
    assert dead == []


def test_every_alert_has_a_page_with_first_steps() -> None:
    plan = compiled().plan
    assert plan is not None
    for environment in plan.environments:
        for model in environment.models:
            for alert in (rule.alert for group in model.groups for rule in group.rules if hasattr(rule, "alert")):
                page = texts()[f"docs/runbooks/{model.tenant}/{model.model}/{alert}.md"]
                assert "\n## First steps\n\n1. " in page


def test_manifests_obey_their_schema() -> None:
    paths = [path for path in texts() if path.startswith("instruments/")]
    assert paths
    for path in paths:
        manifest = json.loads(texts()[path])
        schema = json.loads(texts()[posixpath.normpath(posixpath.join(posixpath.dirname(path), manifest["$schema"]))])
        jsonschema.Draft202012Validator(schema).validate(manifest)


def test_the_order_of_files_changes_nothing() -> None:
    backwards = pipeline.compile_artifacts(tuple(reversed(read_specs(SPECS))))
    assert backwards.artifacts == compiled().artifacts


def test_one_edited_model_touches_only_its_own_artefacts() -> None:
    edited, name = [], ""
    for source in read_specs(SPECS):
        data = source.data
        if not name and b"kind: Model" in data and b"\n  description: " in data:
            name = source.file
            data = data.replace(b"\n  description: ", b"\n  description: Edited. ", 1)
        edited.append(replace(source, data=data))
    before = {artifact.path: artifact for artifact in compiled().artifacts}
    touched = [each for each in pipeline.compile_artifacts(edited).artifacts if each != before[each.path]]
    model = Path(name).stem
    assert len(touched) > 1
    assert all(name in artifact.sources for artifact in touched)
    assert all(model in artifact.path or artifact.path == "index.json" for artifact in touched)
