"""Check, render and diff on the command line, against a registry that is committed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from semconv_version import MAJOR

from generators.cli import main
from generators.comparison import Impact, compare_artifacts
from generators.comparison.reports.text import sentence
from generators.language.sources import read_specs
from generators.pipeline import compile_plan
from generators.targets.semconv import emit

SPECS = Path(__file__).parents[2] / "specs"
METRIC = """
  metrics: {orders: {name: ml.orders, instrument: counter, unit: '{order}', description: Orders.}}
  prediction:"""


@pytest.fixture
def organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with our specs and one more metric, whose registry is rendered."""
    root = SPECS.parent
    for folder in ("specs", "collector-config"):
        if (root / folder).is_dir():
            shutil.copytree(root / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    edit(tmp_path / "specs/models/screening.yaml", "\n  prediction:", METRIC)
    write_registry(tmp_path)
    return tmp_path


def write_registry(folder: Path) -> None:
    """Do what a render does, for the registry alone."""
    plan = compile_plan(read_specs(folder / "specs")).plan
    assert plan is not None
    for artifact in emit(plan):
        file = folder / "rendered" / artifact.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(artifact.text, "utf-8")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_breaking_change_stops_check_and_render_until_the_version_says_so(
    organisation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (organisation / "rendered/semconv/metrics.yaml").read_bytes()
    edit(organisation / "specs/models/screening.yaml", "unit: '{order}'", "unit: '{thing}'")
    assert main(["render"]) == 1
    assert (organisation / "rendered/semconv/metrics.yaml").read_bytes() == before
    capsys.readouterr()
    assert main(["check", "--format", "json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["code"] == "P427"
    assert "unit of metric `ml.orders`" in problem["message"]
    edit(organisation / "specs/platform.yaml", f"version: {MAJOR}.", f"version: {MAJOR + 1}.")
    assert main(["check"]) == 0


def test_all_breaking_changes_are_one_problem(organisation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(organisation / "specs/models/screening.yaml", METRIC, "\n  prediction:")
    edit(organisation / "specs/platform.yaml", "    prefix: ml", "    prefix: ai")
    assert main(["check", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    assert [each["code"] for each in found if each["code"].startswith("P42")] == ["P427"]
    assert "more changes break readers too" in found[-1]["message"]


def test_nothing_is_said_to_be_gone_while_a_file_could_not_be_read(
    organisation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(organisation / "specs/models/screening.yaml", "kind: Model", "kind: Modle")
    assert main(["check", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    assert found
    assert "P427" not in {each["code"] for each in found}


def test_a_base_is_compared_with_if_it_is_named(organisation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(organisation, "init", "--quiet")
    git(organisation, "add", ".")
    git(organisation, "commit", "--quiet", "--message", "first")
    git(organisation, "tag", "base")
    edit(organisation / "specs/models/screening.yaml", "unit: '{order}'", "unit: '{thing}'")
    write_registry(organisation)
    git(organisation, "commit", "--quiet", "--all", "--message", "second")
    assert main(["check"]) == 0
    assert main(["check", "--base", "base"]) == 1
    assert "P427" in capsys.readouterr().out
    assert main(["check", "--base", "no-such-ref"]) == 2


def test_the_commit_counts_and_not_what_was_rendered_since(organisation: Path) -> None:
    git(organisation, "init", "--quiet")
    git(organisation, "add", ".")
    git(organisation, "commit", "--quiet", "--message", "first")
    edit(organisation / "specs/platform.yaml", f"version: {MAJOR}.", f"version: {MAJOR + 1}.")
    edit(organisation / "specs/models/screening.yaml", "unit: '{order}'", "unit: '{thing}'")
    write_registry(organisation)
    edit(organisation / "specs/models/screening.yaml", "unit: '{thing}'", "unit: '{item}'")
    assert main(["check"]) == 0
    git(organisation, "commit", "--quiet", "--all", "--message", "second")
    assert main(["check"]) == 1


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_diff_lists_conventions_by_field() -> None:
    old = "attributes:\n  - {key: a.b, type: {members: [{id: x}, {id: y, value: Y}]}, brief: B.}\n"
    new = old.replace("{id: x}, ", "").replace("brief: B.", "brief: C.")
    span = "spans:\n  - {type: s.t, kind: %s, attributes: [{ref: a.b, requirement_level: required}]}\n"
    before = {"semconv/attributes.yaml": old, "semconv/spans.yaml": span % "server"}
    after = {"semconv/attributes.yaml": new, "semconv/spans.yaml": span % "client"}
    changes = compare_artifacts(before, after).changes
    said = {(change.impact, sentence(change)) for change in changes}
    assert (Impact.BREAKING, "convention: attribute a.b: members −x") in said
    assert (Impact.BREAKING, "convention: span s.t: kind server → client") in said
    assert len(said) == 2


def test_a_removed_convention_is_a_break_and_an_added_one_is_not() -> None:
    event = {"semconv/events.yaml": "events:\n  - {name: e.f, brief: E.}\n"}
    empty = {"semconv/events.yaml": "events: []\n"}
    assert [change.impact for change in compare_artifacts(event, empty).changes] == [Impact.BREAKING]
    assert [change.impact for change in compare_artifacts(empty, event).changes] == [Impact.OTHER]


def test_what_is_no_registry_is_compared_as_text() -> None:
    changes = compare_artifacts({"semconv/x.yaml": "- [\n"}, {"semconv/x.yaml": "- ]\n"}).changes
    assert [change.kind for change in changes] == ["semantic convention"]
