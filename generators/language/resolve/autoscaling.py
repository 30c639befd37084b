"""Autoscalers that specs ask for: what they need, and what keeps two of them from pulling at one Deployment."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from generators.diagnostics import Code, Problem
from generators.language.catalog import Autoscaling, Environment, Horizontal, Model, Resources, Vertical
from generators.language.resolve.applicability import Scope
from generators.language.resolve.items import INCOMPLETE_ITEM, MINUTE, converted, required
from generators.language.resolve.reading import Reading
from otel.units import ONE, plain_number

BEYOND_ITS_BOUNDS = Code(
    "V233",
    "Autoscaling beyond its bounds",
    "An autoscaler has room between what there always is and the most there will be, and a limit that can be passed.",
    "horizontal: {least: 5, cpu: 70%}  # service: {replicas: 3}",
    "horizontal: {least: 2, cpu: 70%}",
)
TWO_AUTOSCALERS = Code(
    "R331",
    "Two autoscalers on one sign",
    "One autoscaler changes what a share of CPU means while another decides by it, so that they chase each other.",
    "autoscaling: {vertical: {update: Recreate, …}, horizontal: {cpu: 70%}}",
    "autoscaling: {vertical: {update: Off, …}, horizontal: {cpu: 70%}}",
)
NO_PROMETHEUS = Code(
    "R332",
    "No Prometheus to ask",
    "An autoscaler that reads a recorded series has to know where queries are answered.",
    "autoscaling: {horizontal: {latency: 250ms}}",
    "prometheus_url: https://prometheus.example.com  # in the environment",
)

LATENCY: Final = "latency_p95"
"""The measure that `latency` is compared with."""

REQUESTS: Final = "request_rate"
"""The measure that tells a model without requests from one without telemetry."""

LEAST: Final = 2
FOR: Final = 5 * MINUTE
LONGEST: Final = 60 * MINUTE
"""What Kubernetes takes for a window of stabilisation at most."""

_SUFFIXES: Final = {"m": "0.001", "Ki": "1024", "Mi": "1048576", "Gi": "1073741824", "Ti": "1099511627776"}


def autoscaling(scope: Scope, model: Model, environment: Environment, measures: Collection[str]) -> Autoscaling | None:
    """Read the autoscalers of a model in an environment; only Kubernetes has any."""
    if environment.orchestrator != "kubernetes":
        return None
    reading = scope.merged.child("autoscaling")
    vertical, horizontal = reading.child("vertical"), reading.child("horizontal")
    larger = _vertical(vertical) if _asked(reading, "vertical") else None
    more = _horizontal(horizontal, scope, model, environment, measures) if _asked(reading, "horizontal") else None
    if larger and more and larger.update != "Off" and more.cpu is not None:
        message = f"two autoscalers would follow the CPU of `{model.name}`, and each changes what the other measures"
        help_ = "write `update: Off` to get recommendations only, or take `cpu` away from `horizontal`"
        reading.problems.append(Problem(TWO_AUTOSCALERS, message, vertical.place("update"), help_))
    return Autoscaling(larger, more) if larger or more else None


def _asked(reading: Reading, key: str) -> bool:
    return reading.has(key) and reading.child(key).flag("enabled", default=True)


def _vertical(reading: Reading) -> Vertical | None:
    if not required(reading, "vertical autoscaling", ("container", "requests")):
        return None
    if not required(reading.child("requests"), "what the container requests", ("cpu", "memory")):
        return None
    least, most = _resources(reading.child("requests")), _resources(reading.child("most"))
    for key, lower, upper in (("cpu", least.cpu, most.cpu), ("memory", least.memory, most.memory)):
        if upper and _amount(upper) < _amount(lower):
            message = f"the container requests {lower} already, and may have {upper} at most"
            place = reading.child("most").place(key)
            reading.problems.append(Problem(BEYOND_ITS_BOUNDS, message, place, f"write `{lower}` or more"))
    return Vertical(reading.text("update", "Off"), reading.text("container"), least, most)


def _resources(reading: Reading) -> Resources:
    """Read resources; a number of cores may have been written in any way that YAML knows."""
    cores = reading.scalar("cpu")
    is_number = cores is not None and isinstance(cores.value, int | float)
    cpu = plain_number(Decimal(str(cores.value))) if cores is not None and is_number else reading.text("cpu")
    return Resources(cpu, reading.text("memory"))


def _amount(text: str) -> Decimal:
    """Return cores or bytes; the shape has checked how they are written."""
    number = text.rstrip("mKMGTi")
    return Decimal(number) * Decimal(_SUFFIXES.get(text[len(number) :], "1"))


def _horizontal(
    reading: Reading, scope: Scope, model: Model, environment: Environment, measures: Collection[str]
) -> Horizontal | None:
    least = reading.integer("least") or LEAST
    if least > model.replicas:
        message = f"{least} replicas always run, and the service has {model.replicas} at most"
        help_ = f"write `{model.replicas}` or fewer, or more `replicas` under `service`"
        reading.problems.append(Problem(BEYOND_ITS_BOUNDS, message, reading.place("least"), help_))
    cpu, latency = _limit(reading, "cpu", "", "70%"), _limit(reading, "latency", "s", "250ms")
    if not reading.has("cpu") and not reading.has("latency"):
        message = "horizontal autoscaling does not say on what sign there are more replicas"
        help_ = "add `cpu: 70%` or `latency: 250ms`, or `enabled: false` if it should go"
        reading.problems.append(Problem(INCOMPLETE_ITEM, message, reading.place(), help_))
    for measure in (LATENCY, REQUESTS):
        if latency is not None and measure not in measures:
            scope.unavailable("autoscaling by latency", measure, reading.place("latency"))
            latency = None
    if latency is not None and not environment.prometheus_url:
        message = f"nothing says where the Prometheus of `{environment.name}` answers queries"
        help_ = f"add `prometheus_url: https://…` to the environment `{environment.name}`, or take `latency` away"
        reading.problems.append(Problem(NO_PROMETHEUS, message, reading.place("latency"), help_))
    for_ms = reading.duration_or("for", FOR, most=LONGEST)
    return Horizontal(least, model.replicas, cpu, latency, for_ms) if cpu or latency else None


def _limit(reading: Reading, key: str, unit: str, example: str) -> Decimal | None:
    """Read a limit that is more than nothing."""
    value = reading.quantity(key)
    amount = None if value is None else converted(value, unit, reading.place(key), reading.problems)
    if value is None or amount is None:
        return None
    if amount <= 0 or (amount > 1 and value.unit == ONE and not value.text.endswith("%")):
        message = f"`{key}` of `{reading.text(key)}` is no limit that replicas stay below"
        help_ = f"write one such as `{example}`"
        reading.problems.append(Problem(BEYOND_ITS_BOUNDS, message, reading.place(key), help_))
        return None
    return amount
