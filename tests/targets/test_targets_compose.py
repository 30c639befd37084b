"""The file for Compose: one network, versions by name, and nothing that is not rendered or prepared."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import generators

ROOT = Path(generators.__file__).parents[1]
RENDERED = ROOT / "rendered/local"
PREPARED = "../../.stack/"


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((RENDERED / "compose.yaml").read_text())
    return found


def test_only_the_environment_that_compose_runs_has_a_file_for_it() -> None:
    assert [path.parent.name for path in ROOT.glob("rendered/*/compose.yaml")] == ["local"]


def test_all_containers_share_the_network_whose_ports_are_those_of_loopback() -> None:
    services = document()["services"]
    network = services["loopback"]
    assert {each["network_mode"] for name, each in services.items() if name != "loopback"} == {"service:loopback"}
    assert all(port.startswith("127.0.0.1:") for port in network["ports"])
    assert not [name for name, each in services.items() if "ports" in each and name != "loopback"]


def test_every_image_has_a_version_in_its_tag() -> None:
    images = {name: each["image"] for name, each in document()["services"].items()}
    assert {name: image for name, image in images.items() if not re.search(r":v?\d+\.\d+\.\d+(-[a-z]+)?$", image)} == {}


def test_what_is_mounted_is_in_the_checkout_or_prepared() -> None:
    sources = {
        mount.partition(":")[0] for each in document()["services"].values() for mount in each.get("volumes", ())
    } | {file for each in document()["services"].values() for file in each.get("env_file", ())}
    missing = {source for source in sources if not source.startswith(PREPARED) and not (RENDERED / source).exists()}
    assert missing == set()


def test_whoever_is_waited_for_exists_and_configurations_are_stated() -> None:
    services, stated = document()["services"], set(document()["configs"])
    for each in services.values():
        assert set(each.get("depends_on", ())) <= set(services)
        assert {used["source"] for used in each.get("configs", ())} <= stated
    assert {used["source"] for each in services.values() for used in each.get("configs", ())} == stated


def test_every_model_has_its_example_by_the_version_of_its_spec() -> None:
    manifests = [yaml.safe_load(path.read_text()) for path in ROOT.glob("rendered/instruments/*/*.json")]
    services = {name: each for name, each in document()["services"].items() if "./sdk/" in str(each.get("env_file"))}
    assert set(services) == {each["model"]["name"] for each in manifests}
    for each in manifests:
        made = services[each["model"]["name"]]
        assert made["image"] == f"{each['resource']['service.name']}:{each['model'].get('version', '0.0.0')}"
        assert (RENDERED / made["build"]["context"] / made["build"]["dockerfile"]).is_file()
    assert (ROOT / "docs/examples/support_assistant/stand_in.py").is_file()
    assert "support-assistant-provider" in document()["services"]


@pytest.mark.oracle
def test_the_compose_specification_allows_the_file(tmp_path: Path) -> None:
    validator = shutil.which("compose-spec")
    if validator is None:
        pytest.skip("compose-spec is not on the path; tools/verify builds it")
    good = subprocess.run([validator, "compose.yaml"], cwd=RENDERED, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    (tmp_path / "compose.yaml").write_text((RENDERED / "compose.yaml").read_text().replace("restart:", "restrat:"))
    bad = subprocess.run([validator, "compose.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "restrat" in bad.stderr + bad.stdout
