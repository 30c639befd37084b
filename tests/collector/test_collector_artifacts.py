"""What else follows from the section: server and SDK settings, retention, the distribution, Kubernetes resources."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

import committed
import pytest
import yaml
from collector_world import COLLECTOR, PLATFORM, ROOT, compiled, texts

from generators.formats.durations import parse_go_duration
from generators.planning.names import IDENTITY
from otel.names import label_name

SECOND = 10**9
MIMIR = PLATFORM + "  telemetry: {translation: mimir}\n"


@cache
def ours() -> dict[str, str]:
    return committed.texts()


def document(path: str) -> Any:
    return yaml.safe_load(ours()[path])


def variables(path: str) -> dict[str, str]:
    lines = ours()[path].splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_what_prometheus_promotes_are_the_labels_that_no_series_carries_itself() -> None:
    server = document("production/prometheus/prometheus.yaml")
    promoted = {label_name(each) for each in server["otlp"]["promote_resource_attributes"]}
    assert promoted == set(IDENTITY) - {"model_name"}
    assert server["storage"]["tsdb"]["out_of_order_time_window"] == "30m"
    assert server["global"]["external_labels"] == {"cluster": "production-eu-1"}


def test_rule_files_are_found_from_where_the_server_stands() -> None:
    server = document("production/prometheus/prometheus.yaml")
    assert server["rule_files"] == ["fleet.rules.yaml", "health/*.rules.yaml", "wine/*.rules.yaml"]


def test_nothing_is_scraped_in_plain_text_and_only_what_rules_may_read() -> None:
    server = document("production/prometheus/prometheus.yaml")
    kept = {name for each in server["scrape_configs"] for name in each["metric_relabel_configs"][0]["regex"].split("|")}
    assert kept == set(yaml.safe_load((ROOT / "specs/platform.yaml").read_text())["spec"]["external"])
    assert {each["scheme"] for each in server["scrape_configs"]} == {"https"}
    assert {each["tls_config"]["min_version"] for each in server["scrape_configs"]} == {"TLS13"}


def test_mimir_is_told_the_same_in_its_own_words() -> None:
    found = texts(compiled(platform=MIMIR))
    limits = yaml.safe_load(found["production/prometheus/mimir.yaml"])["limits"]
    assert limits["otel_metric_suffixes_enabled"] is False
    assert limits["promote_otel_resource_attributes"] == "deployment.environment.name,tenant.id"
    assert "production/prometheus/prometheus.yaml" not in found


def test_a_service_is_told_who_it_is_and_what_would_leak_or_split_its_series() -> None:
    found = variables("production/sdk/health/screening.env")
    resource = dict(each.split("=", 1) for each in found["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    assert unquote(resource["service.name"]) == "screening-api"
    assert resource["tenant.id"] == "health"
    assert "service.instance.id" not in resource
    assert found["OTEL_METRICS_EXEMPLAR_FILTER"] == "always_off"
    assert found["OTEL_SEMCONV_STABILITY_OPT_IN"] == "http"
    assert found["OTEL_METRIC_EXPORT_INTERVAL"] == "5000"
    assert found["OTEL_EXPORTER_OTLP_ENDPOINT"].startswith("https://")


def test_certificates_are_shown_where_the_agent_asks_for_them() -> None:
    key = "OTEL_EXPORTER_OTLP_CLIENT_KEY"
    assert key in variables("production/sdk/wine/demand.env")
    assert key not in variables("staging/sdk/wine/demand.env")


def test_backends_are_told_how_long_to_keep_and_index_in_their_own_words() -> None:
    backends = document("production/collector/retention.yaml")["backends"]
    assert backends["loki"]["configuration"]["limits_config"] == {
        "retention_period": "2160h",
        "query_ready_index_num_days": 14,
    }
    assert backends["cloudwatch"]["configuration"] == {"logGroupName": "/halden/wine", "retentionInDays": 90}
    assert [name for name, each in backends.items() if "index" in each] == ["loki"]
    assert backends["tempo"]["configuration"]["compactor"]["compaction"]["block_retention"] == "720h"


def test_the_manifest_has_exactly_the_types_that_configurations_use() -> None:
    manifest = document("collector/manifest.yaml")
    table = yaml.safe_load((ROOT / "generators/library/collector-components.yaml").read_text())
    used: dict[str, set[str]] = {}
    for path in ours():
        if path.endswith(("collector/agent.yaml", "collector/gateway.yaml")):
            for kind, section in document(path).items():
                if kind != "service":
                    used.setdefault(kind, set()).update(name.partition("/")[0] for name in section)
    for kind, types in used.items():
        modules = {each["gomod"].partition(" ")[0].rpartition("/")[2] for each in manifest[kind]}
        assert modules == {table[kind][each]["module"].rpartition("/")[2] for each in types}
    assert "bearertokenauthextension" not in ours()["collector/manifest.yaml"]


def configurations(tier: str) -> dict[str, Any]:
    """The rendered configurations of a tier, of environments and of resources for Kubernetes."""
    files = {path: document(path) for path in ours() if path.endswith(f"/collector/{tier}.yaml")}
    resources = {path: document(path) for path in ours() if path.endswith(f"/otel-{tier}.opentelemetrycollector.yaml")}
    return {**files, **{path: each["spec"]["config"] for path, each in resources.items()}}


@pytest.mark.parametrize("tier", ["agent", "gateway"])
def test_what_waits_anywhere_outlives_a_crash_and_a_broken_file(tier: str) -> None:
    found = configurations(tier)
    assert len(found) >= 5
    for path, each in found.items():
        stores = [settings for name, settings in each["extensions"].items() if name.startswith("file_storage")]
        assert stores, path
        assert all(settings["recreate"] is True for settings in stores), path
        for name, exporter in each["exporters"].items():
            if name == "nop":
                continue
            assert exporter["sending_queue"]["storage"] in each["service"]["extensions"], (path, name)
            assert exporter["retry_on_failure"]["enabled"] is True, (path, name)
            assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s", (path, name)


def test_a_balancer_hands_nothing_to_a_second_queue() -> None:
    balancers = [
        each["exporters"]["load_balancing"]
        for each in configurations("gateway").values()
        if "load_balancing" in each["exporters"]
    ]
    assert balancers
    for each in balancers:
        assert each["protocol"]["otlp"]["sending_queue"] == {"enabled": False}
        assert each["protocol"]["otlp"]["retry_on_failure"] == {"enabled": False}


def test_traces_are_waited_for_longer_than_any_bound_and_decisions_are_remembered() -> None:
    tried = 0
    for path, each in configurations("gateway").items():
        sampling = each["processors"]["tail_sampling"]
        for size in sampling["decision_cache"].values():
            assert size >= 10 * sampling["num_traces"], path
        slow = next(policy for policy in sampling["policies"] if policy["name"] == "slow")
        for condition in slow["ottl_condition"]["span"]:
            bound = int(condition.partition(" > ")[2].partition(" ")[0])
            assert parse_go_duration(sampling["decision_wait"]) >= bound + 7 * SECOND, (path, condition)
            tried += 1
    assert tried > 5


def test_metrics_without_points_are_dropped_before_anything_else_is_done_with_them() -> None:
    for path, each in configurations("agent").items():
        processors = each["service"]["pipelines"]["metrics"]["processors"]
        assert processors[:2] == ["memory_limiter", "filter/empty"], path


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "ap-south-1"])
def test_requests_to_cloudwatch_fit_in_every_region(region: str) -> None:
    logs = f"kind: cloudwatch-logs, region: {region}, log_group: /org/logs"
    section = COLLECTOR.replace('kind: loki, endpoint: "https://loki.example/otlp"', logs)
    gateway = yaml.safe_load(texts(compiled(section))["production/collector/gateway.yaml"])
    batch = gateway["exporters"]["otlp_http/loki"]["sending_queue"]["batch"]
    assert batch["sizer"] == "bytes"
    assert batch["min_size"] < batch["max_size"] < 1_000_000


def test_a_part_is_listed_once_whatever_it_is_called() -> None:
    base = (ROOT / "collector-config/gateway.yaml").read_text()
    more = base.replace(
        "exporters:\n",
        "exporters:\n  otlphttp/other:\n    endpoint: https://other.example\n    tls: {min_version: '1.3'}\n"
        "    sending_queue: {storage: file_storage, num_consumers: 1}\n",
    ).replace(
        "  pipelines:\n",
        "  pipelines:\n"
        "    logs/other: {receivers: [otlp], processors: [memory_limiter], exporters: [otlphttp/other]}\n",
    )
    manifest = yaml.safe_load(texts(compiled(gateway=more))["collector/manifest.yaml"])
    modules = [each["gomod"] for kind, parts in manifest.items() if kind != "dist" for each in parts]
    assert len(modules) == len(set(modules))


@pytest.mark.parametrize(
    ("versions", "line"),
    [
        ("core: 0.158.0", "go.opentelemetry.io/collector/receiver/otlpreceiver v0.158.0"),
        ("contrib: 0.158.0", "/extension/storage/filestorage v0.158.0"),
        ("components: {tail_sampling: 0.150.0}", "/processor/tailsamplingprocessor v0.150.0"),
        ("providers: 1.64.0", "/confmap/provider/envprovider v1.64.0"),
    ],
)
def test_the_platform_sets_versions(versions: str, line: str) -> None:
    found = texts(compiled(platform=f"{PLATFORM}  collector: {{{versions}}}\n"))["collector/manifest.yaml"]
    assert line in found


def test_the_image_is_built_by_the_builder_of_the_same_version() -> None:
    assert "cmd/builder@v0.157.0" in ours()["collector/Dockerfile"]


def test_a_backend_with_a_token_brings_its_extension_into_the_distribution() -> None:
    section = COLLECTOR.replace(
        'endpoint: "https://tempo.example"', 'endpoint: "https://tempo.example", token_file: /etc/token'
    )
    found = texts(compiled(section))
    gateway = yaml.safe_load(found["production/collector/gateway.yaml"])
    assert gateway["exporters"]["otlp_http/tempo"]["auth"] == {"authenticator": "bearertokenauth/tempo"}
    assert "bearertokenauth/tempo" in gateway["service"]["extensions"]
    assert "bearertokenauthextension" in found["collector/manifest.yaml"]


def test_telemetry_of_no_tenant_has_a_counted_end_where_there_is_no_default() -> None:
    section = COLLECTOR.replace(
        "default: {metrics: prometheus, traces: tempo, logs: loki}", "default: {metrics: prometheus, logs: loki}"
    ).replace(
        "tenants: {wine: {traces: wine-traces}}", "tenants: {wine: {traces: wine-traces}, health: {traces: tempo}}"
    )
    result = compiled(section)
    gateway = yaml.safe_load(texts(result)["production/collector/gateway.yaml"])
    assert gateway["connectors"]["routing/traces"]["default_pipelines"] == ["traces/unmatched"]
    assert gateway["service"]["pipelines"]["traces/unmatched"]["exporters"] == ["nop"]
    assert "nopexporter" in texts(result)["collector/manifest.yaml"]


def test_resources_of_the_operator_have_the_configuration_with_its_defaults_and_no_key() -> None:
    agent = document("production/kubernetes/otel-agent.opentelemetrycollector.yaml")["spec"]
    assert agent["mode"] == "daemonset"
    assert agent["config"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"] == "0.0.0.0:4317"
    assert agent["config"]["processors"]["redaction/pseudonym"]["hmac_key"] == "${env:WATCHSPEC_HMAC_KEY}"
    assert [(each["name"], list(each["valueFrom"])) for each in agent["env"] if "valueFrom" in each] == [
        ("WATCHSPEC_HMAC_KEY", ["secretKeyRef"])
    ]
    gateway = document("production/kubernetes/otel-gateway.opentelemetrycollector.yaml")["spec"]
    assert (gateway["mode"], gateway["replicas"]) == ("statefulset", 2)
    assert gateway["volumeClaimTemplates"][0]["metadata"]["name"] == "state"


@pytest.mark.parametrize("tier", ["agent", "gateway"])
def test_go_collects_garbage_before_the_memory_limiter_refuses_and_in_what_the_container_has(tier: str) -> None:
    spec = document(f"production/kubernetes/otel-{tier}.opentelemetrycollector.yaml")["spec"]
    told = {each["name"]: each["value"] for each in spec["env"] if "value" in each}
    limiter = spec["config"]["processors"]["memory_limiter"]
    assert told == {"GOGC": "300", "GOMEMLIMIT": f"{limiter['limit_mib'] - limiter['spike_limit_mib']}MiB"}
    assert int(told["GOMEMLIMIT"].removesuffix("MiB")) < int(spec["resources"]["limits"]["memory"].removesuffix("Mi"))


@pytest.mark.parametrize(
    ("stated", "image"),
    [
        ("", "otelcol-watchspec:0.157.0"),
        ("image: registry.example:5000/ml/otelcol", "registry.example:5000/ml/otelcol:0.157.0"),
        ("image: registry.example/otelcol:7", "registry.example/otelcol:7"),
        ("image: otelcol@sha256:0123", "otelcol@sha256:0123"),
        ("image: ml/otelcol, core: 0.158.0", "ml/otelcol:0.158.0"),
    ],
)
def test_the_cluster_takes_the_image_from_where_the_platform_says(stated: str, image: str) -> None:
    found = texts(compiled(platform=f"{PLATFORM}  collector: {{{stated}}}\n"))
    for tier in ("agent", "gateway"):
        resource = yaml.safe_load(found[f"production/kubernetes/otel-{tier}.opentelemetrycollector.yaml"])
        assert resource["spec"]["image"] == image


def test_an_agent_names_pods_before_it_strips_and_may_read_them() -> None:
    asked = COLLECTOR.replace("client_certificates: true}\n", "client_certificates: true, kubernetes: true}\n", 1)
    assert asked != COLLECTOR
    found = texts(compiled(asked))
    agent = yaml.safe_load(found["production/collector/agent.yaml"])
    for name in ("metrics", "traces", "logs"):
        steps = agent["service"]["pipelines"][name]["processors"]
        assert steps.index("memory_limiter") < steps.index("k8s_attributes") < steps.index("transform/declared")
    named = set(agent["processors"]["k8s_attributes"]["extract"]["metadata"])
    kept = re.findall(r"keep_keys\(resource.attributes, \[(.*?)\]", found["production/collector/agent.yaml"])
    assert kept
    assert all(f'"{name}"' in keys for name in named for keys in kept)
    assert "k8sattributesprocessor" in found["collector/manifest.yaml"]
    resource = yaml.safe_load(found["production/kubernetes/otel-agent.opentelemetrycollector.yaml"])["spec"]
    variable = agent["processors"]["k8s_attributes"]["filter"]["node_from_env_var"]
    assert {"name": variable, "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}} in resource["env"]
    account, role, binding = yaml.safe_load_all(found["production/kubernetes/otel-agent.clusterrole.yaml"])
    assert resource["serviceAccount"] == account["metadata"]["name"] == binding["subjects"][0]["name"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert "otel-agent.clusterrole.yaml" in found["production/kubernetes/kustomization.yaml"]
    assert not any("clusterrole" in path for path in texts(compiled()))
