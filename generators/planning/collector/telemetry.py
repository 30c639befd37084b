"""A Collector's own telemetry: pushed by TLS to where its data goes, since its scrape endpoint knows no TLS."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog import Environment
from generators.language.catalog.collector import Backend, Collector, Tier
from generators.planning.collector.ottl import literal
from generators.planning.collector.plan import Setting
from otel.semconv import DEPLOYMENT_ENVIRONMENT_NAME, SERVICE_NAME, SERVICE_NAMESPACE

NAMESPACE = "watchspec"
FOLDER = "${env:WATCHSPEC_TLS:-/etc/otelcol/tls}"
"""Where a Collector's own certificate is."""
AUTHORITY = f"{FOLDER}/ca.crt"
"""Who signs the certificates of services, agents and gateways."""
CERTIFICATE = {"client_certificate": f"{FOLDER}/tls.crt", "client_key": f"{FOLDER}/tls.key"}


def service_name(tier: Tier) -> str:
    """Return the name of a Collector as a service."""
    return f"otelcol-{tier}"


def to_gateway(collector: Collector) -> dict[str, object]:
    """Return where an agent's own metrics go: to its gateway, past its own queue."""
    return {
        "protocol": "grpc",
        "endpoint": f"https://{literal(collector.gateway)}",
        "certificate": AUTHORITY,
        **CERTIFICATE,
    }


def to_backend(backend: Backend) -> dict[str, object]:
    """Return where a gateway's own metrics go: to the default backend of metrics, past its own queue."""
    exporter: dict[str, object] = {
        "protocol": "http/protobuf",
        "endpoint": f"{literal(backend.endpoint)}/v1/metrics",
    }
    if backend.ca:
        exporter["certificate"] = literal(backend.ca)
    if backend.client_certificate:
        exporter |= CERTIFICATE
    if backend.headers:
        exporter["headers"] = [{"name": name, "value": literal(value)} for name, value in backend.headers]
    return exporter


def telemetry(
    tier: Tier, exporter: dict[str, object], environment: Environment, collector: Collector
) -> Iterator[Setting]:
    """Yield the reader that pushes the Collector's metrics, and who it says it is."""
    places = (collector.position,)
    exporter = {**exporter, "temporality_preference": "cumulative"}
    reader = {"periodic": {"interval": environment.export_interval_ms, "exporter": {"otlp": exporter}}}
    why = "Its own metrics travel by TLS, as everything does."
    yield Setting(("service", "telemetry", "metrics", "readers"), [reader], why, places)
    resource = {
        SERVICE_NAME: service_name(tier),
        SERVICE_NAMESPACE: NAMESPACE,
        DEPLOYMENT_ENVIRONMENT_NAME: literal(environment.label),
    }
    yield Setting(("service", "telemetry", "resource"), resource, "Who its own metrics are about.", places)
