"""Credentials that stand in the file instead of in a file of their own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from generators.alertmanager.checks.reading import Node, given, mapping, nodes, text
from generators.alertmanager.integrations import INTEGRATIONS
from generators.alertmanager.schema import GLOBAL_SECRETS
from generators.diagnostics import Code, Finding, Path

SECRET_IN_FILE = Code(
    "M035",
    "Secret in the file",
    "A configuration is committed and copied; a credential in it has leaked. Give a path, or mount the secret.",
    "routing_key: 0123456789abcdef",
    "routing_key_file: /etc/alertmanager/secrets/pagerduty",
)

_NESTED: tuple[tuple[str, ...], ...] = (
    ("http_config", "bearer_token"),
    ("http_config", "basic_auth", "password"),
    ("http_config", "authorization", "credentials"),
    ("http_config", "oauth2", "client_secret"),
    ("http_config", "oauth2", "client_certificate_key"),
    ("http_config", "oauth2", "tls_config", "key"),
    ("http_config", "tls_config", "key"),
    ("tls_config", "key"),
    ("smtp_tls_config", "key"),
)
"""Where clients hold credentials; each has a twin that ends in ``_file``."""

_INSIDE = (".svc", ".local", ".internal", ".localdomain", ".svc.cluster.local")


def check_secrets(document: Node) -> Iterator[Finding]:
    """Report every credential that is written into the file, of ``global`` and of every receiver."""
    shared = mapping(document.get("global"))
    for name in GLOBAL_SECRETS:
        yield from _check(shared, (name,), f"{name}_file", ("global",))
    yield from _check_client(shared, ("global",))
    for receiver, path in nodes(document, "receivers", ()):
        for key in receiver:
            kind = INTEGRATIONS.get(str(key).removesuffix("_configs"))
            for settings, place in nodes(receiver, str(key), path) if kind else ():
                for name, twin in kind.secrets.items() if kind else ():
                    if not (key == "webhook_configs" and _is_inside(text(settings.get(name)))):
                        yield from _check(settings, (name,), twin, place)
                yield from _check_client(settings, place)


def _check_client(settings: Node, path: Path) -> Iterator[Finding]:
    for keys in _NESTED:
        yield from _check(settings, keys, f"{keys[-1]}_file", path)
    yield from _check(settings, ("sigv4", "secret_key"), None, path)
    headers = mapping(mapping(settings.get("http_config")).get("http_headers"))
    for name, header in headers.items():
        if mapping(header).get("secrets"):
            place = (*path, "http_config", "http_headers", str(name), "secrets")
            yield Finding(SECRET_IN_FILE, f"header `{name}` holds a secret", place, "use `files`")


def _check(settings: Node, keys: tuple[str, ...], twin: str | None, path: Path) -> Iterator[Finding]:
    node = settings
    for key in keys[:-1]:
        node = mapping(node.get(key))
    if given(node, keys[-1]) and not isinstance(node[keys[-1]], Mapping | list):
        remedy = f"use `{twin}`" if twin else "let the server take it from its surroundings, such as a role"
        yield Finding(SECRET_IN_FILE, f"`{keys[-1]}` is a secret and stands in the file", (*path, *keys), remedy)


def _is_inside(url: str) -> bool:
    """Whether a webhook leads to a host that only this network knows, with nothing secret in sight.

    Elsewhere the path of a webhook is its password.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username or parts.password or parts.query or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)
