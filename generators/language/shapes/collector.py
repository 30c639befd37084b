"""What an environment says about its Collectors: where telemetry goes, and what of it is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from generators.language.shapes.base import AttributeKey, DurationText, Name, QuantityText, Shape, Text

HostPort = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$")]
Url = Annotated[str, Field(pattern=r"^[a-z]+://[^\s/$]+(/[^\s$]*)?$")]
FilePath = Annotated[str, Field(pattern=r"^/[^\s$]+$")]


class AgentShape(Shape):
    """The Collector on every node, which services send to."""

    endpoint: Url = "https://localhost:4317"
    """Where services reach it, by OTLP over gRPC."""
    client_certificates: bool = False
    """True if services must show a certificate."""
    kubernetes: bool = False
    """True if the agent adds what a service does not say of its pod, deployment and node; it reads pods for that."""


class GatewayShape(Shape):
    """The Collectors that agents send to."""

    address: HostPort
    """Host and port where agents reach it, by OTLP over gRPC."""
    peers: list[HostPort] | None = None
    """All gateways, if there are several whose addresses are fixed: traces are balanced among them."""
    dns: HostPort | None = None
    """A name that resolves to all gateways, such as that of a headless service, with the port for balanced traces."""
    client_certificates: bool = True
    """True if agents must show a certificate."""


class BackendShape(Shape):
    """A store of telemetry."""

    kind: Literal["prometheus", "mimir", "tempo", "loki", "otlp", "x-ray", "cloudwatch-logs"]
    """What it is."""
    endpoint: Url | None = None
    """Base URL for OTLP over HTTP, without `/v1/…`; those of AWS follow from the region."""
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")] | None = None
    """Region, of AWS."""
    log_group: Text | None = None
    """Log group of CloudWatch."""
    log_stream: Text = "watchspec"
    """Log stream of CloudWatch."""
    headers: dict[str, str] | None = None
    """HTTP headers, such as `X-Scope-OrgID`; never secrets."""
    token_file: FilePath | None = None
    """File that holds a bearer token."""
    ca: FilePath | None = None
    """File with the certificate authority of the server; those of the system if absent."""
    client_certificate: bool = False
    """True if the gateway shows its own certificate."""
    retention: DurationText | None = None
    """How long it keeps data at most."""
    index: DurationText | None = None
    """How long its index is kept at hand at most; of Loki."""


class SignalsShape(Shape):
    """A backend for each signal."""

    metrics: Name | None = None
    """For metrics."""
    traces: Name | None = None
    """For traces."""
    logs: Name | None = None
    """For logs."""


class SamplingShape(Shape):
    """Which traces are kept. Errors, slow, unsure and fallback predictions always are."""

    keep: QuantityText = "10%"
    """Share of the rest."""
    wait: DurationText | None = None
    """How long the spans of a trace are waited for. If absent, as long as a prediction at the longest latency bound and
    its spans' way take, at least `10s`."""


class RetentionShape(Shape):
    """How long telemetry is wanted."""

    traces: DurationText = "30d"
    """Traces."""
    logs: DurationText = "90d"
    """Logs."""
    index: DurationText = "14d"
    """Logs that can be searched at once, where the backend has an index that can be told so: Loki."""


class KeepShape(Shape):
    """Attributes that pass besides those of the models' metrics and identity."""

    resource: list[AttributeKey] | None = None
    """Of resources."""
    spans: list[AttributeKey] | None = None
    """Of spans."""
    logs: list[AttributeKey] | None = None
    """Of log records, and keys of structured bodies."""


class PrivacyShape(Shape):
    """What leaves a node. Whatever is not declared is dropped; mail addresses, card and phone numbers are masked."""

    hash: list[AttributeKey] | None = None
    """Attributes that are replaced by a keyed hash: `enduser.id`, `user.id` if absent."""
    key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = "WATCHSPEC_HMAC_KEY"
    """Environment variable with the key, of at least 32 bytes; an agent without it does not start."""
    keep: KeepShape = KeepShape()
    """What passes besides."""
    confidential: list[Name] | None = None
    """Tenants whose words do not leave a node, since no pattern knows a person's name: texts of logs, messages of
    exceptions and of failed spans. Types of exceptions, and the frames of Python's stack traces, pass."""


class DeriveShape(Shape):
    """How a service without our library says what happens."""

    spans: Text | None = None
    """Name of its span for one prediction: duration, count, confidence come from it."""
    events: bool = False
    """True if it logs events that are named like counters, with their attributes: each counts one."""


class CollectorShape(Shape):
    """The Collectors of an environment."""

    agent: AgentShape = AgentShape()
    """The Collector on every node."""
    gateway: GatewayShape
    """The Collectors behind them."""
    backends: dict[Name, BackendShape]
    """Stores of telemetry."""
    default: SignalsShape = SignalsShape()
    """Backends of tenants that name none, and of telemetry that belongs to no tenant."""
    tenants: dict[Name, SignalsShape] | None = None
    """Backends of one tenant."""
    sampling: SamplingShape = SamplingShape()
    """Which traces are kept."""
    retention: RetentionShape = RetentionShape()
    """How long traces and logs are kept."""
    privacy: PrivacyShape = PrivacyShape()
    """What leaves a node."""
    derive: dict[str, DeriveShape] | None = None
    """Services without our library, by `tenant/model`."""


Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]


class DistributionShape(Shape):
    """The Collector's image and the versions of its parts; those that are absent compile together."""

    image: Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]*$")] | None = None
    """Name that the image made with `collector/Dockerfile` has in the registry, `otelcol-watchspec` if absent. Without
    a tag it gets the version of the core."""
    core: Version | None = None
    """Builder and core components."""
    providers: Version | None = None
    """Configuration providers, which are numbered apart."""
    contrib: Version | None = None
    """Components of the contrib repository."""
    components: dict[str, Version] | None = None
    """Single components, by type."""
