"""ServiceMonitors for what other systems emit and rules read. Models are not scraped: they push by OTLP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import Plan, Scrape
from generators.targets.files import yaml_file
from generators.targets.kubernetes.access import PROMETHEUS
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.object_names import label_value, object_name
from generators.targets.target import Target

PORT = "https-metrics"
"""Name that the port of a scraped Service must have."""

CERTIFICATE = "watchspec-scrape-ca"
"""Secret with the certificate of those who sign for scraped services, under ``ca.crt``."""

POD = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where every pod has the token of its account and the certificate of the cluster; both are renewed in place."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<source>.servicemonitor.yaml`` for each source of external series."""
    files = (plan.catalog.platform.position.file,)
    for environment in clusters(plan):
        for scrape in plan.scrapes:
            path = f"{folder(environment)}/{object_name(scrape.source)}.servicemonitor.yaml"
            yield yaml_file(path, _what(scrape), files, _monitor(scrape))


def _what(scrape: Scrape) -> str:
    if scrape.kubelet_path:
        return (
            f"What rules read of {scrape.source}, which is part of the kubelet of every node. Prometheus shows the "
            f"token of its account, {PROMETHEUS}; certificates of kubelets have to be signed by the cluster."
        )
    return (
        f"What rules read of {scrape.source}. Its Service is found by the label app.kubernetes.io/name, and scraped by "
        f"TLS 1.3 on the port called {PORT}; the Secret {CERTIFICATE} in {NAMESPACE} holds the certificate."
    )


def _monitor(scrape: Scrape) -> dict[str, object]:
    service = "kubelet" if scrape.kubelet_path else scrape.source
    authority: Mapping[str, object] = (
        {"caFile": f"{POD}/ca.crt"}
        if scrape.kubelet_path
        else {"ca": {"secret": {"name": CERTIFICATE, "key": "ca.crt"}}}
    )
    endpoint = {
        "port": PORT,
        "scheme": "https",
        "path": scrape.kubelet_path or "/metrics",
        **({"bearerTokenFile": f"{POD}/token"} if scrape.kubelet_path else {}),
        "honorLabels": True,
        "tlsConfig": {**authority, "minVersion": "TLS13"},
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
