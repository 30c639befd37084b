"""What the README shows of the example organisation is what there is today."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

import generators
from generators.cli import main

ROOT = Path(generators.__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCREENING = "specs/models/screening.yaml"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_the_shortest_spec_is_that_of_a_model() -> None:
    shown = yaml.safe_load(BLOCKS[0][1])
    committed = yaml.safe_load((ROOT / "specs/models/demand.yaml").read_text(encoding="utf-8"))
    assert shown["metadata"]["name"] == committed["metadata"]["name"]
    assert set(shown["spec"]) <= {"task", "service", "environments"}


def test_what_is_said_better_stands_in_the_committed_spec() -> None:
    shown = yaml.safe_load(BLOCKS[1][1])
    spec = yaml.safe_load((ROOT / SCREENING).read_text(encoding="utf-8"))["spec"]
    for section, items in shown.items():
        for name, stated in items.items():
            for key, value in stated.items():
                mine = spec[section][name][key]
                assert mine.items() >= value.items() if isinstance(value, dict) else mine == value


def test_the_alert_is_one_that_is_rendered() -> None:
    rendered = (ROOT / "rendered/production/prometheus/health/screening.rules.yaml").read_text(encoding="utf-8")
    expression, _, rest = BLOCKS[2][1].partition("        labels:")
    assert expression in rendered
    for shown in re.findall(r"(\w+): ([\w-]+)[,}]", rest.partition("…")[0]):
        assert "{}: {}\n".format(*shown) in rendered
    summary = re.findall(r'summary: "[0-9.]+% (.*)", runbook_url', rest)
    assert summary
    assert f'summary: "{{{{ $value | humanizePercentage }}}} {summary[0]}"' in rendered


def test_the_mistake_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("specs", "collector-config"):
        shutil.copytree(ROOT / name, tmp_path / name)
    file = tmp_path / SCREENING
    file.write_text(file.read_text(encoding="utf-8").replace("(accuracy - 0.80)", "(acuracy - 0.80)"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert BLOCKS[3][1] in capsys.readouterr().out


def test_the_map_names_folders_that_there_are_and_links_lead_to_files() -> None:
    for folder in re.findall(r"^\| (`.*?`) \|", README, re.MULTILINE):
        for name in re.findall(r"`([^`]+)/`", folder):
            assert (ROOT / name).is_dir(), name
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
