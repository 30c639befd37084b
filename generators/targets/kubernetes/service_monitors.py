"""ServiceMonitors for what other systems emit and rules read. Models are not scraped: they push by OTLP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_yaml
from generators.language.catalog import Platform
from generators.planning.plan import Plan
from generators.targets.header import head
from generators.targets.kubernetes.names import label_value, object_name
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.target import Target

PORT = "https-metrics"
"""Name that the port of a scraped Service must have."""

CERTIFICATE = "watchspec-scrape-ca"
"""Secret with the certificate of those who sign for scraped services, under ``ca.crt``."""

KUBELET: Mapping[str, tuple[str, str]] = {"cadvisor": ("kubelet", "/metrics/cadvisor")}
"""Sources that are part of another service: its name, and the path there."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<source>.servicemonitor.yaml`` for each source of external series."""
    platform = plan.catalog.platform
    files = (platform.position.file,)
    for environment in clusters(plan):
        for source, names in _sources(platform).items():
            what = (
                f"What rules read of {source}. Its Service is found by the label app.kubernetes.io/name, and scraped "
                f"by TLS 1.3 on the port called {PORT}; the Secret {CERTIFICATE} in {NAMESPACE} holds the certificate."
            )
            path = f"{folder(environment)}/{object_name(source)}.servicemonitor.yaml"
            yield Artifact(path, format_yaml(_monitor(source, names), head(what, files)), files)


def _sources(platform: Platform) -> dict[str, list[str]]:
    """Return the series of each source; a histogram is three."""
    found: dict[str, list[str]] = {}
    for name, metric in sorted(platform.external.items()):
        parts = ("_bucket", "_count", "_sum") if metric.type == "histogram" else ("",)
        found.setdefault(metric.source, []).extend(f"{name}{part}" for part in parts)
    return dict(sorted(found.items()))


def _monitor(source: str, names: Sequence[str]) -> dict[str, object]:
    service, path = KUBELET.get(source.lower(), (source, "/metrics"))
    endpoint = {
        "port": PORT,
        "scheme": "https",
        "path": path,
        "honorLabels": True,
        "tlsConfig": {"ca": {"secret": {"name": CERTIFICATE, "key": "ca.crt"}}, "minVersion": "TLS13"},
        "metricRelabelings": [{"sourceLabels": ["__name__"], "regex": "|".join(names), "action": "keep"}],
    }
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": metadata(f"watchspec-{source}", NAMESPACE, labels(name=source, component="scrape")),
        "spec": {
            "jobLabel": "app.kubernetes.io/name",
            "namespaceSelector": {"any": True},
            "selector": {"matchLabels": {"app.kubernetes.io/name": label_value(service)}},
            "endpoints": [endpoint],
        },
    }


TARGET: Final = Target("kubernetes/service_monitors", of_plan=emit)
