"""The containers of the stack: images by version, and the same arguments and ports that its processes have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Final

from generators.planning.collector.plan import Configuration
from generators.planning.plan import ModelPlan

DATA: Final = "../../.stack"
"""What is prepared, and what containers write: a folder beside that of rendered files, which git ignores."""

TLS: Final = f"{DATA}/tls"
MOUNTED_TLS: Final = "/etc/otelcol/tls"
USER: Final = "${WATCHSPEC_USER:-1000:1000}"
NETWORK: Final = "loopback"

PAUSE: Final = "registry.k8s.io/pause:3.10.1"
PROMETHEUS: Final = "prom/prometheus:v3.15.0"
ALERTMANAGER: Final = "prom/alertmanager:v0.34.2"
GRAFANA: Final = "grafana/grafana:12.2.1"
RECORDER: Final = "python:3.13.9-slim"
STORE: Final = "otel/opentelemetry-collector-contrib"
COLLECTOR: Final = "otelcol-watchspec"

ALERTMANAGER_PORT, GRAFANA_PORT, FIRST_SERVICE_PORT, AGENT_HTTP_PORT = 9093, 3000, 8001, 4318
STORE_HEALTH_PORT: Final = 13135
HEALTH_PORTS: Final = {"agent": 13133, "gateway": 13134}
"""Ports that no spec names; services and stores count upwards from theirs."""

UNVERSIONED: Final = "0.0.0"
"""Tag of a service whose spec names no version."""

WRITTEN: Final = {"store": "store.yaml", "webhook": "webhook.py"}
"""Files of the library that containers are given."""

_SERVER: Final = "cert_file: /etc/tls/tls.crt, key_file: /etc/tls/tls.key, min_version: TLS13"
_CLIENTS: Final = "client_ca_file: /etc/tls/ca.crt, client_auth_type: RequireAndVerifyClientCert"
_SOURCE: Final = """\
apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    url: https://localhost:{port}
    isDefault: true
    jsonData: {{tlsAuth: true, tlsAuthWithCACert: true, httpMethod: POST}}
    secureJsonData:
      tlsCACert: $$__file{{/etc/tls/ca.crt}}
      tlsClientCert: $$__file{{/etc/tls/tls.crt}}
      tlsClientKey: $$__file{{/etc/tls/tls.key}}
"""


def configs(prometheus_port: int | None) -> dict[str, object]:
    """Return the small files that containers may be given; Compose reads `$$` as one dollar sign."""
    library = resources.files("generators").joinpath("library/compose")
    written = {name: library.joinpath(file).read_text("utf-8").replace("$", "$$") for name, file in WRITTEN.items()}
    return {
        **{name: {"content": text} for name, text in written.items()},
        "server-web": {"content": f"tls_server_config: {{{_SERVER}}}\n"},
        "mutual-web": {"content": f"tls_server_config: {{{_SERVER}, {_CLIENTS}}}\n"},
        "alertmanager-target": {"content": f'- targets: ["localhost:{ALERTMANAGER_PORT}"]\n'},
        "datasource": {"content": _SOURCE.format(port=prometheus_port)},
    }


def network(ports: Iterable[int]) -> dict[str, object]:
    """Return the container whose network all others use; its ports are those of the machine's loopback."""
    return {"image": PAUSE, "restart": "unless-stopped", "ports": [f"127.0.0.1:{port}:{port}" for port in ports]}


def container(image: str, needs: Sequence[str] = (), **more: object) -> dict[str, object]:
    """Return a container in the shared network."""
    return {
        "image": image,
        "network_mode": f"service:{NETWORK}",
        "restart": "unless-stopped",
        "user": USER,
        "depends_on": [NETWORK, *needs],
        **more,
    }


def store(name: str, port: int, health: int, version: str) -> dict[str, object]:
    """Return a Collector that writes what it is sent into files."""
    return container(
        f"{STORE}:{version}",
        command=["--config", "/etc/store.yaml"],
        environment={
            "STORE_HTTP": f"127.0.0.1:{port}",
            "STORE_HEALTH": f"127.0.0.1:{health}",
            "STORE_TLS": "/etc/tls",
            "STORE_FOLDER": "/data",
        },
        configs=[{"source": "store", "target": "/etc/store.yaml"}],
        volumes=[f"{TLS}:/etc/tls:ro", f"{DATA}/compose/{name}:/data"],
    )


