"""Platform, environments, teams and price lists: from documents to the Catalog's values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from generators.diagnostics import Code, Problem, Severity, did_you_mean
from generators.formats.yaml.nodes import Entry, Scalar, Sequence, plain
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import (
    Budget,
    Environment,
    Escalation,
    ExternalMetric,
    Level,
    Platform,
    Price,
    PriceList,
    Redirect,
    Revision,
    Semconv,
    Team,
    Timing,
)
from generators.language.documents import Document
from generators.language.resolve import collector
from generators.language.resolve.reading import YEAR_MS, Reading
from generators.language.shapes.organisation import (
    EnvironmentSpec,
    GrafanaShape,
    LinksShape,
    PrometheusShape,
    SemconvShape,
    TelemetryShape,
)
from otel.units import UnitError, convert, parse_unit, plain_number

UNKNOWN_RECEIVER = Code(
    "R304",
    "Unknown receiver",
    "The team declares no receiver of that name.",
    "notify: {critical: [pagr]}",
    "notify: {critical: [pager]}",
)
UNKNOWN_TIME_INTERVAL = Code(
    "R305",
    "Unknown time interval",
    "The platform declares no time interval of that name.",
    "active: {warning: office}",
    "active: {warning: business-hours}",
)
NOT_A_PRICE_PER_TOKEN = Code(
    "V211",
    "Not a price per token",
    "A price is an amount of the list's currency for a number of tokens.",
    "input: 0.15 USD",
    "input: 0.15 USD/1M tokens",
)

PRICE_OF_NOTHING = Code(
    "V231",
    "Price of nothing",
    "Tokens without a price cost nothing in every report, and no alert on cost ever fires for them.",
    "input: 0 USD/1M tokens",
    "input: 0.15 USD/1M tokens",
    Severity.WARNING,
)

TWO_REVISIONS = Code(
    "V234",
    "Two revisions",
    "A cluster follows one branch, one tag or one commit of the repository.",
    "gitops: {branch: main, tag: v1.4.0}",
    "gitops: {tag: v1.4.0}",
)

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
ORDINARY = Timing(30 * SECOND, 300 * SECOND, 4 * 3600 * SECOND)
URGENT = Timing(5 * SECOND, 10 * SECOND, 3600 * SECOND)


def budget(reading: Reading) -> Budget:
    """Read limits."""
    return Budget(
        reading.integer("series"),
        reading.integer("samples_per_second"),
        reading.integer("rules"),
        reading.place(),
    )


def platform(document: Document, problems: list[Problem]) -> Platform:
    """Read the platform; what it leaves out has the defaults of its shape."""
    spec = Reading(document.spec, problems)
    telemetry, prometheus, sender = (
        spec.child("telemetry"),
        spec.child("prometheus"),
        spec.child("alertmanager"),
    )
    base, server, links = TelemetryShape(), PrometheusShape(), LinksShape()
    screen, grafana = GrafanaShape(), spec.child("grafana")
    budgets, default = spec.child("budget"), sender.child("default")
    intervals = {entry.key: entry for entry in _entries(spec, "time_intervals")}
    return Platform(
        name=document.name,
        organisation=spec.text("organisation"),
        tenants={entry.key: tenant.text("description") for entry, tenant in spec.children("tenants")},
        prefix=telemetry.text("prefix", base.prefix),
        translation=telemetry.text("translation", base.translation),
        export_interval_ms=telemetry.duration_or("export_interval", 15 * SECOND, SECOND, HOUR),
        transport_delay_ms=telemetry.duration_or("transport_delay", SECOND, most=HOUR),
        gen_ai=telemetry.text("gen_ai", base.gen_ai),
        prometheus_version=prometheus.text("version", server.version),
        evaluation_interval_ms=prometheus.duration_or("evaluation_interval", 30 * SECOND, SECOND, HOUR),
        urgent_interval_ms=prometheus.duration_or("urgent_interval", 10 * SECOND, SECOND, HOUR),
        retention_ms=prometheus.duration_or("retention", 35 * 86400 * SECOND, HOUR, 100 * YEAR_MS),
        rules_per_group=prometheus.integer("rules_per_group"),
        experimental_functions=prometheus.flag("experimental_functions", default=server.experimental_functions),
        default_team=default.text("team"),
        default_receiver=default.text("receiver"),
        timing=_timing(sender.child("timing"), ORDINARY),
        urgent=_timing(sender.child("urgent"), URGENT),
        smtp=sender.data("smtp"),
        time_intervals={name: tuple(plain(entry.value)) for name, entry in intervals.items()},
        interval_positions={name: entry.key_position for name, entry in intervals.items()},
        external={entry.key: _external(entry, each) for entry, each in spec.children("external")},
        runbook_url=spec.child("links").text("runbook", links.runbook),
        dashboard_url=spec.child("links").text("dashboard", links.dashboard),
        model_budget=budget(budgets.child("model")),
        tenant_budget=budget(budgets.child("tenant")),
        environment_budget=budget(budgets.child("environment")),
        position=document.position,
        grafana_version=grafana.text("version", screen.version),
        grafana_path=grafana.text("path", screen.path),
        semconv=_semconv(telemetry.child("semconv")),
        repository_url=spec.child("links").text("repository", links.repository),
        distribution=collector.distribution(spec),
        revision=_revision(spec, Revision()),
        export_position=telemetry.place("export_interval") if telemetry.has("export_interval") else None,
        install=spec.child("ci").text("install"),
    )


def _semconv(reading: Reading) -> Semconv:
    base = SemconvShape()
    position = reading.place("version") if reading.has("version") else None
    return Semconv(reading.text("version", base.version), reading.text("url", base.url), position)


def environment(document: Document, platform: Platform, bases: collector.Bases, problems: list[Problem]) -> Environment:
    """Read an environment; its intervals fall back to the platform's."""
    spec = Reading(document.spec, problems)
    return Environment(
        name=document.name,
        description=spec.text("description"),
        label=spec.text("label", document.name),
        severity_cap=Level(spec.text("severity_cap", Level.CRITICAL)),
        page_within_ms=spec.duration_ms("page_within", SECOND),
        export_interval_ms=spec.duration_or("export_interval", platform.export_interval_ms, SECOND, HOUR),
        evaluation_interval_ms=spec.duration_or("evaluation_interval", platform.evaluation_interval_ms, SECOND, HOUR),
        urgent_interval_ms=spec.duration_or("urgent_interval", platform.urgent_interval_ms, SECOND, HOUR),
        external_labels={entry.key: _text(entry) for entry in _entries(spec, "external_labels")},
        position=document.position,
        collector=collector.collector(spec, platform.tenants, bases, problems),
        orchestrator=spec.text("orchestrator", EnvironmentSpec.model_fields["orchestrator"].default),
        redirect=_redirect(spec),
        prometheus_url=spec.text("prometheus_url"),
        revision=_revision(spec, platform.revision),
        export_position=spec.place("export_interval") if spec.has("export_interval") else platform.export_position,
    )


