"""What the guide about clusters says of objects that are not rendered agrees with those that are."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generators.cli import main
from generators.targets.kubernetes.alertmanager import NAME

pytestmark = pytest.mark.guide

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/guide/from-spec-to-cluster.md").read_text(encoding="utf-8")
RENDERED = ROOT / "rendered/production"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def described(kind: str) -> list[dict[str, Any]]:
    objects = [each for block in blocks("yaml") for each in yaml.safe_load_all(block)]
    return [each for each in objects if each.get("kind") == kind]


def rendered_objects() -> list[dict[str, Any]]:
    files = sorted((RENDERED / "kubernetes").glob("*.yaml"))
    return [each for file in files for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))]


def secrets(value: Any) -> Iterator[str]:
    """Yield the names of Secrets that an object refers to."""
    if isinstance(value, dict):
        if "secretName" in value:
            yield value["secretName"]
        for key in ("secret", "secretKeyRef"):
            if isinstance(value.get(key), dict) and "name" in value[key]:
                yield value[key]["name"]
        for reference in value.get("secretTargetRef", ()):
            yield reference["name"]
        for inner in value.values():
            yield from secrets(inner)
    if isinstance(value, list):
        for inner in value:
            yield from secrets(inner)


def test_prometheus_is_told_what_the_rendered_configuration_says() -> None:
    server = yaml.safe_load((RENDERED / "prometheus/prometheus.yaml").read_text(encoding="utf-8"))
    (spec,) = (each["spec"] for each in described("Prometheus"))
    assert spec["otlp"]["translationStrategy"] == server["otlp"]["translation_strategy"]
    assert spec["otlp"]["promoteResourceAttributes"] == server["otlp"]["promote_resource_attributes"]
    assert spec["tsdb"]["outOfOrderTimeWindow"] == server["storage"]["tsdb"]["out_of_order_time_window"]
    assert spec["evaluationInterval"] == server["global"]["evaluation_interval"]


def test_prometheus_finds_all_rules_and_what_is_scraped() -> None:
    (found,) = described("Prometheus")
    spec, home = found["spec"], found["metadata"]["namespace"]
    for kind, prefix in (("PrometheusRule", "rule"), ("ServiceMonitor", "serviceMonitor")):
        objects = [each["metadata"] for each in rendered_objects() if each["kind"] == kind]
        assert objects
        wanted = spec[f"{prefix}Selector"]["matchLabels"]
        assert all(wanted.items() <= each["labels"].items() for each in objects)
        everywhere = spec.get(f"{prefix}NamespaceSelector") == {}
        assert everywhere or {each["namespace"] for each in objects} == {home}


def test_prometheus_runs_as_the_account_that_may_scrape() -> None:
    (found,) = described("Prometheus")
    accounts = {each["metadata"]["name"] for each in rendered_objects() if each["kind"] == "ServiceAccount"}
    assert found["spec"]["serviceAccountName"] in accounts


def test_grafanas_sidecar_looks_for_what_dashboards_carry() -> None:
    (values,) = [yaml.safe_load(block) for block in blocks("yaml") if block.startswith("sidecar:")]
    whole = yaml.safe_load((RENDERED / "kustomization.yaml").read_text(encoding="utf-8"))
    assert whole["generatorOptions"]["labels"]["grafana_dashboard"] == "1"
    folder = values["sidecar"]["dashboards"]["folderAnnotation"]
    assert all(folder in each["options"]["annotations"] for each in whole["configMapGenerator"])


def test_the_alertmanager_reads_the_rendered_secret_of_itself() -> None:
    (found,) = described("Alertmanager")
    assert f"alertmanager-{found['metadata']['name']}" == NAME
    assert found["spec"]["volumeMounts"][0]["mountPath"] == "/etc/alertmanager/secrets"


def test_all_secrets_that_objects_need_are_listed() -> None:
    listed = set(re.findall(r"^\| `([a-z-]+)` \| ", GUIDE, re.MULTILINE))
    needed = {name for each in rendered_objects() for name in secrets(each.get("spec", {}))}
    needed |= {name for kind in ("Prometheus", "Alertmanager") for each in described(kind) for name in secrets(each)}
    assert len(needed) >= 6
    assert needed <= listed


def test_certificates_have_the_names_under_which_collectors_are_reached() -> None:
    names = {each["spec"]["secretName"]: each["spec"]["dnsNames"] for each in described("Certificate")}
    agent = (RENDERED / "collector/agent.yaml").read_text(encoding="utf-8")
    gateway = (RENDERED / "collector/gateway.yaml").read_text(encoding="utf-8")
    service = (RENDERED / "sdk/health/screening.env").read_text(encoding="utf-8")
    assert f"https://{names['otel-agent-tls'][0]}:4317" in service
    assert f"endpoint: {names['otel-gateway-tls'][0]}:4317" in agent
    assert f"server_name_override: {names['otel-gateway-tls'][0]}" in gateway
    assert f"https://{names['prometheus-watchspec-tls'][0]}:9090" in GUIDE
    assert f"serverName: {names['alertmanager-watchspec-tls'][0]}" in GUIDE


@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_for_the_cluster_are_well_formed(block: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_files_that_commands_for_the_cluster_name_are_rendered(tmp_path: Path) -> None:
    specs = tmp_path / "specs"
    who = ["--tenant", "retail", "--team", "growth", "--model", "churn", "--service", "churn-api"]
    assert main(["init", str(specs), "--yes", *who]) == 0
    (section,) = re.findall(r"environments/production.yaml <<'END'\n((?:> .*\n)+?)> END", GUIDE)
    with (specs / "environments/production.yaml").open("a") as file:
        file.write(section.replace("> ", ""))
    assert main(["render", "--specs", str(specs), "--quiet"]) == 0
    named = {path for block in blocks("sh") for path in re.findall(r"\brendered/[A-Za-z0-9_./-]+[A-Za-z0-9]", block)}
    assert len(named) >= 8
    assert not [path for path in named if not (tmp_path / path).exists()]
