"""Rendered configurations in the real Collector: they are valid, and do on loopback what they promise.

The Collector is found in the folder WATCHSPEC_TOOLS, or on the path; `tools/verify` builds it from our manifest.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from collector_sender import MAIL, SECRETS
from collector_world import (
    KEY,
    MODELS,
    Backend,
    Running,
    backend,
    certificates,
    compiled,
    eventually,
    free_ports,
    minimal,
    texts,
)
from collector_world import start as start_collector

from generators.language.sources import read_specs
from generators.pipeline import compile_artifacts
from otel.names import InstrumentKind, series_names

pytestmark = pytest.mark.oracle

HERE = Path(__file__).parent
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def binary() -> Path:
    folder = os.environ.get("WATCHSPEC_TOOLS", "")
    found = shutil.which("otelcol", path=folder) if folder else shutil.which("otelcol")
    if found is None:
        pytest.skip("otelcol is not installed; tools/verify builds it, or set WATCHSPEC_TOOLS to its folder")
    return Path(found)


def validate(binary: Path, configuration: Path, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {**minimal(), **CREDENTIALS, **more}
    command = [binary, "validate", "--config", configuration]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)


def test_the_collector_finds_all_our_configurations_valid(binary: Path, tmp_path: Path) -> None:
    result = compile_artifacts(read_specs(HERE.parents[1] / "specs"))
    found = {path: text for path, text in texts(result).items() if path.endswith(("/agent.yaml", "/gateway.yaml"))}
    assert len(found) >= 4
    for path, text in found.items():
        file = tmp_path / path.replace("/", "-")
        file.write_text(text)
        checked = validate(binary, file, WATCHSPEC_HMAC_KEY=KEY)
        assert checked.returncode == 0, (path, checked.stderr)


@pytest.mark.parametrize("key", [{}, {"WATCHSPEC_HMAC_KEY": "short"}])
def test_an_agent_without_a_good_key_does_not_start(binary: Path, tmp_path: Path, key: dict[str, str]) -> None:
    file = tmp_path / "agent.yaml"
    file.write_text(texts(compiled())["production/collector/agent.yaml"])
    checked = validate(binary, file, **key)
    assert checked.returncode != 0
    assert "hmac_key" in checked.stderr


@dataclass
class World:
    """An agent, a gateway and a backend, and how to start them again."""

    binary: Path
    folder: Path
    tls: Path
    backend: Backend
    agent_port: int
    settings: dict[str, dict[str, str]]
    running: dict[str, Running]

    def start(self, tier: str) -> None:
        configuration = self.folder / f"{tier}.yaml"
        self.running[tier] = start_collector(self.binary, configuration, self.settings[tier], self.folder / tier)
        assert eventually(self.running[tier].ready), self.running[tier].log.read_text()

    def gateway(self, name: str, changes: dict[str, str], port: int, balanced: int) -> None:
        """Start one more gateway, with changes to its configuration, on ports of its own."""
        text = (self.folder / "gateway.yaml").read_text()
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / f"{name}.yaml").write_text(text)
        ports = {"WATCHSPEC_GRPC": f"127.0.0.1:{port}", "WATCHSPEC_BALANCED": f"127.0.0.1:{balanced}"}
        self.settings[name] = {**self.settings["gateway"], **ports}
        self.start(name)

    @property
    def peer(self) -> str:
        """Where the gateway sends balanced traces: to itself."""
        return self.settings["gateway"]["WATCHSPEC_BALANCED"].replace("127.0.0.1", "localhost")

    @property
    def gateway_port(self) -> int:
        """Where agents reach the gateway."""
        return int(self.settings["gateway"]["WATCHSPEC_GRPC"].rpartition(":")[2])

    def send(self, what: str, model: str, port: int = 0) -> None:
        """Run a service with the rendered settings of its SDK; certificates and port are those of the test."""
        lines = (self.folder / f"{model}.env").read_text().splitlines()
        stated = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        variables = {
            **minimal(),
            **stated,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://localhost:{port or self.agent_port}",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": str(self.tls / "ca.crt"),
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": str(self.tls / "tls.crt"),
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": str(self.tls / "tls.key"),
        }
        command = [sys.executable, HERE / "collector_sender.py", what]
        subprocess.run(command, env=variables, check=True, timeout=30, capture_output=True)

    def spans(self, prefix: str) -> list[Any]:
        return [
            (group.resource, span)
            for message in self.backend.at(prefix, "/v1/traces")
            for group in message.resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]

    def metrics(self) -> list[Any]:
        return [
            (group.resource, metric)
            for message in self.backend.at("prometheus", "/v1/metrics")
            for group in message.resource_metrics
            for scope in group.scope_metrics
            for metric in scope.metrics
        ]

    def logs(self) -> list[Any]:
        return [
            (group.resource, record)
            for message in self.backend.at("loki", "/v1/logs")
            for group in message.resource_logs
            for scope in group.scope_logs
            for record in scope.log_records
        ]

    def total(self, name: str, **wanted: str) -> float:
        """The highest value of a counter, summed over its series."""
        best: dict[str, float] = {}
        for _, metric in self.metrics():
            for point in metric.sum.data_points if metric.name == name else ():
                labels = {each.key: each.value.string_value for each in point.attributes}
                if wanted.items() <= labels.items():
                    value = point.as_int or point.as_double
                    best[str(sorted(labels.items()))] = max(best.get(str(sorted(labels.items())), 0), value)
        return sum(best.values())


@pytest.fixture(scope="module")
def world(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("collector")
    tls = certificates(folder / "tls")
    with backend(tls) as found:
        agent, http, gateway, balanced = free_ports(4)
        store = f"ca: {tls}/ca.crt, client_certificate: true"
        url = f"https://localhost:{found.port}"
        result = compiled(f"""
    agent: {{endpoint: "https://localhost:{agent}", client_certificates: true}}
    gateway: {{address: "localhost:{gateway}", peers: ["localhost:{balanced}"]}}
    backends:
      prometheus: {{kind: prometheus, endpoint: "{url}/prometheus", {store}}}
      tempo: {{kind: tempo, endpoint: "{url}/tempo", {store}}}
      wine: {{kind: otlp, endpoint: "{url}/wine", {store}}}
      loki: {{kind: loki, endpoint: "{url}/loki", {store}}}
    default: {{metrics: prometheus, traces: tempo, logs: loki}}
    tenants: {{wine: {{traces: wine}}}}
    sampling: {{keep: 0%, wait: 2s}}
    derive: {{wine/demand: {{spans: forecast, events: true}}}}
