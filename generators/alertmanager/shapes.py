"""The shape of values in a configuration file, as data: which keys a mapping may have and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

Scalar: TypeAlias = Literal[
    "any",
    "bool",
    "duration",
    "float",
    "go_duration",
    "hostport",
    "int",
    "matcher",
    "proxy",
    "regex",
    "secret_url",
    "template_url",
    "text",
    "uint",
    "url",
]
"""``duration`` is Prometheus' notation, ``go_duration`` Go's; ``text`` takes any scalar."""

Shape: TypeAlias = "Scalar | Table | ListOf | MapOf"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping with known keys. ``text`` says that plain text may stand in its place."""

    fields: Mapping[str, Shape]
    text: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from any names to values of one shape."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Need:
    """At least one of these settings has to be there; in ``global`` they have other names."""

    settings: tuple[str, ...]
    globals_: tuple[str, ...] = field(default=())


def fields(notation: str, **tables: Shape) -> dict[str, Shape]:
    """Read ``"to tls_config:tls max_alerts:uint"``: names, in order, with their shape if it is not text.

    A shape is a scalar's name, one of ``tables``, or either with ``[]`` (a list) or ``{}`` (a mapping)
    after it.
    """
    found: dict[str, Shape] = {}
    for entry in notation.split():
        name, _, shape = entry.partition(":")
        found[name] = _shape(shape or "text", tables)
    return found


def _shape(text: str, tables: Mapping[str, Shape]) -> Shape:
    if text.endswith("[]"):
        return ListOf(_shape(text[:-2], tables))
    if text.endswith("{}"):
        return MapOf(_shape(text[:-2], tables))
    return tables[text] if text in tables else _SCALARS[text]


_SCALARS: Mapping[str, Shape] = {name: name for name in get_args(Scalar)}

TLS = Table(
    fields(
        "ca ca_file ca_ref cert cert_file cert_ref key key_file key_ref server_name "
        "insecure_skip_verify:bool min_version max_version",
    )
)

_PROXY = "proxy_url:proxy no_proxy proxy_from_environment:bool proxy_connect_header:text[]{}"

HEADERS = MapOf(Table(fields("values:text[] secrets:text[] files:text[]")))

HTTP = Table(
    fields(
        "basic_auth:basic authorization:authorization oauth2:oauth2 bearer_token "
        f"bearer_token_file tls_config:tls follow_redirects:bool enable_http2:bool {_PROXY} "
        "http_headers:headers",
        basic=Table(fields("username username_file username_ref password password_file password_ref")),
        authorization=Table(fields("type credentials credentials_file credentials_ref")),
        oauth2=Table(
            fields(
                "client_id client_secret client_secret_file client_secret_ref "
                "client_certificate_key_id client_certificate_key client_certificate_key_file "
                "client_certificate_key_ref grant_type signature_algorithm iss audience "
                "claims:any{} scopes:text[] token_url endpoint_params:text{} tls_config:tls "
                f"{_PROXY}",
                tls=TLS,
            )
        ),
        tls=TLS,
        headers=HEADERS,
    )
)
"""The client settings that every integration over HTTP takes (prometheus/common, config/http_config.go)."""
