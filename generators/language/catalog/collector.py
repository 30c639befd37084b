"""What specs mean for the Collector: values of the Catalog, with the place of everything that can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from generators.diagnostics import Position
from generators.formats.yaml.nodes import Mapping as MappingNode


class Signal(StrEnum):
    """Kinds of telemetry."""

    METRICS = "metrics"
    TRACES = "traces"
    LOGS = "logs"


class Tier(StrEnum):
    """The two layers of Collectors."""

    AGENT = "agent"
    GATEWAY = "gateway"


DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class BackendKind:
    """What a kind of backend takes: ``service`` is its name at AWS, ``days`` are the retentions that it knows.

    ``days`` empty means any.  ``request_bytes`` is the largest request that it takes in every region, uncompressed; 0
    where ours fit anyway.  ``indexed`` says that it can be told how long an index is kept at hand.
    """

    signals: tuple[Signal, ...]
    service: str = ""
    days: tuple[int, ...] = ()
    request_bytes: int = 0
    indexed: bool = False


_CLOUDWATCH_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

KINDS: Final[Mapping[str, BackendKind]] = MappingProxyType(
    {
        "prometheus": BackendKind((Signal.METRICS,)),
        "mimir": BackendKind((Signal.METRICS,)),
        "tempo": BackendKind((Signal.TRACES,)),
        "loki": BackendKind((Signal.LOGS,), indexed=True),
        "otlp": BackendKind(tuple(Signal)),
        "x-ray": BackendKind((Signal.TRACES,), "xray", (30,)),
        "cloudwatch-logs": BackendKind((Signal.LOGS,), "logs", _CLOUDWATCH_DAYS, request_bytes=1_000_000),
    }
)


@dataclass(frozen=True, slots=True)
class Backend:
    """A store of telemetry; times in milliseconds, None where it sets no limit."""

    name: str
    kind: str
    endpoint: str
    region: str
    log_group: str
    log_stream: str
    headers: tuple[tuple[str, str], ...]
    token_file: str
    ca: str
    client_certificate: bool
    retention_ms: int | None
    index_ms: int | None
    position: Position


@dataclass(frozen=True, slots=True)
class Destination:
    """A backend that a tenant's signal goes to, and where that was said."""

    backend: str
    position: Position


@dataclass(frozen=True, slots=True)
class Retention:
    """How long telemetry is wanted, in milliseconds."""

    traces_ms: int
    logs_ms: int
    index_ms: int
    position: Position


@dataclass(frozen=True, slots=True)
class Privacy:
    """Attributes that are hashed, the variable with the key, and what passes besides what models declare.

    ``confidential`` names the tenants whose words stay on the node.
    """

    hashed: tuple[str, ...]
    key: str
    resource: tuple[str, ...]
    spans: tuple[str, ...]
    logs: tuple[str, ...]
    position: Position
    confidential: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """A model whose counters the agent makes: from spans of a name, from log events, or both."""

    model: str
    span: str
    events: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Collector:
    """The Collectors of an environment; ``keep`` is a share from 0 to 1, ``wait_ms`` None where it follows from bounds.

    ``bases`` are the hand-written configurations; one that cannot be read is absent.
    """

    agent_endpoint: str
    agent_clients: bool
    agent_kubernetes: bool
    gateway: str
    peers: tuple[str, ...]
    dns: str
    gateway_clients: bool
    backends: Mapping[str, Backend]
    default: Mapping[Signal, Destination]
    tenants: Mapping[str, Mapping[Signal, Destination]]
    keep: Decimal
    wait_ms: int | None
    retention: Retention
    privacy: Privacy
    derived: tuple[Derivation, ...]
    bases: Mapping[Tier, MappingNode]
    position: Position
    sampling_position: Position

    def destination(self, tenant: str, signal: Signal) -> Destination | None:
        """Return where a tenant's signal goes."""
        return self.tenants.get(tenant, {}).get(signal) or self.default.get(signal)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Versions that the platform sets: of ``core``, ``providers``, ``contrib``, and of components; and the image."""

    versions: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    image: str = "otelcol-watchspec"


USUAL_DISTRIBUTION: Final = Distribution()
"""The distribution of a platform that says nothing about it."""
