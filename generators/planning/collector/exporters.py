"""Backends as exporters: OTLP over HTTP for all of them, signed where AWS takes it."""

from __future__ import annotations

from collections.abc import Iterator

from generators.language.catalog.collector import KINDS, Backend
from generators.planning.collector.ottl import literal
from generators.planning.collector.plan import Setting
from generators.planning.collector.telemetry import FOLDER


def exporter_name(backend: str) -> str:
    """Return the exporter of a backend."""
    return f"otlp_http/{backend}"


def authenticator(backend: Backend) -> str:
    """Return the extension that signs for a backend; empty if none does."""
    if KINDS[backend.kind].service:
        return f"sigv4auth/{backend.name}"
    return f"bearertokenauth/{backend.name}" if backend.token_file else ""


def exporter(backend: Backend) -> Iterator[Setting]:
    """Yield the exporter of a backend, with the extension that signs for it."""
    places, path = (backend.position,), ("exporters", exporter_name(backend.name))
    service = KINDS[backend.kind].service
    tls: dict[str, object] = {}
    if backend.ca:
        tls["ca_file"] = literal(backend.ca)
    if backend.client_certificate:
        tls |= {"cert_file": f"{FOLDER}/tls.crt", "key_file": f"{FOLDER}/tls.key"}
    value: dict[str, object] = {**_address(backend, service), **({"tls": tls} if tls else {})}
    if limit := KINDS[backend.kind].request_bytes:
        value["sending_queue"] = {"batch": {"max_size": limit - limit // 10}}  # what frames a batch is not counted
    headers = {**dict(backend.headers), **_log_headers(backend, service)}
    if headers:
        value["headers"] = {key: literal(text) for key, text in headers.items()}
    if signer := authenticator(backend):
        value["auth"] = {"authenticator": signer}
        yield Setting(("extensions", signer), _signer(backend, service), f"Signs for {backend.name}.", places)
    yield Setting(path, value, f"Backend {backend.name}, of kind {backend.kind}.", places)


def _aws(backend: Backend) -> str:
    """Return the base URL of a backend at AWS."""
    service = KINDS[backend.kind].service
    domain = "amazonaws.com.cn" if backend.region.startswith("cn-") else "amazonaws.com"
    return f"https://{service}.{backend.region}.{domain}"


def _address(backend: Backend, service: str) -> dict[str, object]:
    if service:
        signal = KINDS[backend.kind].signals[0]
        return {f"{signal}_endpoint": f"{_aws(backend)}/v1/{signal}"}
    return {"endpoint": literal(backend.endpoint)}


def _log_headers(backend: Backend, service: str) -> dict[str, str]:
    if service != "logs":
        return {}
    return {"x-aws-log-group": backend.log_group, "x-aws-log-stream": backend.log_stream}


def _signer(backend: Backend, service: str) -> dict[str, object]:
    if service:
        return {"region": backend.region, "service": service}
    return {"filename": literal(backend.token_file)}
