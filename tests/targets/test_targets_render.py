from __future__ import annotations

import hashlib
import importlib
import json

import pytest
import targets_plans as plans

from generators import render as rendering
from generators.artifact import Artifact
from generators.output.paths import path_problems, unsafe_reason
from generators.targets.target import Target


def test_every_target_is_named_once_after_its_module() -> None:
    names = [target.name for target in rendering.TARGETS]
    assert len(names) == len(set(names))
    for name in names:
        module = importlib.import_module(f"generators.targets.{name.replace('/', '.')}")
        assert module.TARGET in rendering.TARGETS
        assert module.TARGET.name == name


def test_the_index_lists_every_other_artefact_with_its_digest_and_specs() -> None:
    artifacts, problems = rendering.render(plans.plan())
    assert problems == ()
    by_path = {artifact.path: artifact for artifact in artifacts}
    index = json.loads(by_path.pop("index.json").text)
    assert list(index["artifacts"]) == sorted(by_path)
    for path, entry in index["artifacts"].items():
        assert entry["sha256"] == hashlib.sha256(by_path[path].text.encode()).hexdigest()
        assert index["specs"][entry["specs"]] == list(by_path[path].sources) == sorted(by_path[path].sources)
    assert {entry["specs"] for entry in index["artifacts"].values()} == set(index["specs"])


def test_two_renders_give_the_same_bytes() -> None:
    assert rendering.render(plans.plan()) == rendering.render(plans.plan())


def test_every_artefact_ends_with_one_line_break() -> None:
    for artifact in rendering.render(plans.plan())[0]:
        assert artifact.text.endswith("\n"), artifact.path
        assert not artifact.text.endswith("\n\n"), artifact.path


def test_artefacts_with_problems_are_left_out() -> None:
    made = [Artifact("a/Same", "1", ("specs/b.yaml",)), Artifact("a/same", "2", ("specs/a.yaml",))]
    target = Target("one", of_plan=lambda _: [*made, Artifact("b", "x", ())])
    artifacts, problems = rendering.render(plans.plan(), [target])
    assert [artifact.path for artifact in artifacts] == ["b", "index.json"]
    assert [problem.code for problem in problems] == ["T702"]


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (("a/b", "a/b"), "T701"),
        (("a/B", "a/b"), "T702"),
        (("a", "a/b"), "T702"),
        (("A/x", "a"), "T702"),
        (("Index.json",), "T702"),
        (("../a",), "T703"),
        (("/etc/passwd",), "T703"),
        (("a//b",), "T703"),
        (("a/./b",), "T703"),
        (("a/.git",), "T703"),
        (("a\\b",), "T703"),
        (("a\nb",), "T703"),
        (("c:",), "T703"),
        (("a ",), "T703"),
        (("",), "T703"),
        (("x/aux.rules.yaml",), "T703"),
        (("x/COM1",), "T703"),
        (("a" * 300,), "T703"),
        (("/".join("a" * 300),), "T703"),
    ],
)
def test_unsafe_and_clashing_paths_are_problems(paths: tuple[str, ...], code: str) -> None:
    made = [Artifact(path, "", ("specs/x.yaml",)) for path in paths]
    problems, refused = path_problems(made)
    assert path_problems(made[::-1])[1] == refused
    assert {problem.code for problem in problems} == {code}
    assert refused >= set(paths)
    assert all(problem.help and problem.message for problem in problems)


def test_text_that_is_no_unicode_is_a_problem() -> None:
    problems, refused = path_problems([Artifact("a", "\ud800", ("specs/x.yaml",))])
    assert [problem.code for problem in problems] == ["T704"]
    assert refused == {"a"}


@pytest.mark.parametrize("path", ["a", "a/b.c", "a-b/C_d/README.md", "production/prometheus/x.rules.yaml"])
def test_ordinary_paths_are_safe(path: str) -> None:
    assert unsafe_reason(path) == ""
