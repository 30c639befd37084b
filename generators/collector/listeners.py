"""Where the components of a configuration listen: what stands in their settings, and what they do by default.

An address below any other component is one that it calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from generators.collector.view import STEPS, Component, View, mapping, mappings
from generators.diagnostics import Path

PROTOCOLS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "otlp": {"grpc": "localhost:4317", "http": "localhost:4318"},
        "jaeger": {
            "grpc": "localhost:14250",
            "thrift_http": "localhost:14268",
            "thrift_compact": "localhost:6831",
            "thrift_binary": "localhost:6832",
        },
        "loki": {"grpc": "localhost:3600", "http": "localhost:3500"},
        "skywalking": {"grpc": "localhost:11800", "http": "localhost:12800"},
        "otelarrow": {"grpc": "localhost:4317"},
    }
)
"""Receivers with an address for each protocol that is named, and their defaults."""

ADDRESS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("receivers", "awsfirehose"): "localhost:4433",
        ("receivers", "awsxray"): "localhost:2000",
        ("receivers", "carbon"): "localhost:2003",
        ("receivers", "collectd"): "localhost:8081",
        ("receivers", "datadog"): "localhost:8126",
        ("receivers", "faro"): "localhost:8080",
        ("receivers", "fluentforward"): "",
        ("receivers", "influxdb"): "localhost:8086",
        ("receivers", "libhoney"): "",
        ("receivers", "opencensus"): "localhost:55678",
        ("receivers", "prometheusremotewrite"): "localhost:9090",
        ("receivers", "sapm"): "localhost:7276",
        ("receivers", "signalfx"): "localhost:9943",
        ("receivers", "splunkhec"): "localhost:8088",
        ("receivers", "statsd"): "localhost:8125",
        ("receivers", "wavefront"): "localhost:2003",
        ("receivers", "webhookevent"): "localhost:8080",
        ("receivers", "zipkin"): "localhost:9411",
        ("exporters", "prometheus"): "",
        ("extensions", "healthcheck"): "localhost:13133",
        ("extensions", "pprof"): "localhost:1777",
        ("extensions", "zpages"): "localhost:55679",
    }
)
"""Components with one address, by their type without underscores, and their defaults; empty where there is none."""

DATAGRAMS: Final = ("awsxray", "statsd", "thrift_binary", "thrift_compact")
"""Types and protocols that take UDP unless they are told otherwise."""

EVERYWHERE: Final = ("", "0.0.0.0", "[::]", "::")  # noqa: S104 - compared, not listened on
_DEFAULT: Final = re.compile(r"\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]*:-([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Listener:
    """An address that a component listens on, by ``tcp`` or ``udp``, and where that is said."""

    owner: str
    transport: str
    host: str
    port: str
    path: Path

    def clashes(self, other: Listener) -> bool:
        """Whether only one of two can have the port: on one host, or on all."""
        everywhere = self.host in EVERYWHERE or other.host in EVERYWHERE
        same = (self.transport, self.port) == (other.transport, other.port)
        return same and (everywhere or self.host == other.host)


def listeners(view: View) -> Iterator[Listener]:
    """Yield the addresses of everything that is started and listens; one without a fixed port is left out."""
    for component in view.components:
        if _is_started(component, view):
            for place, key, text in _addresses(component):
                yield from _listener(component.name, _transport(component, key), text, place)
    own = mapping(mapping(mapping(view.document.get("service")).get("telemetry")).get("metrics"))
    for path, values in mappings(own.get("readers"), ("service", "telemetry", "metrics", "readers")):
        if path[-1] == "prometheus" and "port" in values:
            yield from _listener("service", "tcp", f"{values.get('host', 'localhost')}:{values['port']}", path)


def _is_started(component: Component, view: View) -> bool:
    if component.kind == "extensions":
        return component.name in view.extensions
    return component.kind in STEPS and any(component.name in each.step(component.kind) for each in view.pipelines)


def _addresses(component: Component) -> Iterator[tuple[Path, str, str]]:
    """Yield where an address stands, the protocol that it is of, and the address."""
    protocols = PROTOCOLS.get(component.type, {}) if component.kind == "receivers" else {}
    for protocol, values in mapping(component.settings.get("protocols")).items():
        if protocol in protocols:
            path: Path = (*component.path, "protocols", protocol)
            yield from _stated(mapping(values), path, protocol, protocols[protocol])
    default = ADDRESS.get((component.kind, component.type.replace("_", "")))
    if default is not None:
        yield from _stated(component.settings, component.path, "", default)


def _stated(values: Mapping[str, object], path: Path, protocol: str, default: str) -> Iterator[tuple[Path, str, str]]:
    stated = values.get("endpoint")
    yield ((*path, "endpoint") if isinstance(stated, str) else path, protocol, str(stated or default))


def _transport(component: Component, protocol: str) -> str:
    settings = mapping(component.settings.get("protocols")).get(protocol) if protocol else component.settings
    usual = "udp" if protocol in DATAGRAMS or component.type in DATAGRAMS else "tcp"
    return str(mapping(settings).get("transport", usual))[:3]


def _listener(owner: str, transport: str, text: str, path: Path) -> Iterator[Listener]:
    host, _, port = _DEFAULT.sub(r"\1", text).rpartition(":")
    if port.isdecimal() and port != "0" and transport in {"tcp", "udp"}:
        yield Listener(owner, transport, "127.0.0.1" if host == "localhost" else host, port, path)
