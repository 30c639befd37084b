"""Alerts on the Collectors themselves: what they refuse, drop and queue, and that they are there at all.

Their instruments are those of Collector 0.157 (`metadata.yaml` of its components); what is pushed by OTLP gets its
Prometheus names by the same translation as everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Final

from generators.language.catalog import Environment, Level, Platform, Runbook, Team
from generators.language.catalog.collector import Collector, Tier
from generators.planning.alerts.conditions import ORDER
from generators.planning.collector.telemetry import NAMESPACE, service_name
from generators.planning.expressions import binary, call, equal, number, over, positive, rate, selector, total
from generators.planning.groups import group
from generators.planning.links import fleet_runbook
from generators.planning.names import ENVIRONMENT, STRATEGIES
from generators.planning.objectives.tiers import priorities
from generators.planning.plan import Alerting, Group
from generators.promql.syntax.ast import Expr, Matcher
from generators.promql.templates import escape
from otel.names import InstrumentKind, series_names

MINUTE: Final = 60_000
BY: Final = ("job", "instance")
SIGNALS: Final = ("spans", "metric_points", "log_records")
FULL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Watch:
    """An alert on Collectors; ``summary`` may use the labels of its expression."""

    alert: str
    expr: Expr
    level: Level
    for_ms: int
    summary: str
    runbook: Runbook
    threshold: str = ""


@dataclass(frozen=True, slots=True)
class Own:
    """Names of the Collectors' own series in one environment."""

    environment: Environment
    translation: str

    def counter(self, name: str, unit: str) -> str:
        """Return the series of a counter."""
        return self._name(name, InstrumentKind.COUNTER, unit)

    def gauge(self, name: str, unit: str) -> str:
        """Return the series of a gauge."""
        return self._name(name, InstrumentKind.GAUGE, unit)

    def _name(self, name: str, kind: InstrumentKind, unit: str) -> str:
        return series_names(f"otelcol_{name}", kind, unit, STRATEGIES[self.translation])[0]

    @property
    def here(self) -> tuple[Matcher, ...]:
        """The matchers of the environment."""
        return (equal(ENVIRONMENT, self.environment.label),)

    def of(self, tier: Tier) -> tuple[Matcher, ...]:
        """The matchers of a tier."""
        return (equal("job", f"{NAMESPACE}/{service_name(tier)}"), *self.here)

    def lost(self, stem: str, *by: str) -> Expr:
        """Return what any signal lost a second, above zero, for counters named alike."""
        rates = (rate(selector(self.counter(f"{stem}_{each}", "{item}"), self.here), 5 * MINUTE) for each in SIGNALS)
        return any_of(positive(total(each, (*BY, *by))) for each in rates)


def any_of(found: Iterable[Expr]) -> Expr:
    """Return whatever any of several expressions yields."""
    return reduce(lambda left, right: binary("or", left, right), found)


def collector_groups(
    collector: Collector, environment: Environment, platform: Platform, team: Team | None
) -> Iterator[Group]:
    """Yield the rule group of an environment's Collectors."""
    own = Own(environment, platform.translation)
    rules = [_alerting(each, collector, environment, platform, team) for each in (*_losses(own), *_presence(own))]
    yield from group("collector-health", environment.evaluation_interval_ms, rules, platform.rules_per_group)


