"""``new external``: what a pack reads of other systems, ready for the platform's spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from generators.cli import main
from generators.language.resolve.stage import resolve
from generators.language.sources import Source, read_specs

ROOT = Path(__file__).parents[2]


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["new", "external", *words, "--specs", str(ROOT / "specs")]) == 0
    return capsys.readouterr().out


def measures(external: dict[str, object]) -> set[str]:
    """The measures of a model on a platform that declares these series."""
    sources = []
    for each in read_specs(ROOT / "specs"):
        if each.file == "specs/platform.yaml":
            document = yaml.safe_load(each.data)
            document["spec"]["external"] = external
            sources.append(Source(each.file, yaml.safe_dump(document).encode()))
        else:
            sources.append(each)
    catalog, problems = resolve(sources)
    assert not [each for each in problems if each.severity == "error"], problems[:2]
    assert catalog is not None
    (found,) = {frozenset(each.measures) for each in catalog.deployments if each.model.name == "screening"}
    return set(found)


def test_what_is_printed_is_what_our_platform_declares(capsys: pytest.CaptureFixture[str]) -> None:
    platform = yaml.safe_load((ROOT / "specs/platform.yaml").read_text("utf-8"))
    assert yaml.safe_load(printed(capsys, "resources")) == {"external": platform["spec"]["external"]}


def test_it_is_also_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "resources")
    assert json.loads(printed(capsys, "resources", "--format", "json"))["external"] == yaml.safe_load(text)["external"]


def test_what_reads_a_system_that_only_some_have_is_left_out_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    external = yaml.safe_load(printed(capsys, "resources"))["external"]
    without = {name: each for name, each in external.items() if each["source"] != "dcgm-exporter"}
    lost = measures(external) - measures(without)
    assert lost
    assert all("gpu" in each for each in lost)


@pytest.mark.parametrize(
    ("pack", "code", "said"),
    [("resourcs", 2, "did you mean `resources`?"), ("scores", 1, "reads no series of other systems")],
)
def test_other_packs_are_told(pack: str, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "external", pack, "--specs", str(ROOT / "specs")]) == code
    assert said in capsys.readouterr().err