def _revision(spec: Reading, general: Revision) -> Revision:
    """Read what is followed in the repository; a second answer is a problem."""
    reading = spec.child("gitops")
    found = [Revision(kind, reading.text(kind)) for kind in ("branch", "tag", "commit") if reading.has(kind)]
    for other in found[1:]:
        message = f"a cluster follows one revision, and `{found[0].kind}` is stated already"
        help_ = f"keep `{found[0].kind}` or `{other.kind}`"
        spec.problems.append(Problem(TWO_REVISIONS, message, reading.key_place(other.kind), help_))
    return found[0] if found else general


def _redirect(spec: Reading) -> Redirect | None:
    if not spec.has("redirect"):
        return None
    stated = spec.child("redirect")
    return Redirect(_integrations(stated), spec.key_place("redirect"), stated.node)


def team(document: Document, platform: Platform, problems: list[Problem]) -> Team:
    """Read a team; receivers and time intervals that it names must exist."""
    spec = Reading(document.spec, problems)
    receivers = {entry.key: (entry, each) for entry, each in spec.children("receivers")}
    notify, active = spec.child("notify"), spec.child("active")
    for level in Level:
        for name in notify.scalars(level):
            _known(UNKNOWN_RECEIVER, "receiver", name, receivers, problems)
        interval = active.scalar(level)
        if interval is not None:
            _known(UNKNOWN_TIME_INTERVAL, "time interval", interval, platform.time_intervals, problems)
    stages = []
    for stage in _readings(spec, "escalation"):
        receiver = stage.scalar("notify")
        if receiver is not None:
            _known(UNKNOWN_RECEIVER, "receiver", receiver, receivers, problems)
            stages.append(Escalation(stage.duration_or("after", MINUTE, MINUTE), receiver.text, stage.place()))
    return Team(
        name=document.name,
        description=spec.text("description"),
        contact=spec.text("contact"),
        receivers={name: _integrations(each) for name, (_, each) in receivers.items()},
        receiver_positions={name: entry.key_position for name, (entry, _) in receivers.items()},
        receiver_nodes={name: each.node for name, (_, each) in receivers.items()},
        notify={level: tuple(name for name in notify.texts(level) if name in receivers) for level in Level},
        active={level: active.text(level) for level in Level if active.text(level) in platform.time_intervals},
        escalation=tuple(sorted(stages, key=lambda stage: stage.after_ms)),
        position=document.position,
    )


