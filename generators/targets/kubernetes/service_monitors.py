"""ServiceMonitors for what other systems emit and rules read. Models are not scraped: they push by OTLP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import Plan, Scrape
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.object_names import label_value, object_name
from generators.targets.target import Target

PORT = "https-metrics"
"""Name that the port of a scraped Service must have."""

CERTIFICATE = "watchspec-scrape-ca"
"""Secret with the certificate of those who sign for scraped services, under ``ca.crt``."""

KUBELET: Mapping[str, tuple[str, str]] = {"cadvisor": ("kubelet", "/metrics/cadvisor")}
"""Sources that are part of another service: its name, and the path there."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<source>.servicemonitor.yaml`` for each source of external series."""
    files = (plan.catalog.platform.position.file,)
    for environment in clusters(plan):
        for scrape in plan.scrapes:
            what = (
                f"What rules read of {scrape.source}. Its Service is found by the label app.kubernetes.io/name, and "
                f"scraped by TLS 1.3 on the port called {PORT}; the Secret {CERTIFICATE} in {NAMESPACE} holds the "
                "certificate."
            )
            path = f"{folder(environment)}/{object_name(scrape.source)}.servicemonitor.yaml"
            yield yaml_file(path, what, files, _monitor(scrape))


def _monitor(scrape: Scrape) -> dict[str, object]:
    service, path = KUBELET.get(scrape.source.lower(), (scrape.source, "/metrics"))
    endpoint = {
        "port": PORT,
        "scheme": "https",
        "path": path,
        "honorLabels": True,
        "tlsConfig": {"ca": {"secret": {"name": CERTIFICATE, "key": "ca.crt"}}, "minVersion": "TLS13"},
        "metricRelabelings": [{"sourceLabels": ["__name__"], "regex": "|".join(scrape.series), "action": "keep"}],
    }
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": metadata(f"watchspec-{scrape.source}", NAMESPACE, labels(name=scrape.source, component="scrape")),
        "spec": {
            "jobLabel": "app.kubernetes.io/name",
            "namespaceSelector": {"any": True},
            "selector": {"matchLabels": {"app.kubernetes.io/name": label_value(service)}},
            "endpoints": [endpoint],
        },
    }


TARGET: Final = Target("kubernetes/service_monitors", of_plan=emit)