""")
        rendered = texts(result)
        assert rendered, result.problems
        for tier in ("agent", "gateway"):
            (folder / f"{tier}.yaml").write_text(rendered[f"production/collector/{tier}.yaml"])
        for tenant, model in (("health", "screening"), ("wine", "demand")):
            (folder / f"{model}.env").write_text(rendered[f"production/sdk/{tenant}/{model}.env"])
        both = {"WATCHSPEC_TLS": str(tls)}
        settings = {
            "agent": {
                **both,
                "WATCHSPEC_HMAC_KEY": KEY,
                "WATCHSPEC_GRPC": f"127.0.0.1:{agent}",
                "WATCHSPEC_HTTP": f"127.0.0.1:{http}",
            },
            "gateway": {
                **both,
                "WATCHSPEC_GRPC": f"127.0.0.1:{gateway}",
                "WATCHSPEC_BALANCED": f"127.0.0.1:{balanced}",
            },
        }
        made = World(binary, folder, tls, found, agent, settings, {})
        try:
            made.start("gateway")
            made.start("agent")
            made.send("screening", "screening")
            made.send("demand", "demand")
            yield made
        finally:
            for each in made.running.values():
                each.stop()


def attributes(owner: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value") or "string_value") for each in owner.attributes
    }


def test_errors_slow_unsure_and_fallback_predictions_are_kept_and_nothing_else(world: World) -> None:
    assert eventually(lambda: len(world.spans("tempo")) >= 4)
    found = [span for _, span in world.spans("tempo")]
    kinds = sorted(attributes(span)["request.id"].partition(" ")[0] for span in found)
    assert kinds == ["error", "fallback", "slow", "unsure"]


def test_undeclared_attributes_and_personal_data_stay_on_the_node(world: World) -> None:
    assert eventually(lambda: world.spans("tempo") and len(world.logs()) >= 5 and world.metrics())
    everything = b"".join(world.backend.raw)
    assert everything
    assert not [secret for secret in SECRETS if secret.encode() in everything]
    for _, span in world.spans("tempo"):
        assert span.name == "predict for ****"
        assert "undeclared" not in attributes(span)
        assert [event.name for event in span.events] == ["called ****"]
    assert all("undeclared" not in attributes(record) for _, record in world.logs())


def test_logged_features_and_words_pass_for_the_model_whose_spec_names_them(world: World) -> None:
    def predictions() -> dict[str, Any]:
        logged = (each for _, each in world.logs() if "prediction.id" in names(each))
        return {attributes(each)["model.name"]: each for each in logged}

    assert eventually(lambda: len(predictions()) == 2)
    found = predictions()
    (features,) = (each.value.kvlist_value for each in found["screening"].attributes if each.key.endswith("features"))
    assert {each.key: each.value.double_value or each.value.string_value for each in features.values} == {
        "mean_radius": 14.012345678901234,
        "note": "call ****",
    }
    assert "prediction.features" not in names(found["demand"])
    assert {attributes(each)["prediction.score"] for each in found.values()} == {0.8012345678901234}
    assert not any("prediction.confidence" in names(each) for each in found.values())
    assert eventually(lambda: world.spans("tempo") and world.spans("wine"))
    assert {attributes(span)["gen_ai.input.messages"] for _, span in world.spans("tempo")} == {"write to ****"}
    assert not any("gen_ai.input.messages" in names(span) for _, span in world.spans("wine"))


def names(owner: Any) -> set[str]:
    return {each.key for each in owner.attributes}


def test_persons_are_the_keyed_hash_that_python_computes(world: World) -> None:
    assert eventually(lambda: world.spans("tempo"))
    expected = hmac.new(KEY.encode(), MAIL.encode(), hashlib.sha256).hexdigest()
    assert {attributes(span)["user.id"] for _, span in world.spans("tempo")} == {expected}


def test_series_that_a_dropped_attribute_told_apart_are_added_up(world: World) -> None:
    assert eventually(lambda: world.total("ml.prediction.count", **{"model.name": "screening"}))
    assert world.total("ml.prediction.count", **{"model.name": "screening"}) == 222


def test_tenants_have_their_own_backends(world: World) -> None:
    assert eventually(lambda: world.spans("wine") and world.spans("tempo"))
    assert {attributes(resource)["tenant.id"] for resource, _ in world.spans("wine")} == {"wine"}
    assert {attributes(resource)["tenant.id"] for resource, _ in world.spans("tempo")} == {"health"}


def test_counters_are_made_of_spans_and_events_of_a_service_without_our_library(world: World) -> None:
    model = {"model.name": "demand"}
    assert eventually(
        lambda: world.total("ml.prediction.rejected", **model) and world.total("ml.prediction.count", **model)
    )
    assert world.total("ml.prediction.count", **model) == 6
    assert world.total("ml.prediction.rejected", **{"ml.reason": "schema", **model}) == 3
    durations = [
        point
        for _, metric in world.metrics()
        if metric.name == "ml.prediction.duration"
        for point in metric.histogram.data_points
    ]
    assert sum(point.count for point in durations) == 7
    resources = [
        attributes(resource) for resource, metric in world.metrics() if metric.name == "ml.prediction.duration"
    ]
    assert all(each["tenant.id"] == "wine" and each["service.name"] == "demand-api" for each in resources)


def test_the_collectors_own_metrics_have_the_names_that_alerts_read(world: World) -> None:
    def own(service: str) -> set[str]:
        return {
            series_names(metric.name, kind(metric), metric.unit)[0]
            for resource, metric in world.metrics()
            if attributes(resource).get("service.name") == service
            and attributes(resource)["deployment.environment.name"] == "production"
        }

    rules = yaml.safe_load(texts(compiled())["production/prometheus/fleet.rules.yaml"])
    (group,) = (each for each in rules["groups"] if each["name"] == "collector-health")
    read = {name for rule in group["rules"] for name in re.findall(r"otelcol_\w+", rule["expr"])}
    present = {"otelcol_process_uptime_seconds_total", "otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity"}
    assert present < read
    assert eventually(lambda: own("otelcol-gateway") >= present and own("otelcol-agent") >= present, 30)


def kind(metric: Any) -> InstrumentKind:
    return InstrumentKind.COUNTER if metric.sum.is_monotonic else InstrumentKind.GAUGE


def test_an_older_tls_and_a_stranger_are_refused(world: World) -> None:
    port = world.agent_port
    for old, with_certificate in ((True, True), (False, False)):
        context = ssl.create_default_context(cafile=world.tls / "ca.crt")
        if old:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if with_certificate:
            context.load_cert_chain(world.tls / "tls.crt", world.tls / "tls.key")
        with pytest.raises((ssl.SSLError, ConnectionError)):  # noqa: PT012 - the refusal may come with the first answer
            plain = socket.create_connection(("127.0.0.1", port), timeout=5)
            with plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                if not secure.recv(100):
                    raise ConnectionError


def test_nothing_is_lost_while_the_gateway_is_away_and_the_agent_crashes(world: World) -> None:
    before = len([metric for _, metric in world.metrics() if metric.name == "ml.prediction.count"])
    world.running["gateway"].stop()
    world.send("counters", "screening")
    world.running["agent"].stop(kill=True)
    world.start("gateway")
    world.start("agent")
    assert eventually(
        lambda: len([metric for _, metric in world.metrics() if metric.name == "ml.prediction.count"]) > before
    )


def test_traces_wait_on_disk_until_a_gateway_has_their_place(world: World) -> None:
    port, own, other, balanced = free_ports(4)
    gone = {world.peer: f"localhost:{balanced}"}
    world.gateway("front", gone, port, own)
    assert eventually(lambda: len(world.spans("tempo")) >= 4)
    before = len(world.spans("tempo"))
    world.send("screening", "screening", port)
    world.running["front"].stop(kill=True)
    world.start("front")
    assert len(world.spans("tempo")) == before
    world.gateway("successor", gone, other, balanced)
    assert eventually(lambda: len(world.spans("tempo")) >= before + 2, 60)


def test_a_slow_prediction_is_kept_though_a_step_of_it_was_sent_long_before(world: World) -> None:
    models = MODELS.replace("below: 300ms", "below: 1s")
    computed = yaml.safe_load(texts(compiled(all=models))["production/collector/gateway.yaml"])
    wait = computed["processors"]["tail_sampling"]["decision_wait"]
    (balanced,) = free_ports(1)
    changes = {"decision_wait: 2s": f"decision_wait: {wait}", " > 300000000 and": " > 1000000000 and"}
    changes |= {world.peer: f"localhost:{balanced}"}
    world.running["gateway"].stop()
    world.gateway("patient", changes, world.gateway_port, balanced)
    try:
        world.send("late", "screening")
        wanted = {"early step", "slow prediction"}
        assert eventually(lambda: wanted <= {span.name for _, span in world.spans("tempo")}, 30)
    finally:
        world.running["patient"].stop()
        world.start("gateway")


def test_metrics_without_points_go_no_further_than_the_agent(world: World) -> None:
    world.send("empty", "screening")
    assert eventually(lambda: world.total("ml.prediction.count") >= 4711)
    assert not {"no.points", "no.kind"} & {metric.name for _, metric in world.metrics()}


def test_metadata_of_metrics_stays_on_the_node(world: World) -> None:
    world.send("empty", "screening")
    assert eventually(lambda: world.total("ml.prediction.count") >= 4711)
    world.send("counters", "screening")
    assert eventually(lambda: world.total("ml.prediction.count", **{"model.name": "screening"}) >= 222)
    assert not [metric.name for _, metric in world.metrics() if metric.metadata]


def broken(data: bytes) -> bytes:
    """A file of bbolt whose only bucket refers to the page that refers to it, as where a page was written too late.

    Its first two pages of 4 KiB are metas, of which the one with the later transaction holds.
    """
    metas = [data[start : start + 72] for start in (0, 4096)]
    meta = max(metas, key=lambda each: int.from_bytes(each[64:72], "little"))
    root = meta[32:40]
    value = data.index(b"default", int.from_bytes(root, "little") * 4096) + len("default")
    return data[:value] + root + data[value + 8 :]


@pytest.mark.parametrize("recreate", [True, False])
def test_a_store_that_a_power_loss_broke_is_set_aside(world: World, recreate: bool) -> None:
    world.running["agent"].stop()
    (store, *_) = sorted((world.folder / "agent/state").glob("exporter_*_metrics*"))
    data = store.read_bytes()
    agent = world.folder / "agent.yaml"
    text = agent.read_text()
    try:
        store.write_bytes(broken(data))
        if recreate:
            world.start("agent")
            assert list(store.parent.glob(f"{store.name}.*.backup"))
        else:
            agent.write_text(text.replace("recreate: true", "recreate: false"))
            with pytest.raises(AssertionError, match="panic"):
                world.start("agent")
    finally:
        agent.write_text(text)
        if not recreate:
            store.write_bytes(data)
            world.start("agent")


def test_the_rendered_manifest_is_what_the_binary_was_made_of(binary: Path) -> None:
    result = compile_artifacts(read_specs(HERE.parents[1] / "specs"))
    manifest = yaml.safe_load(texts(result)["collector/manifest.yaml"])
    listed = subprocess.run([binary, "components"], capture_output=True, text=True, timeout=60, check=True).stdout
    built = {line.strip().removeprefix("module: ") for line in listed.splitlines() if "module:" in line}
    wanted = {each["gomod"] for kind in ("receivers", "processors", "exporters") for each in manifest[kind]}
    assert wanted <= built
