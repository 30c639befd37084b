"""Examples of pipelines: what they install is pinned, and is what the platform says."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import committed
import pytest
import yaml
from packaging.requirements import Requirement
from pydantic import TypeAdapter, ValidationError

from generators.language.shapes.base import PinnedInstall
from generators.targets.ci import emit

HASH = "0123456789abcdef" * 4
WHEEL = f"https://packages.halden.example/py/watchspec-0.1.0-py3-none-any.whl#sha256={HASH}"
COMMIT = f"git+ssh://git@git.halden.example/tools/watchspec.git@{HASH[:40]}"


def pipelines(install: str) -> dict[str, Any]:
    """The files for an organisation that installs from there."""
    plan = committed.plan()
    platform = replace(plan.catalog.platform, install=install)
    changed = replace(plan, catalog=replace(plan.catalog, platform=platform))
    return {artifact.path: yaml.safe_load(artifact.text) for artifact in emit(changed)}


def commands(document: object) -> list[str]:
    """The lines of shell in a pipeline that install something."""
    if isinstance(document, dict):
        return [line for value in document.values() for line in commands(value)]
    if isinstance(document, list):
        return [line for value in document for line in commands(value)]
    return [document] if isinstance(document, str) and "pip install" in document else []


@pytest.mark.parametrize("source", [WHEEL, COMMIT])
def test_pipelines_install_what_the_platform_names_and_nothing_else(source: str) -> None:
    made = pipelines(source)
    assert set(made) == {"ci/github-actions.yaml", "ci/gitlab-ci.yaml"}
    for document in made.values():
        lines = commands(document)
        assert lines
        for line in lines:
            *pip, asked = shlex.split(line)
            assert pip == ["python", "-m", "pip", "install"]
            assert (Requirement(asked).name, Requirement(asked).url) == ("watchspec", source)


def test_a_job_that_installs_a_commit_has_git() -> None:
    slim = {source: pipelines(source)["ci/gitlab-ci.yaml"]["watchspec-check"]["image"] for source in (WHEEL, COMMIT)}
    assert slim == {WHEEL: "python:3.12-slim", COMMIT: "python:3.12"}


def test_without_a_source_there_is_no_pipeline() -> None:
    assert pipelines("") == {}


def test_what_is_committed_is_pinned() -> None:
    for path in ("ci/github-actions.yaml", "ci/gitlab-ci.yaml"):
        assert re.search(r"watchspec-[0-9.]+-py3-none-any\.whl#sha256=[0-9a-f]{64}'", committed.texts()[path])


@pytest.mark.parametrize(
    "source",
    [
        "watchspec",
        "watchspec==0.1.0",
        WHEEL.partition("#")[0],
        WHEEL[:-1],
        WHEEL.replace("https", "http"),
        WHEEL.replace("watchspec-", "other-"),
        WHEEL.replace("packages", "user:secret@packages"),
        WHEEL.replace("sha256", "md5"),
        COMMIT[:-33],
        COMMIT.replace(HASH[:40], "v0.1.0"),
        f"{WHEEL} --index-url x",
        f"{WHEEL}'; curl x",
        f"{WHEEL}\n",
        "${{ github.event.pull_request.title }}",
        "",
    ],
)
def test_what_is_not_pinned_is_refused(source: str) -> None:
    form = TypeAdapter[str](PinnedInstall)
    assert form.validate_python(WHEEL) == WHEEL
    assert form.validate_python(COMMIT) == COMMIT
    with pytest.raises(ValidationError):
        form.validate_python(source)
