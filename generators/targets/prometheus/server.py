"""What a Prometheus server must be told so that series have the names and labels that rules read.

The server translates names, promotes resource attributes to labels, takes late samples, and, by TLS 1.3, scrapes what
other systems emit and specs declare as external, and sends alerts. Where these systems are stands in files that are not
ours, and paths begin where the configuration lies. What else it needs, such as storage, is its owner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.characters import one_line
from generators.formats.durations import format_duration
from generators.formats.yaml_printer import Commented
from generators.language.catalog import Platform
from generators.planning.names import STRATEGIES
from generators.planning.plan import EnvironmentPlan, Plan, Scrape
from generators.targets.files import yaml_file
from generators.targets.object_names import object_name
from generators.targets.target import Target
from otel.semconv import DEPLOYMENT_ENVIRONMENT_NAME, TENANT_ID

PROMOTED = (DEPLOYMENT_ENVIRONMENT_NAME, TENANT_ID)
"""Resource attributes that are labels of every series: without them tenants would share series."""

TLS = {"ca_file": "tls/ca.crt", "min_version": "TLS13"}
"""How it talks to others."""

CLUSTER_TLS = {"ca_file": "tls/kubernetes.crt", "min_version": "TLS13"}
TOKEN = {"type": "Bearer", "credentials_file": "tokens/kubernetes"}
"""How it talks to kubelets, who answer only whom the cluster knows and allows `nodes/metrics`."""

LATE = "30m"
"""How late samples may come: the queues of the Collectors bring them after an outage of a backend."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/prometheus/prometheus.yaml``, or ``…/mimir.yaml`` where names are Mimir's."""
    platform = plan.catalog.platform
    for each in plan.environments:
        environment = each.environment
        sources = tuple(sorted({platform.position.file, environment.position.file}))
        folder = f"{environment.name}/prometheus"
        if platform.translation == "mimir":
            what = f"What Mimir must be told in {environment.name}: limits that names and labels depend on."
            yield yaml_file(f"{folder}/mimir.yaml", what, sources, _mimir())
        else:
            what = (
                f"What Prometheus must be told in {environment.name}: names and labels of our series depend on it. "
                "Start it with --web.enable-otlp-receiver; targets stand in files, written by whatever finds them."
            )
            document = _prometheus(each, platform, plan.scrapes)
            yield yaml_file(f"{folder}/prometheus.yaml", what, sources, document)


def _mimir() -> dict[str, object]:
    return {
        "limits": {
            "otel_metric_suffixes_enabled": STRATEGIES["mimir"].adds_suffixes,
            "promote_otel_resource_attributes": ",".join(PROMOTED),
            "out_of_order_time_window": LATE,
        }
    }


def _prometheus(plan: EnvironmentPlan, platform: Platform, scrapes: Iterable[Scrape]) -> dict[str, object]:
    environment, tenants = plan.environment, sorted({model.tenant for model in plan.models})
    server: dict[str, object] = {"evaluation_interval": format_duration(environment.evaluation_interval_ms)}
    if environment.external_labels:
        server["external_labels"] = dict(sorted(environment.external_labels.items()))
    document: dict[str, object] = {
        "global": server,
        "rule_files": ["fleet.rules.yaml", *(f"{tenant}/*.rules.yaml" for tenant in tenants)],
        "alerting": {"alertmanagers": [_alertmanagers()]},
        "otlp": Commented("How OpenTelemetry names become Prometheus names.", _otlp(platform)),
        "storage": {"tsdb": {"out_of_order_time_window": LATE}},
    }
    if jobs := list(_scrapes(scrapes, in_cluster=environment.orchestrator == "kubernetes")):
        document["scrape_configs"] = jobs
    return document


def _alertmanagers() -> dict[str, object]:
    return {"scheme": "https", "tls_config": TLS, "file_sd_configs": [{"files": ["targets/alertmanager.yaml"]}]}


def _otlp(platform: Platform) -> dict[str, object]:
    """Return the block; a server of version 2 knows one strategy and no key for it."""
    promoted: dict[str, object] = {"promote_resource_attributes": list(PROMOTED)}
    if platform.prometheus_version == "2":
        return promoted
    return {"translation_strategy": STRATEGIES[platform.translation].value, **promoted}


def _scrapes(scrapes: Iterable[Scrape], *, in_cluster: bool) -> Iterator[object]:
    for scrape in scrapes:
        job, names = object_name(scrape.source), "|".join(scrape.series)
        kubelet = {"metrics_path": scrape.kubelet_path, "authorization": TOKEN, "tls_config": CLUSTER_TLS}
        fields = {
            "job_name": job,
            "scheme": "https",
            "honor_labels": True,
            **(kubelet if in_cluster and scrape.kubelet_path else {"tls_config": TLS}),
            "file_sd_configs": [{"files": [f"targets/{job}.yaml"]}],
            "metric_relabel_configs": [{"source_labels": ["__name__"], "regex": names, "action": "keep"}],
        }
        yield Commented(f"What rules read of {one_line(scrape.source)}.", fields)


TARGET: Final = Target("prometheus/server", of_plan=emit)
