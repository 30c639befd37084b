"""The file for Compose: one network, versions by name, and nothing that is not rendered or prepared."""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import generators
from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts

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


def mounted(services: dict[str, Any]) -> set[str]:
    """Everything of the machine that containers see or are built of."""
    volumes = {mount.partition(":")[0] for each in services.values() for mount in each.get("volumes", ())}
    built = {each["build"]["context"] for each in services.values() if "build" in each}
    return volumes | built | {file for each in services.values() for file in each.get("env_file", ())}


def test_what_is_mounted_is_rendered_or_prepared() -> None:
    for source in mounted(document()["services"]):
        if not source.startswith(PREPARED):
            assert (RENDERED / source).exists()
            assert (RENDERED / source).resolve().is_relative_to(ROOT / "rendered")


def test_whoever_is_waited_for_exists_and_configurations_are_stated() -> None:
    services, stated = document()["services"], set(document()["configs"])
    for each in services.values():
        assert set(each.get("depends_on", ())) <= set(services)
        assert {used["source"] for used in each.get("configs", ())} <= stated
    assert {used["source"] for each in services.values() for used in each.get("configs", ())} == stated


def test_every_model_is_an_image_by_the_version_of_its_spec() -> None:
    manifests = [yaml.safe_load(path.read_text()) for path in ROOT.glob("rendered/instruments/*/*.json")]
    services = {name: each for name, each in document()["services"].items() if "./sdk/" in str(each.get("env_file"))}
    assert len(services) == len(manifests)
    for each in manifests:
        made = services[f"{each['model']['tenant']}.{each['model']['name']}"]
        assert made["image"] == f"{each['resource']['service.name']}:{each['model'].get('version', '0.0.0')}"
        assert "build" not in made
    ports = [each["environment"]["PORT"] for each in services.values()]
    assert len(set(ports)) == len(ports)
    assert {f"127.0.0.1:{port}:{port}" for port in ports} <= set(document()["services"]["loopback"]["ports"])


def test_the_file_beside_the_examples_builds_each_of_them() -> None:
    examples = yaml.safe_load((ROOT / "docs/examples/compose.yaml").read_text())["services"]
    services = {name for name, each in document()["services"].items() if "./sdk/" in str(each.get("env_file"))}
    assert services == examples.keys() - {"provider"}
    for each in examples.values():
        # Paths of every file begin at the folder of the first, which is the rendered one.
        file = RENDERED / each["build"]["context"] / each["build"]["dockerfile"]
        assert "$PORT" in file.read_text("utf-8")


COLLECTOR = """\
  orchestrator: compose
  collector:
    agent: {{endpoint: "https://localhost:4317"}}
    gateway: {{address: "localhost:14317"}}
    backends:
      metrics: {{kind: prometheus, endpoint: "https://{metrics}/api/v1/otlp"}}
      all: {{kind: otlp, endpoint: "https://{rest}"}}
    default: {{metrics: metrics, traces: all, logs: all}}
"""
FOREIGN = ("localhost:9090", "localhost:4319")


@cache
def of_another_organisation(metrics: str, rest: str) -> dict[str, str]:
    """What is rendered of specs that have nothing to do with this repository."""
    sources = []
    for each in read_specs(ROOT / "tests/language/wrong_specs/organisation"):
        text = each.data.decode()
        if each.file.endswith("production.yaml"):
            text = text.replace("production", "desk").replace("  page_within: 60s\n", "")
            text += COLLECTOR.format(metrics=metrics, rest=rest)
        sources.append(Source(f"specs/{each.file.partition('/')[2]}", text.encode()))
    bases = sorted((ROOT / "collector-config").glob("*.yaml"))
    made = compile_artifacts(
        [*sources, *(Source(f"collector-config/{path.name}", path.read_bytes()) for path in bases)]
    )
    assert made.ok, made.problems
    return {each.path: each.text for each in made.artifacts}


@pytest.mark.parametrize(
    ("rendered", "expected"),
    [
        (FOREIGN, {"prometheus", "alertmanager", "grafana", "store.all"}),
        (("metrics.example.org", "traces.example.org"), set()),
        (("localhost:9090", "traces.example.org"), {"prometheus", "alertmanager", "grafana"}),
        (("metrics.example.org", "127.0.0.1:4319"), {"store.all"}),
    ],
    ids=["all here", "all elsewhere", "metrics here", "the rest here"],
)
def test_any_organisations_stack_needs_nothing_but_what_is_rendered(
    rendered: tuple[str, str], expected: set[str]
) -> None:
    texts = of_another_organisation(*rendered)
    made = yaml.safe_load(texts["desk/compose.yaml"])
    assert made["services"].keys() == {"loopback", "gateway", "agent", "retail.churn", *expected}
    for source in mounted(made["services"]):
        path = posixpath.normpath(posixpath.join("desk", source))
        assert source.startswith(PREPARED) or any(each == path or each.startswith(f"{path}/") for each in texts), source
    assert "docs/examples" not in texts["desk/compose.yaml"]
    assert "tools/" not in texts["desk/compose.yaml"]
    stated = set(made.get("configs", ()))
    assert {used["source"] for each in made["services"].values() for used in each.get("configs", ())} == stated


def test_what_the_page_prepares_is_all_that_is_mounted_besides(tmp_path: Path) -> None:
    page = (ROOT / "docs/local-stack.md").read_text("utf-8")
    (block,) = re.findall(r"^```sh\n(mkdir -p \.stack.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file = tmp_path / "rendered/local/compose.yaml"
    file.parent.mkdir(parents=True)
    file.write_text((RENDERED / "compose.yaml").read_text("utf-8"))
    subprocess.run(["bash", "-euc", block], cwd=tmp_path, check=True, capture_output=True)
    for source in mounted(document()["services"]):
        if source.startswith(PREPARED):
            assert (file.parent / source).exists(), source
    assert {each.name for each in (tmp_path / ".stack/tls").iterdir()} >= {"ca.crt", "tls.crt", "tls.key"}
    key = (tmp_path / ".stack/hash.env").read_text().strip()
    assert re.fullmatch("WATCHSPEC_HMAC_KEY=[0-9a-f]{64}", key)


@pytest.mark.oracle
def test_the_compose_specification_allows_the_file(tmp_path: Path) -> None:
    validator = shutil.which("compose-spec")
    if validator is None:
        pytest.skip("compose-spec is not on the path; tools/verify builds it")
    good = subprocess.run([validator, "compose.yaml"], cwd=RENDERED, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    (tmp_path / "compose.yaml").write_text((RENDERED / "compose.yaml").read_text().replace("restart:", "restrat:"))
    for number, rendered in enumerate([FOREIGN, ("metrics.example.org", "traces.example.org")]):
        other = tmp_path / f"{number}"
        other.mkdir()
        (other / "compose.yaml").write_text(of_another_organisation(*rendered)["desk/compose.yaml"])
        made = subprocess.run([validator, "compose.yaml"], cwd=other, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
    bad = subprocess.run([validator, "compose.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "restrat" in bad.stderr + bad.stdout
