"""What is rendered for production, run: services, agent, gateway, Prometheus and backends on loopback, mTLS throughout.

The rendered files are used themselves; in their copies addresses and paths of certificates differ, rule groups and
scrapes come every three seconds, and nothing else. Services send everything that their manifests declare. The
originals are found in the folder WATCHSPEC_TOOLS, or on the path; `tools/verify` builds them.
"""

# ruff: noqa: T201 - what was seen is shown with `pytest -s`
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import prometheus_world
import pytest
import yaml
from collector_world import KEY, ROOT, Backend, backend, certificates, eventually, free_ports, minimal
from collector_world import start as start_collector
from declared_sender import MAIL, MASKED, UNDECLARED
from prometheus_world import Prometheus

from generators import promql

pytestmark = pytest.mark.oracle

HERE = Path(__file__).parent
RENDERED = ROOT / "rendered"
ENVIRONMENT = RENDERED / "production"
MANIFESTS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(RENDERED.glob("instruments/*/*.json"))}
OF_A_BUSY_MACHINE = "context canceled|different value but same timestamp"
"""A request that was given up and sent again; a group that was evaluated late, twice for one time."""
MASKED_REASON = "****"
REPLICAS = 2
ROUNDS = 4
IDENTITY = {"job", "instance", "tenant_id", "deployment_environment_name"}
BACKENDS = {
    "health": {"/v1/traces": "tempo", "/v1/logs": "loki"},
    "wine": {"/v1/traces": "x-ray", "/v1/logs": "cloudwatch"},
}
AWS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def tools() -> dict[str, Path]:
    folder = os.environ.get("WATCHSPEC_TOOLS") or None
    found = {name: shutil.which(name, path=folder) for name in ("otelcol", "prometheus")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        pytest.skip(f"{missing} not installed; tools/verify builds them, or set WATCHSPEC_TOOLS to their folder")
    return {name: Path(path) for name, path in found.items() if path}


def moved(text: str, changes: dict[str, str]) -> str:
    """The text with other addresses, each of which is there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@dataclass
class World:
    """What was sent to, and what listens."""

    folder: Path
    tls: Path
    prometheus: Prometheus
    backend: Backend
    agent: int

    def serve(self, model: str) -> list[subprocess.Popen[bytes]]:
        """Start replicas of a service with the rendered settings of its SDK."""
        tenant = MANIFESTS[model]["model"]["tenant"]
        stated = moved(
            (ENVIRONMENT / f"sdk/{tenant}/{model}.env").read_text(),
            {
                "https://otel-agent-collector.monitoring:4317": f"https://localhost:{self.agent}",
                "/etc/otelcol/tls": str(self.tls),
            },
        )
        settings = dict(line.split("=", 1) for line in stated.splitlines() if line and not line.startswith("#"))
        manifest = RENDERED / f"instruments/{tenant}/{model}.json"
        command = [sys.executable, str(HERE / "declared_sender.py"), str(manifest), str(ROUNDS)]
        with (self.folder / f"{model}.log").open("wb") as log:
            return [
                subprocess.Popen(command, env={**minimal(), **settings}, stdout=log, stderr=subprocess.STDOUT)
                for _ in range(REPLICAS)
            ]

    def wait_for(self, prefix: str, suffix: str, services: set[str]) -> dict[str, Any]:
        """The same, once something of all services has come or the time for it is over."""
        eventually(lambda: set(self.arrived(prefix, suffix)) >= services, 30)
        return self.arrived(prefix, suffix)

    def arrived(self, prefix: str, suffix: str) -> dict[str, Any]:
        """Spans or log records in a backend, by the service that they are of."""
        groups = chain.from_iterable(
            getattr(message, "resource_spans", None) or message.resource_logs
            for message in self.backend.at(prefix, suffix)
        )
        return {
            said(group.resource)["service.name"]: each
            for group in groups
            for scope in (getattr(group, "scope_spans", None) or group.scope_logs)
            for each in (getattr(scope, "spans", None) or scope.log_records)
        }


def said(owner: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in owner.attributes}


def start_prometheus(stack: ExitStack, binary: Path, folder: Path, tls: Path) -> Prometheus:
    """The rendered configuration and rules, and exporters that answer where it scrapes."""
    folder.mkdir()
    assert prometheus_world.copy_of_rules(ENVIRONMENT / "prometheus", folder) == len(MANIFESTS) + 1
    (folder / "tls").symlink_to(tls)
    text = (ENVIRONMENT / "prometheus/prometheus.yaml").read_text().replace("/etc/prometheus/tls", "tls")
    text = text.replace("global:\n", f"global:\n  scrape_interval: {prometheus_world.INTERVAL}\n")
    (folder / "prometheus.yaml").write_text(text)
    workloads = [
        (each["resource"]["k8s.namespace.name"], each["resource"]["k8s.deployment.name"])
        for each in MANIFESTS.values()
        if "k8s.deployment.name" in each["resource"]
    ]
    pages = {
        job["job_name"]: prometheus_world.pod_metrics(
            [*job["metric_relabel_configs"][0]["regex"].split("|"), "nobody_reads_this"], workloads
        )
        for job in yaml.safe_load(text)["scrape_configs"]
    }
    (tls / "kubernetes.crt").write_bytes((tls / "ca.crt").read_bytes())
    (folder / "tokens").mkdir()
    (folder / "tokens/kubernetes").write_text("token-of-the-account")
    tokens = {"cadvisor": "token-of-the-account"}
    port = stack.enter_context(prometheus_world.exporters(tls, pages, tokens))
    (folder / "targets").mkdir()
    for job in pages:
        target = [{"targets": [f"localhost:{port}"], "labels": {"__metrics_path__": f"/{job}"}}]
        (folder / f"targets/{job}.yaml").write_text(yaml.safe_dump(target))
    server = prometheus_world.start(binary, folder, free_ports(1)[0], tls)
    stack.callback(prometheus_world.stop, server)
    assert eventually(server.ready, 30), server.log()
    return server


def start_collectors(stack: ExitStack, binary: Path, folder: Path, tls: Path, prometheus: int, backends: int) -> int:
    """Gateway and agent; returns the port where services reach the agent."""
    agent, http, gateway, balanced = free_ports(4)
    url = f"https://localhost:{backends}"
    changes = {
        "gateway": {
            "https://prometheus.halden.example/": f"https://localhost:{prometheus}/",
            "https://tempo.halden.example:4318": f"{url}/tempo",
            "https://loki.halden.example/otlp": f"{url}/loki",
            "https://xray.eu-central-1.amazonaws.com/": f"{url}/x-ray/",
            "https://logs.eu-central-1.amazonaws.com/": f"{url}/cloudwatch/",
            "/etc/otelcol/tls/halden.crt": f"{tls}/ca.crt",
            "hostname: otel-gateway-collector-headless.monitoring": "hostname: 127.0.0.1",
            'port: "4337"': f'port: "{balanced}"',
        },
        "agent": {"otel-gateway-collector.monitoring:4317": f"localhost:{gateway}"},
    }
    both = {"WATCHSPEC_TLS": str(tls), "WATCHSPEC_HMAC_KEY": KEY, "SSL_CERT_FILE": f"{tls}/ca.crt", **AWS}
    addresses = {
        "gateway": {"WATCHSPEC_GRPC": f"127.0.0.1:{gateway}", "WATCHSPEC_BALANCED": f"127.0.0.1:{balanced}"},
        "agent": {"WATCHSPEC_GRPC": f"127.0.0.1:{agent}", "WATCHSPEC_HTTP": f"127.0.0.1:{http}"},
    }
    for tier, change in changes.items():
        file = folder / f"{tier}.yaml"
        file.write_text(moved((ENVIRONMENT / f"collector/{tier}.yaml").read_text(), change))
        running = start_collector(binary, file, {**both, **addresses[tier]}, folder / tier)
        stack.callback(running.stop)
        assert eventually(running.ready), running.log.read_text()
    return agent


@pytest.fixture(scope="module")
def world(tools: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("production")
    tls = certificates(folder / "tls", "otel-gateway-collector.monitoring")
    with ExitStack() as stack:
        found = stack.enter_context(backend(tls, certificate=False))
        prometheus = start_prometheus(stack, tools["prometheus"], folder / "prometheus", tls)
        agent = start_collectors(stack, tools["otelcol"], folder, tls, prometheus.port, found.port)
        made = World(folder, tls, prometheus, found, agent)
        replicas = [(model, replica) for model in MANIFESTS for replica in made.serve(model)]
        for _, replica in replicas:
            stack.callback(replica.kill)
        for model, replica in replicas:
            assert replica.wait(60) == 0, (folder / f"{model}.log").read_text()
        yield made


def test_every_declared_metric_arrives_under_the_names_of_its_manifest(world: World) -> None:
    declared = {
        name
        for manifest in MANIFESTS.values()
        for metric in manifest["metrics"].values()
        for name in metric["prometheus"]["prometheus-3"]
    }
    assert eventually(lambda: declared <= world.prometheus.names()), declared - world.prometheus.names()
    arrived = {name for name in world.prometheus.names() if name.startswith(("ml_", "gen_ai_"))}
    print(f"{len(declared)} names are declared, {len(arrived)} arrived")
    assert arrived == declared


@pytest.mark.parametrize("model", MANIFESTS)
def test_series_have_the_labels_that_are_declared_and_no_other(world: World, model: str) -> None:
    manifest = MANIFESTS[model]
    about = {name.replace(".", "_") for name in manifest["attributes"]}
    for metric in manifest["metrics"].values():
        declared = {attribute["label"] for attribute in metric.get("attributes", {}).values()}
        for name in metric["prometheus"]["prometheus-3"]:
            series = [each for each in world.prometheus.series(name) if each["model_name"] == model]
            more = {"__name__", "le"} if name.endswith("_bucket") else {"__name__"}
            assert series
            assert {label for each in series for label in each} == {*IDENTITY, *about, *declared, *more}
            assert {each["tenant_id"] for each in series} == {manifest["model"]["tenant"]}
            assert {each["deployment_environment_name"] for each in series} == {"production"}


@pytest.mark.parametrize("model", MANIFESTS)
def test_there_are_as_many_series_as_the_manifest_says(world: World, model: str) -> None:
    found = {}
    for key, metric in MANIFESTS[model]["metrics"].items():
        series = [
            each
            for name in metric["prometheus"]["prometheus-3"]
            for each in world.prometheus.series(name)
            if each["model_name"] == model and each.get("ml_reason") != MASKED_REASON
        ]
        replicas = {each["instance"] for each in series}
        found[key] = len(series) / len(replicas)
    declared = {key: metric["series"] for key, metric in MANIFESTS[model]["metrics"].items()}
    assert found == declared


def test_rules_read_no_name_that_nothing_sends_or_records(world: World) -> None:
    recorded = {rule["name"] for rule in world.prometheus.rules() if rule["type"] == "recording"}
    queries = [promql.parse(rule["query"])[0] for rule in world.prometheus.rules()]
    nodes = chain.from_iterable(promql.walk(query) for query in queries if query)
    read = {node.name for node in nodes if isinstance(node, promql.VectorSelector)}
    own = {name for name in read if name and name.startswith("otelcol_")}
    sent = read - recorded - own - {None, "ALERTS", "ALERTS_FOR_STATE", "up"}
    print(f"rules read {len(read)} names: {len(read & recorded)} recorded, {len(own)} of the Collectors themselves")
    # What is scraped comes a few seconds after what is pushed.
    assert eventually(lambda: sent <= world.prometheus.names(), 30), sent - world.prometheus.names()


def test_all_rules_are_evaluated_without_an_error_or_a_warning(world: World) -> None:
    def evaluated() -> bool:
        return all(rule["health"] != "unknown" for rule in world.prometheus.rules())

    assert eventually(evaluated, 30)
    assert eventually(lambda: world.prometheus.ask("query", query="slo:sli_error:ratio_rate5m")["result"])
    rules = world.prometheus.rules()
    groups = {(rule["file"], rule["group"]) for rule in rules}
    states = [rule["state"] for rule in rules if rule["type"] == "alerting"]
    print(
        f"{len(rules)} rules of {len(groups)} groups evaluated;", {state: states.count(state) for state in set(states)}
    )
    assert {Path(file).name for file, _ in groups} == {f"{name}.rules.yaml" for name in (*MANIFESTS, "fleet")}
    bad = [
        (rule["group"], rule["name"], rule["lastError"])
        for rule in rules
        if rule["health"] != "ok" or rule.get("lastError")
    ]
    assert not bad
    warned = [line for line in world.prometheus.log().splitlines() if re.search(r"level=(ERROR|WARN)", line)]
    assert not [line for line in warned if not re.search(OF_A_BUSY_MACHINE, line)]


def test_traces_and_logs_reach_the_backend_of_their_tenant_without_what_is_not_declared(world: World) -> None:
    services = {
        tenant: {each["resource"]["service.name"] for each in MANIFESTS.values() if each["model"]["tenant"] == tenant}
        for tenant in BACKENDS
    }
    for tenant, suffixes in BACKENDS.items():
        for suffix, prefix in suffixes.items():
            arrived = world.wait_for(prefix, suffix, services[tenant])
            assert set(arrived) == services[tenant]
            for each in arrived.values():
                assert said(each)["request.id"] == MASKED
                assert not set(said(each)) & set(UNDECLARED)


def test_undeclared_attributes_and_addresses_are_in_nothing_that_arrives(world: World) -> None:
    sent = 2 * REPLICAS * len(MANIFESTS)  # a span and a log record each

    def everything_came() -> bool:
        return b"".join(world.backend.raw).count(b"request.id") == sent

    assert eventually(everything_came, 30)
    everything = b"".join(world.backend.raw)
    series = repr(world.prometheus.series('{__name__=~".+"}'))
    assert f"'ml_reason': '{MASKED_REASON}'" in series
    for secret in (*UNDECLARED, *(key.replace(".", "_") for key in UNDECLARED), *UNDECLARED.values(), MAIL):
        assert secret.encode() not in everything
        assert secret not in series
    print(f"searched {len(everything)} bytes of traces and logs, {len(series)} of series")


def test_alerts_are_written_out_without_an_error(world: World) -> None:
    assert eventually(lambda: world.prometheus.ask("alerts")["alerts"], 30)
    alerts = world.prometheus.ask("alerts")["alerts"]
    print(sorted({f"{each['labels']['alertname']} {each['state']}" for each in alerts}))
    for each in alerts:
        assert "<error" not in repr(each["annotations"])
        assert "<no value>" not in repr(each["annotations"])
        assert each["labels"]["environment"] == "production"


def test_the_scrape_configuration_keeps_what_rules_read_and_drops_the_rest(world: World) -> None:
    targets = world.prometheus.ask("targets")["activeTargets"]
    print({target["scrapePool"]: (target["health"], target["lastError"]) for target in targets})
    assert {target["scrapePool"]: target["health"] for target in targets} == dict.fromkeys(
        ("cadvisor", "dcgm-exporter", "kube-state-metrics"), "up"
    )
    assert "nobody_reads_this" not in world.prometheus.names()
    assert world.prometheus.ask("query", query="model:memory_utilization:max")["result"]


def test_the_collectors_report_about_themselves(world: World) -> None:
    def own() -> set[str]:
        return {each["job"] for each in world.prometheus.series("otelcol_process_uptime_seconds_total")}

    assert eventually(lambda: own() == {"watchspec/otelcol-agent", "watchspec/otelcol-gateway"}, 30), own()
