"""The Collectors of an environment: backends and who sends to them, from a spec's section and the bases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.durations import format_duration
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.formats.yaml.reader import load_bytes
from generators.language.catalog.collector import (
    DAY_MS,
    KINDS,
    Backend,
    Collector,
    Derivation,
    Destination,
    Distribution,
    Privacy,
    Retention,
    Signal,
    Tier,
)
from generators.language.resolve.reading import YEAR_MS, Reading
from generators.language.shapes.collector import AgentShape, BackendShape, PrivacyShape, SamplingShape
from generators.language.sources import COLLECTOR_BASES, Source
from otel.units import ONE

UNUSABLE_BASE = Code(
    "C801",
    "Base configuration missing or not a mapping",
    "Each Collector is made of a hand-written base in `collector-config/`, into which the parts that follow from "
    "specs are merged. `watchspec init` writes both, `watchspec init --collector` those that are missing.",
    "collector-config/ without agent.yaml",
    "collector-config/agent.yaml, collector-config/gateway.yaml",
)
UNKNOWN_BACKEND = Code(
    "C802",
    "No such backend for the signal",
    "A tenant's signal goes to a backend that is declared in the same environment and takes such signals.",
    "tenants: {wine: {logs: tempo}}",
    "tenants: {wine: {logs: loki}}",
)
PLAIN_TEXT_ADDRESS = Code(
    "C803",
    "Address in plain text",
    "Telemetry travels by TLS 1.3 only.",
    "endpoint: http://tempo.example:4318",
    "endpoint: https://tempo.example:4318",
)
SECRET_IN_SPEC = Code(
    "C804",
    "Secret in a spec",
    "Specs are read by everybody; a secret stays in a file that only the gateway can read.",
    "headers: {Authorization: Bearer abc}",
    "token_file: /etc/otelcol/tempo-token",
)
ADDRESS_MISPLACED = Code(
    "C805",
    "Address missing or not needed",
    "A backend has an address, or at AWS a region from which the address follows.",
    "xray: {kind: x-ray}",
    "xray: {kind: x-ray, region: eu-central-1}",
)
COLLECTOR_SHARE = Code(
    "C806",
    "Not a share",
    "The share of ordinary traces that are kept lies between 0 and 100 %.",
    "sampling: {keep: 10/s}",
    "sampling: {keep: 10%}",
)
RETENTION_TOO_LONG = Code(
    "C807",
    "Kept for longer than the backend can",
    "How long telemetry is wanted must be within what the backend declares, and one of the steps that it knows.",
    "retention: {logs: 90d}; backends: {loki: {retention: 30d}}",
    "retention: {logs: 30d}; backends: {loki: {retention: 30d}}",
)
UNKNOWN_TENANT = Code(
    "R319",
    "Unknown tenant",
    "Tenants are declared by the platform.",
    "tenant: retial",
    "tenant: retail",
)

PERSONS: Final = ("enduser.id", "user.id")
"""Attributes that tell persons apart, and are hashed if the spec names none."""

Bases: TypeAlias = Mapping[Tier, MappingNode | None]
"""The hand-written configurations; None is one that cannot be read."""

_SECRET = re.compile(r"authori[sz]ation|cookie|token|secret|passw|api-?key", re.IGNORECASE)


def distribution(spec: Reading) -> Distribution:
    """Read the versions that the platform sets."""
    child = spec.child("collector")
    parts = child.child("components")
    names = {key: child.text(key) for key in ("core", "providers", "contrib") if child.has(key)}
    components = {key: parts.text(key) for key in parts.node.keys()}  # noqa: SIM118 - a node, not a dict
    places = {key: parts.key_place(key) for key in components}
    image = child.text("image", Distribution().image)
    return Distribution(MappingProxyType(names), MappingProxyType(components), MappingProxyType(places), image)


def bases(sources: Iterable[Source], problems: list[Problem]) -> Bases:
    """Read the hand-written configurations among the sources; one with a mistake in it is None."""
    found: dict[Tier, MappingNode | None] = {}
    for source in sorted(sources):
        tier = next((each for each in Tier if source.file == f"{COLLECTOR_BASES}{each}.yaml"), None)
        if tier is None:
            continue
        nodes, wrong = load_bytes(source.data, source.file)
        problems += wrong
        found[tier] = None
        if len(nodes) == 1 and isinstance(nodes[0], MappingNode) and not wrong:
            found[tier] = nodes[0]
        elif not wrong:
            message = "a base configuration is one document, a mapping of sections"
            place = nodes[-1].position if nodes else Position(source.file, 1, 1, 1, 1)
            problems.append(
                Problem(UNUSABLE_BASE, message, place, "sections: receivers, processors, exporters, service, …")
            )
    return MappingProxyType(found)


def collector(spec: Reading, tenants: Iterable[str], stated: Bases, problems: list[Problem]) -> Collector | None:
    """Read the section of an environment; None where there is none."""
    if not spec.has("collector"):
        return None
    section = spec.child("collector")
    agent, gateway, sampling = section.child("agent"), section.child("gateway"), section.child("sampling")
    backends = {entry.key: _backend(entry.key, each) for entry, each in section.children("backends")}
    default = _destinations(section.child("default"), backends)
    own = {entry.key: _destinations(each, backends) for entry, each in section.children("tenants")}
    named = [(entry.key, entry.key_position) for entry, _ in section.children("tenants")]
    named += [(each.text, each.position) for each in section.child("privacy").scalars("confidential")]
    known = set(tenants)
    for name, position in named:
        if name not in known:
            help_ = did_you_mean(name, known) or f"tenants: {', '.join(sorted(known))}"
            problems.append(Problem(UNKNOWN_TENANT, f"there is no tenant `{name}`", position, help_))
    result = Collector(
        agent_endpoint=agent.text("endpoint", AgentShape().endpoint),
        agent_clients=agent.flag("client_certificates", default=False),
        agent_kubernetes=agent.flag("kubernetes", default=False),
        gateway=gateway.text("address"),
        peers=gateway.texts("peers"),
        dns=gateway.text("dns"),
        gateway_clients=gateway.flag("client_certificates", default=True),
        backends=MappingProxyType(backends),
        default=default,
        tenants=MappingProxyType(own),
        keep=_share(sampling),
        wait_ms=sampling.duration_ms("wait", 1000, 3_600_000),
        retention=_retention(section.child("retention")),
        privacy=_privacy(section.child("privacy")),
        derived=tuple(
            Derivation(entry.key, each.text("spans"), each.flag("events", default=False), entry.key_position)
            for entry, each in section.children("derive")
        ),
        bases=MappingProxyType({tier: node for tier, node in stated.items() if node is not None}),
        position=section.place(),
        sampling_position=sampling.place(),
    )
    problems += (_no_base(tier, section) for tier in Tier if tier not in stated)
    problems += _endpoint_problems(section)
    problems += _retention_problems(result)
    return result


def _no_base(tier: Tier, section: Reading) -> Problem:
    file = f"{COLLECTOR_BASES}{tier}.yaml"
    message = f"the {tier} is made of a hand-written base, and there is no `{file}`"
    return Problem(UNUSABLE_BASE, message, section.place(), "`watchspec init --collector` writes it")


def _backend(name: str, reading: Reading) -> Backend:
    headers = reading.data("headers")
    for key in headers:
        if _SECRET.search(key):
            message = f"the header `{key}` looks like a secret, and specs are read by everybody"
            place = reading.child("headers").key_place(key)
            reading.problems.append(Problem(SECRET_IN_SPEC, message, place, "write `token_file: /path` instead"))
    return Backend(
        name=name,
        kind=reading.text("kind"),
        endpoint=reading.text("endpoint").rstrip("/"),
        region=reading.text("region"),
        log_group=reading.text("log_group"),
        log_stream=reading.text("log_stream", BackendShape.model_fields["log_stream"].default),
        headers=tuple(sorted((key, str(value)) for key, value in headers.items())),
        token_file=reading.text("token_file"),
        ca=reading.text("ca"),
        client_certificate=reading.flag("client_certificate", default=False),
        retention_ms=reading.duration_ms("retention", DAY_MS, 100 * YEAR_MS),
        index_ms=reading.duration_ms("index", DAY_MS, 100 * YEAR_MS),
        position=reading.place(),
    )


def _destinations(reading: Reading, backends: Mapping[str, Backend]) -> Mapping[Signal, Destination]:
    """Read which backend takes which signal; it must exist and be able to."""
    found: dict[Signal, Destination] = {}
    for signal in Signal:
        name = reading.scalar(signal)
        if name is None:
            continue
        backend = backends.get(name.text)
        if backend is None:
            help_ = did_you_mean(name.text, backends) or f"backends: {', '.join(sorted(backends)) or 'none'}"
            reading.problems.append(
                Problem(UNKNOWN_BACKEND, f"there is no backend `{name.text}`", name.position, help_)
            )
        elif signal not in KINDS[backend.kind].signals:
            message = f"`{name.text}` is a backend of kind `{backend.kind}`, which takes no {signal}"
            able = sorted(each.name for each in backends.values() if signal in KINDS[each.kind].signals)
            help_ = f"backends for {signal}: {', '.join(able) or 'none is declared'}"
            reading.problems.append(Problem(UNKNOWN_BACKEND, message, name.position, help_))
        else:
            found[signal] = Destination(name.text, name.position)
    return MappingProxyType(found)


def _share(reading: Reading) -> Decimal:
    value = reading.quantity("keep")
    if value is None:
        return Decimal("0.1")
    if value.unit != ONE or not 0 <= value.amount <= 1:
        message, place = f"`{value}` is not a share", reading.place("keep")
        reading.problems.append(Problem(COLLECTOR_SHARE, message, place, f"write one such as `{SamplingShape().keep}`"))
        return Decimal(0)
    return value.amount


def _retention(reading: Reading) -> Retention:
    return Retention(
        traces_ms=reading.duration_or("traces", 30 * DAY_MS, DAY_MS, 100 * YEAR_MS),
        logs_ms=reading.duration_or("logs", 90 * DAY_MS, DAY_MS, 100 * YEAR_MS),
        index_ms=reading.duration_or("index", 14 * DAY_MS, DAY_MS, 100 * YEAR_MS),
        position=reading.place(),
    )


def _privacy(reading: Reading) -> Privacy:
    keep = reading.child("keep")
    return Privacy(
        hashed=tuple(sorted(set(reading.texts("hash")))) if reading.has("hash") else PERSONS,
        key=reading.text("key", PrivacyShape().key),
        resource=tuple(sorted(set(keep.texts("resource")))),
        spans=tuple(sorted(set(keep.texts("spans")))),
        logs=tuple(sorted(set(keep.texts("logs")))),
        position=reading.place(),
        confidential=tuple(sorted(set(reading.texts("confidential")))),
    )


def _endpoint_problems(section: Reading) -> Iterator[Problem]:
    """Yield addresses that are missing, or that data would travel to in plain text."""
    agent = section.child("agent").scalar("endpoint")
    if agent is not None and not agent.text.startswith("https://"):
        yield Problem(PLAIN_TEXT_ADDRESS, "services would send in plain text", agent.position, "write `https://…`")
    for entry, each in section.children("backends"):
        kind, endpoint = each.text("kind"), each.scalar("endpoint")
        service = KINDS[kind].service if kind in KINDS else ""
        needed = ("region", *(("log_group",) if service == "logs" else ())) if service else ("endpoint",)
        for key in needed:
            if not each.has(key):
                message = f"backend `{entry.key}` of kind `{kind}` needs `{key}`"
                yield Problem(ADDRESS_MISPLACED, message, entry.key_position, f"write `{key}: …`")
        if service and endpoint is not None:
            message = "the address of an AWS service follows from its region"
            yield Problem(ADDRESS_MISPLACED, message, endpoint.position, "leave `endpoint` out")
        elif endpoint is not None and not endpoint.text.startswith("https://"):
            message = f"telemetry would travel to `{entry.key}` in plain text"
            yield Problem(
                PLAIN_TEXT_ADDRESS,
                message,
                endpoint.position,
                "write `https://…`, with `ca` for an authority of your own",
            )


def _retention_problems(collector: Collector) -> Iterator[Problem]:
    """Yield what is wanted for longer than its backend keeps it, each backend once."""
    wanted = collector.retention
    for signal, kept_ms in ((Signal.TRACES, wanted.traces_ms), (Signal.LOGS, wanted.logs_ms)):
        for name in backends_of(collector, signal):
            backend = collector.backends[name]
            yield from _too_long(backend, f"{signal} are wanted", kept_ms, backend.retention_ms, wanted)
            days = KINDS[backend.kind].days
            if days and (kept_ms % DAY_MS or kept_ms // DAY_MS not in days):
                message = f"`{name}` cannot keep {signal} for {format_duration(kept_ms)}"
                help_ = f"it knows {', '.join(map(str, days))} days"
                yield Problem(
                    RETENTION_TOO_LONG, message, wanted.position, help_, related=(("the backend", backend.position),)
                )
    for name in backends_of(collector, Signal.LOGS):
        backend = collector.backends[name]
        if KINDS[backend.kind].indexed:
            yield from _too_long(backend, "an index of logs is wanted", wanted.index_ms, backend.index_ms, wanted)
    if wanted.index_ms > wanted.logs_ms:
        message = "the index of logs would outlive them"
        yield Problem(RETENTION_TOO_LONG, message, wanted.position, "make `index` at most `logs`")


def _too_long(backend: Backend, what: str, ms: int, limit: int | None, wanted: Retention) -> Iterator[Problem]:
    if limit is not None and ms > limit:
        message = f"{what} for {format_duration(ms)}, but `{backend.name}` keeps them for {format_duration(limit)}"
        related = (("the backend", backend.position),)
        yield Problem(RETENTION_TOO_LONG, message, wanted.position, "lower the one or raise the other", related=related)


def backends_of(collector: Collector, signal: Signal) -> tuple[str, ...]:
    """Return the backends that take a signal, sorted."""
    routes = (collector.default, *collector.tenants.values())
    return tuple(sorted({route[signal].backend for route in routes if signal in route}))
