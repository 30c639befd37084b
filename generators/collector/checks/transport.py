"""Everything travels by TLS 1.3, to and from the Collector; ports are not taken twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generators.collector.checks.routing import ROUTE_TO_NOWHERE
from generators.collector.listeners import Listener, listeners
from generators.collector.view import Component, View, mapping, mappings
from generators.diagnostics import Code, Finding, Path, Severity

PLAIN_TEXT = Code(
    "C916",
    "Plain text",
    "Telemetry travels by TLS, inside a cluster too.",
    "tls: {insecure: true}",
    "tls: {ca_file: /etc/otelcol/tls/ca.crt}",
    Severity.WARNING,
)
OLD_TLS = Code(
    "C917",
    "Old TLS",
    "The default is TLS 1.2.",
    "tls: {}",
    'tls: {min_version: "1.3"}',
    Severity.WARNING,
)
IGNORED_ADDRESS = Code(
    "C933",
    "Ignored address",
    "Own metrics are read by `readers`.",
    "metrics: {address: 0.0.0.0:8888}",
    "metrics: {readers: […]}",
)
PORT_TAKEN_TWICE = Code(
    "C935",
    "Port taken twice",
    "Two addresses that are listened on cannot have one port.",
    "otlp: {…: 0.0.0.0:4317}; otlp/2: {…: 0.0.0.0:4317}",
    "otlp/2: {…: 0.0.0.0:4327}",
)

LOOPBACK = re.compile(r"^(?:[a-z+]+://)?(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)")
DEFAULT = re.compile(r"\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]*:-([^}]*)\}")
SENDERS = ("otlp_grpc", "otlp", "otlp_http", "otlphttp", "prometheus_remote_write", "prometheusremotewrite")


def transport(view: View) -> Iterator[Finding]:
    """Yield what travels in plain text, or by an older TLS."""
    for path, values in mappings(view.document):
        tls = values.get("tls")
        if isinstance(tls, Mapping) and not LOOPBACK.match(_plain(str(values.get("endpoint", "")))):
            yield from _tls((*path, "tls"), tls)
    for component in view.of("receivers", "otlp"):
        yield from _server(component)
    for component in view.of("exporters", *SENDERS):
        yield from _client(component)
    for component in view.of("exporters", "load_balancing", "loadbalancing"):
        inner = mapping(mapping(component.settings.get("protocol")).get("otlp"))
        path = (*component.path, "protocol", "otlp")
        if "tls" not in inner:
            message = "without `tls` the certificate is checked, but TLS 1.2 is spoken"
            yield Finding(OLD_TLS, message, path, 'write `tls: {min_version: "1.3"}`')
        if "endpoint" in inner:
            message = "the resolver gives the endpoint; this one is ignored"
            yield Finding(ROUTE_TO_NOWHERE.as_(Severity.WARNING), message, (*path, "endpoint"), "remove it")
    yield from _own(view)
    yield from _ports(view)


def _tls(path: Path, values: Mapping[str, object]) -> Iterator[Finding]:
    version = values.get("min_version")
    if values.get("insecure") is True:
        yield Finding(PLAIN_TEXT, "it travels in plain text", (*path, "insecure"), "remove it, and name certificates")
        return
    if values.get("insecure_skip_verify") is True:
        message = "any certificate is accepted, that of an attacker too"
        yield Finding(PLAIN_TEXT, message, (*path, "insecure_skip_verify"), "name the authority under `ca_file`")
    if isinstance(version, float):
        yield Finding(OLD_TLS, "the version is text", (*path, "min_version"), f'write "{version}" in quotes')
    elif version != "1.3":
        where = (*path, "min_version") if version else path
        yield Finding(OLD_TLS, f"TLS {version or '1.2'} is allowed", where, 'write `min_version: "1.3"`')


def _server(component: Component) -> Iterator[Finding]:
    for name, values in mapping(component.settings.get("protocols")).items():
        path = (*component.path, "protocols", name)
        tls = mapping(mapping(values).get("tls"))
        endpoint = str(mapping(values).get("endpoint", "localhost"))
        if not {"cert_file", "cert_pem"} & tls.keys() and not LOOPBACK.match(_plain(endpoint)):
            message = f"it listens on `{endpoint}` in plain text"
            yield Finding(PLAIN_TEXT, message, path, "write `tls: {cert_file, key_file, min_version}`")


def _client(component: Component) -> Iterator[Finding]:
    for key, value in component.settings.items():
        if not (key == "endpoint" or key.endswith("_endpoint")) or not isinstance(value, str):
            continue
        if _plain(value).startswith("http://") and not LOOPBACK.match(_plain(value)):
            message = f"it sends to `{value}` in plain text"
            yield Finding(PLAIN_TEXT, message, (*component.path, key), "write `https://…`")
    if "tls" not in component.settings and not _is_local(component):
        message = "without `tls` TLS 1.2 is allowed"
        yield Finding(OLD_TLS, message, component.path, 'write `tls: {min_version: "1.3"}`')


def _is_local(component: Component) -> bool:
    return bool(LOOPBACK.match(_plain(str(component.settings.get("endpoint", "")))))


def _own(view: View) -> Iterator[Finding]:
    """The Collector's own metrics: its scrape endpoint knows no TLS."""
    metrics = mapping(mapping(mapping(view.document.get("service")).get("telemetry")).get("metrics"))
    path: Path = ("service", "telemetry", "metrics")
    if "address" in metrics:
        message = "`address` has been ignored since 0.123"
        yield Finding(IGNORED_ADDRESS, message, (*path, "address"), "write `readers`")
    for where, values in mappings(metrics.get("readers"), (*path, "readers")):
        host = values.get("host")
        if isinstance(host, str) and where[-1] == "prometheus" and not LOOPBACK.match(_plain(host)):
            message = f"its own metrics are served on `{host}` in plain text"
            yield Finding(PLAIN_TEXT, message, (*where, "host"), "write 127.0.0.1, or push them: `periodic`")
        if values.get("insecure") is True:
            yield Finding(PLAIN_TEXT, "its own metrics travel in plain text", (*where, "insecure"), "remove it")


def _ports(view: View) -> Iterator[Finding]:
    taken: list[Listener] = []
    for each in listeners(view):
        if other := next((before for before in taken if before.clashes(each)), None):
            message = f"`{other.owner}` listens on port {other.port} already"
            yield Finding(PORT_TAKEN_TWICE, message, each.path, "take another port")
        taken.append(each)


def _plain(text: str) -> str:
    """Return a text with the defaults of its variables."""
    return DEFAULT.sub(r"\1", text)