def alertmanager() -> dict[str, object]:
    """Return Alertmanager with the rendered routes."""
    return container(
        ALERTMANAGER,
        command=[
            "--config.file=/etc/alertmanager/alertmanager.yaml",
            "--web.config.file=/etc/web.yaml",
            f"--web.listen-address=:{ALERTMANAGER_PORT}",
            f"--web.external-url=https://localhost:{ALERTMANAGER_PORT}",
            "--storage.path=/data",
            "--cluster.listen-address=",
        ],
        configs=[{"source": "server-web", "target": "/etc/web.yaml"}],
        volumes=[
            "./alertmanager:/etc/alertmanager:ro",
            f"{TLS}:/etc/tls:ro",
            f"{DATA}/compose/alertmanager:/data",
        ],
    )


def prometheus(port: int, tenants: Iterable[str], needs: Sequence[str]) -> dict[str, object]:
    """Return Prometheus with the rendered rules, and beside them what they find by relative paths."""
    rendered = ("prometheus.yaml", "fleet.rules.yaml", *tenants)
    return container(
        PROMETHEUS,
        needs,
        command=[
            "--config.file=/etc/prometheus/prometheus.yaml",
            "--web.config.file=/etc/web.yaml",
            f"--web.listen-address=:{port}",
            f"--web.external-url=https://localhost:{port}",
            "--web.enable-otlp-receiver",
            "--storage.tsdb.path=/data",
        ],
        configs=[
            {"source": "mutual-web", "target": "/etc/web.yaml"},
            {"source": "alertmanager-target", "target": "/etc/prometheus/targets/alertmanager.yaml"},
        ],
        volumes=[
            *(f"./prometheus/{each}:/etc/prometheus/{each}:ro" for each in rendered),
            f"{TLS}:/etc/prometheus/tls:ro",
            f"{TLS}:/etc/tls:ro",
            f"{DATA}/compose/prometheus:/data",
        ],
    )


def gateway_or_agent(
    configuration: Configuration, address: str, version: str, needs: Sequence[str], *, hashes: bool = False
) -> dict[str, object]:
    """Return a Collector of our distribution with a rendered configuration; one that ``hashes`` is given the key."""
    tier = configuration.tier.value
    http = {"WATCHSPEC_HTTP": f"0.0.0.0:{AGENT_HTTP_PORT}"} if tier == "agent" else {}
    return container(
        f"{COLLECTOR}:{version}",
        needs,
        build={"context": "../collector"},
        environment={
            "WATCHSPEC_GRPC": address,
            **http,
            "WATCHSPEC_HEALTH": f"127.0.0.1:{HEALTH_PORTS[tier]}",
            "WATCHSPEC_STATE": "/data",
            **configuration.runtime,
            # Backends have certificates of the same authority, which Go takes for that of the system.
            "SSL_CERT_FILE": f"{MOUNTED_TLS}/ca.crt",
        },
        **({"env_file": [f"{DATA}/hash.env"]} if hashes else {}),
        volumes=[
            f"./collector/{tier}.yaml:/etc/otelcol/config.yaml:ro",
            f"{TLS}:{MOUNTED_TLS}:ro",
            f"{DATA}/compose/{tier}:/data",
        ],
    )


def recorder(port: int) -> dict[str, object]:
    """Return what writes notifications down."""
    return container(
        RECORDER,
        command=["python", "/webhook.py", str(port), "/data/notifications.jsonl"],
        configs=[{"source": "webhook", "target": "/webhook.py"}],
        volumes=[f"{DATA}/compose/webhook:/data"],
    )


def service(model: ModelPlan, port: int) -> dict[str, object]:
    """Return the service of a model, which listens where the variable PORT says, with the settings of its SDK."""
    own = model.deployment.model
    return container(
        own.image or f"{own.service or model.model}:{own.version or UNVERSIONED}",
        ["agent"],
        env_file=[f"./sdk/{model.tenant}/{model.model}.env"],
        environment={"PORT": str(port), "WATCHSPEC_INSTRUMENTS": "/etc/watchspec/instruments"},
        volumes=["../instruments:/etc/watchspec/instruments:ro", f"{TLS}:{MOUNTED_TLS}:ro"],
    )


def grafana(dashboards: str, environment: str) -> dict[str, object]:
    """Return Grafana with the rendered dashboards, which whoever reaches it may see."""
    settings: Mapping[str, str] = {
        "GF_SERVER_HTTP_PORT": str(GRAFANA_PORT),
        "GF_PATHS_DATA": "/data",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    }
    provisioning = "/etc/grafana/provisioning"
    return container(
        GRAFANA,
        ["prometheus"],
        environment=settings,
        configs=[{"source": "datasource", "target": f"{provisioning}/datasources/prometheus.yaml"}],
        volumes=[
            f"./grafana/dashboards:{dashboards.rstrip('/')}/{environment}:ro",
            f"./grafana/provisioning/dashboards.yaml:{provisioning}/dashboards/watchspec.yaml:ro",
            f"{TLS}:/etc/tls:ro",
            f"{DATA}/compose/grafana:/data",
        ],
    )