def _losses(own: Own) -> Iterator[Watch]:
    yield Watch(
        "CollectorRefusing",
        own.lost("receiver_refused", "receiver"),
        Level.WARNING,
        5 * MINUTE,
        "{{ $labels.job }} refuses data: {{ $value | humanize }} items/s",
        Runbook(
            "The memory limiter, or a statement that must not fail, refuses what services or agents send.",
            "Senders keep it and try again; after their own queues are full, it is lost.",
            (
                "Look whether its memory is near the limit, and since when.",
                "Look at its log: a statement that fails is named there.",
                "If load grew, add gateways, or raise the limit in collector-config/ and that of the container.",
            ),
        ),
    )
    yield Watch(
        "CollectorDropping",
        any_of((own.lost("exporter_enqueue_failed", "exporter"), own.lost("exporter_send_failed", "exporter"))),
        Level.CRITICAL,
        2 * MINUTE,
        "{{ $labels.job }} drops data for {{ $labels.exporter }}: {{ $value | humanize }} items/s",
        Runbook(
            "The queue is full, or the backend refused data for good. It is not sent again.",
            "Telemetry is lost: alerts may be blind, and traces and logs have holes.",
            (
                "Read the error in the Collector's log: full queue, refused by the backend, or not allowed.",
                "For a full queue, mend the backend first; for refusals, look at what it says about the data.",
                "For `out of bounds` or `too old`, widen the out-of-order window of Prometheus.",
            ),
        ),
    )
    size, capacity = (
        selector(own.gauge(f"exporter_queue_{each}", "{batch}"), own.here) for each in ("size", "capacity")
    )
    ratio = binary("/", size, positive(capacity))
    yield Watch(
        "CollectorQueueing",
        binary(">", ratio, number(FULL)),
        Level.WARNING,
        5 * MINUTE,
        "{{ $labels.job }} has {{ $value | humanizePercentage }} of its queue for {{ $labels.exporter }} in use",
        Runbook(
            "Data comes faster than the backend takes it, or the backend is away.",
            "Nothing is lost yet, but dashboards and alerts lag behind.",
            (
                "Look whether the backend answers, and how fast.",
                "If it is away, mend it before the queue is full: then data is dropped.",
                "If it is slow, look for a tenant that sends far more than before.",
            ),
        ),
        threshold=f"{FULL:.0%}".replace("%", " %"),
    )
    early = own.counter("processor_tail_sampling_sampling_trace_dropped_too_early", "{traces}")
    yield Watch(
        "CollectorTracesCut",
        positive(total(rate(selector(early, own.here), 5 * MINUTE), BY)),
        Level.WARNING,
        10 * MINUTE,
        "{{ $labels.job }} forgets traces before it judged them: {{ $value | humanize }} traces/s",
        Runbook(
            "More traces are open at once than the gateway may hold.",
            "Slow and failed predictions may be missing among traces. Metrics are not concerned.",
            ("Raise `num_traces` in collector-config/gateway.yaml, or add gateways.",),
        ),
    )


def _presence(own: Own) -> Iterator[Watch]:
    for tier, level in ((Tier.AGENT, Level.WARNING), (Tier.GATEWAY, Level.CRITICAL)):
        uptime = selector(own.counter("process_uptime", "s"), own.of(tier))
        yield Watch(
            f"Collector{tier.capitalize()}Missing",
            call("absent_over_time", over(uptime, 5 * MINUTE)),
            level,
            5 * MINUTE,
            f"No {tier} has reported for five minutes",
            Runbook(
                f"No {tier} of this environment sends its own metrics.",
                "Either none runs, or its way to the backend is cut. Then all telemetry is missing too.",
                (
                    f"Look whether {tier}s run, and at their logs: one without its key or certificate does not start.",
                    "Look whether they reach what is behind them, and whether its certificate is still valid.",
                ),
            ),
        )


def _alerting(
    watch: Watch, collector: Collector, environment: Environment, platform: Platform, team: Team | None
) -> Alerting:
    level = min(watch.level, environment.severity_cap, key=ORDER.index)
    labels = {
        "environment": environment.name,
        "model": "",
        "priority": priorities()[level],
        "severity": str(level),
        "symptom": "telemetry",
        "team": platform.default_team,
        "tenant": "",
    }
    annotations = {"summary": watch.summary, "runbook_url": fleet_runbook(platform, watch.alert)}
    if team is not None:
        annotations["owner"] = escape(f"{team.name}, {team.contact}")
    if watch.threshold:
        annotations["threshold"] = escape(watch.threshold)
    return Alerting(
        alert=watch.alert,
        expr=watch.expr,
        for_ms=watch.for_ms,
        keep_firing_for_ms=0,
        labels=tuple(sorted(labels.items())),
        annotations=tuple(sorted(annotations.items())),
        level=level,
        threshold=watch.threshold,
        promise_ms=None,
        runbook=watch.runbook,
        provenance=(collector.position,),
    )
