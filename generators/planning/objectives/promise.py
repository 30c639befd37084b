"""The promise: how long a page about a total outage can take, from the platform's intervals.

Between the first failing request and the notification lie, at most: an export before the failure and one after it (a
counter needs two samples), the way through the Collector, the time until the share of failures in the window
passes its limit, one rule evaluation, ``for`` rounded up to evaluations, and the group wait of the route.  Measured
with real servers, every hop stayed within its bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from generators.diagnostics import Code, Problem
from generators.formats.durations import format_duration
from generators.language.catalog import Environment, Outage, Platform, Slo

WINDOW_TOO_SHORT = Code(
    "A503",
    "Window too short",
    "A rate needs four exports in its window.",
    "outage: {window: 10s}  # export every 15s",
    "outage: {window: 1m}",
)
BROKEN_PROMISE = Code(
    "A504",
    "Promise cannot be kept",
    "The sum of all delays exceeds what the environment promises.",
    "page_within: 60s  # export_interval: 15s",
    "export_interval: 5s",
)

MIN_SAMPLES = 4
"""Exports that the range of a rate should hold."""

CONFIRMATIONS = 2
"""Intervals that an urgent condition must hold after its first evaluation: three evaluations in all."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The parts of the bound, in milliseconds, in the order in which they pass."""

    exports_ms: int
    transport_ms: int
    detection_ms: int
    evaluation_ms: int
    confirmation_ms: int
    group_wait_ms: int

    @property
    def total_ms(self) -> int:
        """The bound."""
        parts = (self.exports_ms, self.transport_ms, self.detection_ms, self.evaluation_ms, self.confirmation_ms)
        return sum(parts) + self.group_wait_ms

    def __str__(self) -> str:
        """Return the sum with its parts, for messages."""
        parts = (
            ("two exports", self.exports_ms),
            ("transport", self.transport_ms),
            ("detection", self.detection_ms),
            ("evaluation", self.evaluation_ms),
            ("for", self.confirmation_ms),
            ("group wait", self.group_wait_ms),
        )
        return " + ".join(f"{name} {format_duration(part)}" for name, part in parts)


def promise(outage: Outage, environment: Environment, platform: Platform) -> Promise:
    """Return the bound of an outage tier in an environment."""
    interval = environment.urgent_interval_ms
    hold = urgent_for_ms(environment)
    return Promise(
        exports_ms=2 * environment.export_interval_ms,
        transport_ms=platform.transport_delay_ms,
        detection_ms=int(outage.ratio * outage.window_ms),
        evaluation_ms=interval,
        confirmation_ms=ceil(hold / interval) * interval,
        group_wait_ms=platform.urgent.group_wait_ms,
    )


def urgent_for_ms(environment: Environment) -> int:
    """Return how long an urgent condition must hold: three evaluations."""
    return CONFIRMATIONS * environment.urgent_interval_ms


def check(slo: Slo, outage: Outage, environment: Environment, platform: Platform) -> Iterator[Problem]:
    """Yield what keeps an outage tier from its promise."""
    shortest = MIN_SAMPLES * environment.export_interval_ms
    if outage.window_ms < shortest:
        message = (
            f"the outage window of `{slo.name}` is {format_duration(outage.window_ms)}, but services of "
            f"`{environment.name}` export every {format_duration(environment.export_interval_ms)}"
        )
        help_ = f"a rate needs four exports: at least {format_duration(shortest)}"
        yield Problem(WINDOW_TOO_SHORT, message, outage.position, help_)
    bound, allowed = promise(outage, environment, platform), environment.page_within_ms
    if allowed is not None and bound.total_ms > allowed:
        message = (
            f"a page about an outage of `{slo.name}` can take {format_duration(bound.total_ms)} in "
            f"`{environment.name}`, which promises {format_duration(allowed)}: {bound}"
        )
        help_ = "shorten the largest: export_interval, urgent_interval, the outage's ratio or window, or group_wait"
        related = (("the promise", environment.position),)
        yield Problem(BROKEN_PROMISE, message, outage.position, help_, related=related)
