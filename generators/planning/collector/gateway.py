"""The gateway: balances traces, samples them whole, and routes every tenant to its own backends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.language.catalog import Deployment, Environment
from generators.language.catalog.collector import Collector, Signal, Tier
from generators.planning.collector.agent import clients, pipeline
from generators.planning.collector.exporters import authenticator, exporter, exporter_name
from generators.planning.collector.ottl import any_of, attribute, equals
from generators.planning.collector.plan import Setting
from generators.planning.collector.sampling import sampling
from generators.planning.collector.telemetry import AUTHORITY, telemetry, to_backend
from otel.semconv import TENANT_ID

BALANCED_PORT = "4337"
BALANCED = "otlp/sampling"
NOWHERE = "unmatched"
SINK = "nop"


def gateway(collector: Collector, deployments: Sequence[Deployment], environment: Environment) -> Iterator[Setting]:
    """Yield what follows from specs."""
    yield from clients(collector, Tier.GATEWAY)
    yield from sampling(collector, deployments, environment)
    routes = {signal: _backends(collector, signal, deployments) for signal in Signal}
    used = [collector.backends[name] for name in sorted({name for each in routes.values() for name in each if name})]
    for backend in used:
        yield from exporter(backend)
    if signers := [signer for backend in used if (signer := authenticator(backend))]:
        yield Setting(("service", "extensions"), signers, "What signs for backends.", (collector.position,))
    if any("" in backends for backends in routes.values()):
        why = "Telemetry of no tenant goes nowhere, and is counted."
        yield Setting(("exporters", SINK), {}, why, (collector.position,))
    balanced = bool(collector.peers or collector.dns)
    if balanced:
        yield from _balancing(collector)
    else:
        yield from _entry(Signal.TRACES, "in", ["tail_sampling"], collector, routes[Signal.TRACES])
    for signal in (Signal.METRICS, Signal.LOGS):
        yield from _entry(signal, "in", [], collector, routes[signal])
    if balanced:
        yield from _entry(Signal.TRACES, "sample", ["tail_sampling"], collector, routes[Signal.TRACES], BALANCED)
    yield from _own_metrics(collector, environment)


def _backends(collector: Collector, signal: Signal, deployments: Sequence[Deployment]) -> dict[str, tuple[str, ...]]:
    """Return the tenants that each backend takes a signal from; those of the default may be none, empty is nowhere."""
    default = collector.default.get(signal)
    fallback = default.backend if default else ""
    tenants = sorted({each.model.tenant for each in deployments})
    found: dict[str, tuple[str, ...]] = {}
    for tenant in tenants:
        destination = collector.destination(tenant, signal)
        name = destination.backend if destination else fallback
        if name != fallback:
            found[name] = (*found.get(name, ()), tenant)
    return {**dict(sorted(found.items())), fallback: ()}


def _entry(
    signal: Signal,
    name: str,
    processors: Sequence[str],
    collector: Collector,
    backends: dict[str, tuple[str, ...]],
    receiver: str = "otlp",
) -> Iterator[Setting]:
    """Yield the pipeline that a signal comes in by, and behind it one for each backend where there are several."""
    places = (collector.position,)
    path = ("service", "pipelines", f"{signal}/{name}")
    if len(backends) == 1:
        only = next(iter(backends))
        why = f"All {signal} have one backend."
        yield Setting(path, pipeline([receiver], processors, [_exporter(only)]), why, places)
        return
    router = f"routing/{signal}"
    yield Setting(path, pipeline([receiver], processors, [router]), f"To be routed by tenant: {signal}.", places)
    yield Setting(("connectors", router), _routing(signal, backends), "Each tenant has its own backend.", places)
    for backend, tenants in backends.items():
        who = f"Tenants {', '.join(tenants)}." if tenants else "Everybody else, and what belongs to no tenant."
        value = pipeline([router], [], [_exporter(backend)])
        stated = collector.backends[backend].position if backend else collector.position
        yield Setting(("service", "pipelines", _pipeline(signal, backend)), value, who, (stated,))


def _routing(signal: Signal, backends: dict[str, tuple[str, ...]]) -> dict[str, object]:
    table = [
        {
            "context": "resource",
            "condition": any_of(equals(attribute("resource", TENANT_ID), tenant) for tenant in tenants),
            "pipelines": [_pipeline(signal, backend)],
        }
        for backend, tenants in backends.items()
        if tenants
    ]
    default = next(backend for backend, tenants in backends.items() if not tenants)
    return {"error_mode": "propagate", "default_pipelines": [_pipeline(signal, default)], "table": table}


def _balancing(collector: Collector) -> Iterator[Setting]:
    """Yield what brings all spans of a trace to one gateway."""
    places = (collector.position,)
    if collector.peers:
        resolver: dict[str, object] = {"static": {"hostnames": list(collector.peers)}}
    else:
        host, _, port = collector.dns.rpartition(":")
        resolver = {"dns": {"hostname": host, "port": port}}
    why = "All spans of a trace meet in one gateway, which can then judge it whole."
    yield Setting(("exporters", "load_balancing", "resolver"), resolver, why, places)
    host = collector.gateway.rpartition(":")[0]
    tls = ("exporters", "load_balancing", "protocol", "otlp", "tls")
    yield Setting(
        (*tls, "server_name_override"),
        host,
        "Gateways are dialled by address and show the certificate of their name.",
        places,
    )
    endpoint = f"${{env:WATCHSPEC_BALANCED:-0.0.0.0:{BALANCED_PORT}}}"
    grpc: dict[str, object] = {"endpoint": endpoint, "tls": {"client_ca_file": AUTHORITY}}
    why = "Only gateways send here, and show their certificate."
    yield Setting(("receivers", BALANCED), {"protocols": {"grpc": grpc}}, why, places)
    why = "Traces as they come, to the gateway that samples them."
    value = pipeline(["otlp"], [], ["load_balancing"])
    yield Setting(("service", "pipelines", "traces/in"), value, why, places)


def _own_metrics(collector: Collector, environment: Environment) -> Iterator[Setting]:
    default = collector.default.get(Signal.METRICS)
    if default is None:
        return
    exporter_ = to_backend(collector.backends[default.backend])
    yield from telemetry(Tier.GATEWAY, exporter_, environment, collector)


def _exporter(backend: str) -> str:
    return exporter_name(backend) if backend else SINK


def _pipeline(signal: Signal, backend: str) -> str:
    return f"{signal}/{backend or NOWHERE}"