def nobody(document: Document) -> Team:
    """Return a stand-in for a model's missing team, so that its other problems can be found."""
    silent: dict[Level, tuple[str, ...]] = dict.fromkeys(Level, ())
    return Team("", "", "", {}, {}, {}, silent, {}, (), document.position)


def price_list(document: Document, problems: list[Problem]) -> PriceList:
    """Read a price list; prices become exact amounts for one token."""
    spec = Reading(document.spec, problems)
    currency = spec.text("currency")
    return PriceList(
        name=document.name,
        currency=currency,
        prices={entry.key: _price(entry.key, each, currency) for entry, each in spec.children("models")},
        position=document.position,
    )


def _price(model: str, reading: Reading, currency: str) -> Price:
    given, produced = _per_token(reading, "input", currency), _per_token(reading, "output", currency)
    cached, reasoning = (
        _per_token(reading, "cached_input", currency),
        _per_token(reading, "reasoning", currency),
    )
    return Price(
        model,
        given or Decimal(0),
        produced or Decimal(0),
        given or Decimal(0) if cached is None else cached,
        produced or Decimal(0) if reasoning is None else reasoning,
    )


def _per_token(reading: Reading, key: str, currency: str) -> Decimal | None:
    value = reading.quantity(key)
    if value is None:
        return None
    try:
        price = convert(value.amount, value.unit, parse_unit(f"{{{currency}}}/{{token}}"))
    except UnitError:
        message = f"a price is in {currency} per token, and `{reading.text(key)}` is not"
        foreign = re.search("[A-Z]{3}", value.text) and currency not in value.text
        amount = "0.15" if foreign else plain_number(value.amount)
        help_ = f"write it as `{amount} {currency}/1M tokens`"
        reading.problems.append(Problem(NOT_A_PRICE_PER_TOKEN, message, reading.place(key), help_))
        return None
    if price < 0:
        message = f"`{key}` costs less than nothing"
        reading.problems.append(Problem(NOT_A_PRICE_PER_TOKEN, message, reading.place(key), "write what it costs"))
    elif not price:
        message = f"tokens of `{key}` cost nothing, and are counted so in every report"
        help_ = f"write their price, such as `0.15 {currency}/1M tokens`; what you host costs its machines"
        reading.problems.append(Problem(PRICE_OF_NOTHING, message, reading.place(key), help_))
    return price


def _timing(reading: Reading, default: Timing) -> Timing:
    return Timing(
        reading.duration_or("group_wait", default.group_wait_ms, most=24 * HOUR),
        reading.duration_or("group_interval", default.group_interval_ms, SECOND),
        reading.duration_or("repeat_interval", default.repeat_interval_ms, SECOND),
    )


def _external(entry: Entry, reading: Reading) -> ExternalMetric:
    return ExternalMetric(
        entry.key,
        reading.text("type"),
        reading.unit("unit", ""),
        tuple(sorted(reading.texts("labels"))),
        reading.text("source"),
        entry.key_position,
    )


def _integrations(reading: Reading) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return tuple((entry.key, dict(plain(entry.value))) for entry in reading.node.entries)


def _entries(reading: Reading, key: str) -> tuple[Entry, ...]:
    value = reading.node.get(key)
    return value.entries if isinstance(value, MappingNode) else ()


def _readings(reading: Reading, key: str) -> tuple[Reading, ...]:
    value = reading.node.get(key)
    items = value.items if isinstance(value, Sequence) else ()
    return tuple(Reading(item, reading.problems) for item in items if isinstance(item, MappingNode))


def _text(entry: Entry) -> str:
    return entry.value.text if isinstance(entry.value, Scalar) else ""


def _known(code: Code, what: str, name: Scalar, known: Iterable[str], problems: list[Problem]) -> None:
    if name.text not in set(known):
        help_ = did_you_mean(name.text, known) or f"known: {', '.join(sorted(known)) or 'none'}"
        problems.append(Problem(code, f"{what} `{name.text}` is not declared", name.position, help_))
