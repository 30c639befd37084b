"""Which traces are kept: all that somebody will ask about, and a share of the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from generators.diagnostics import Code, Problem, Severity
from generators.formats.durations import format_duration, format_go_duration
from generators.language.catalog import Deployment, Environment, Latency
from generators.language.catalog.collector import Collector
from generators.planning.collector.ottl import any_of, attribute, equals, literal
from generators.planning.collector.plan import Setting
from generators.planning.telemetry.instruments import latency_bound
from otel.semconv import MODEL_NAME, PREDICTION_CONFIDENCE, PREDICTION_FALLBACK, TENANT_ID
from otel.units import plain_number

WAIT_BELOW_A_LATENCY_BOUND = Code(
    "C813",
    "Traces are judged before slow predictions end",
    "A prediction that is slower than its objective is kept only if its span arrives while its trace is waited for: "
    "after its bound, the SDK's delay of 5 s, and the way through agent and gateway.",
    "slos: {latency: {below: 10s}}; sampling: {wait: 10s}",
    "slos: {latency: {below: 10s}}; sampling: {keep: 10%}",
    Severity.WARNING,
)

USUAL_MS: Final = 10_000
"""How long a trace is waited for where no bound needs longer."""
SDK_MS: Final = 5_000
"""How long a finished span lies in the SDK before it is sent, by the default of the specification."""
WAY_MS: Final = 2_000
"""Batches of agent and gateway, the way between them, and the second that the sampler's clock ticks by."""

_CONFIDENCE = attribute("span", PREDICTION_CONFIDENCE)
_DURATION = "(span.end_time_unix_nano - span.start_time_unix_nano)"


def sampling(collector: Collector, deployments: Sequence[Deployment], environment: Environment) -> Iterator[Setting]:
    """Yield the policies of tail sampling; a trace is kept where any of them holds."""
    slow, unsure = list(_slow(deployments)), list(_unsure(deployments))
    policies = [
        {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
        *([_condition("slow", slow)] if slow else []),
        *([_condition("low-confidence", unsure)] if unsure else []),
        _condition("fallback", [f"{attribute('span', PREDICTION_FALLBACK)} != nil"]),
        {
            "name": "rest",
            "type": "probabilistic",
            "probabilistic": {
                "hash_salt": literal(environment.name),
                "sampling_percentage": float(collector.keep * 100),
            },
        },
    ]
    objectives = (slo.position for each in deployments for slo in _latencies(each))
    places = tuple(dict.fromkeys((collector.sampling_position, *objectives)))
    share = f"{plain_number(collector.keep * 100)}%"
    why = f"Errors, predictions slower than their objective, unsure ones and fallbacks are kept; of the rest {share}."
    yield Setting(("processors", "tail_sampling", "policies"), policies, why, places)
    wait_ms = collector.wait_ms or _needed_ms(deployments)
    judged = format_duration(max(wait_ms - SDK_MS - WAY_MS, 0))
    why = f"A prediction that ends within {judged} is judged with its trace."
    wait = format_go_duration(wait_ms)
    yield Setting(("processors", "tail_sampling", "decision_wait"), wait, why, (collector.sampling_position,))


def short_wait(collector: Collector, deployments: Sequence[Deployment]) -> Iterator[Problem]:
    """Yield the wait that a spec sets, if a prediction at an objective's bound arrives after it."""
    found = [(*bound, each) for each in deployments if (bound := _bound(each)) is not None]
    if collector.wait_ms is None or not found:
        return
    seconds, latency, slowest = max(found, key=lambda each: each[0])
    if collector.wait_ms >= _arrives_ms(seconds):
        return
    message = (
        f"traces are judged after {format_duration(collector.wait_ms)}, but a prediction of `{slowest.model.name}` at "
        f"its bound of {plain_number(seconds)} s may arrive {format_duration(_arrives_ms(seconds))} after their start"
    )
    help_ = "leave `wait` out: it then follows from the bounds"
    related = (("the bound", latency.position),)
    yield Problem(WAIT_BELOW_A_LATENCY_BOUND, message, collector.sampling_position, help_, related=related)


def _needed_ms(deployments: Sequence[Deployment]) -> int:
    """Return how long a trace has to be waited for, so that a prediction at any bound is judged with it."""
    bounds = [bound[0] for each in deployments if (bound := _bound(each)) is not None]
    return max([USUAL_MS, *map(_arrives_ms, bounds)])


def _arrives_ms(seconds: Decimal) -> int:
    """Return when, in whole seconds after its start, a prediction that takes so long has certainly arrived."""
    return math.ceil(seconds) * 1000 + SDK_MS + WAY_MS


def _condition(name: str, spans: Sequence[str]) -> dict[str, object]:
    return {"name": name, "type": "ottl_condition", "ottl_condition": {"error_mode": "ignore", "span": list(spans)}}


def _slow(deployments: Sequence[Deployment]) -> Iterator[str]:
    """Yield a condition for each bound: models that share it stand in one."""
    bounds: dict[Decimal, list[str]] = {}
    for deployment in deployments:
        if (bound := _bound(deployment)) is not None:
            bounds.setdefault(bound[0], []).append(_of_model(deployment))
    for seconds, models in sorted(bounds.items()):
        yield f"{_DURATION} > {int(seconds * 10**9)} and {any_of(models)}"


def _unsure(deployments: Sequence[Deployment]) -> Iterator[str]:
    bounds: dict[Decimal, list[str]] = {}
    for deployment in deployments:
        if (bound := deployment.model.low_confidence) is not None:
            bounds.setdefault(bound, []).append(_of_model(deployment))
    for bound, models in sorted(bounds.items()):
        yield f"{_CONFIDENCE} != nil and {_CONFIDENCE} < {format(bound, 'f')} and {any_of(models)}"


def _latencies(deployment: Deployment) -> Iterator[Latency]:
    """Yield the objectives about whole predictions; the span of one lasts as long as its duration says."""
    for slo in deployment.slos:
        match slo.indicator:
            case Latency(metric="duration") as latency:
                yield latency


def _bound(deployment: Deployment) -> tuple[Decimal, Latency] | None:
    """Return the lowest bound of whole predictions, in seconds, with its objective."""
    found = [
        (bound, latency)
        for latency in _latencies(deployment)
        if (bound := latency_bound(latency, deployment.metrics[latency.metric].unit)) is not None
    ]
    return min(found, key=lambda each: each[0], default=None)


def _of_model(deployment: Deployment) -> str:
    model = deployment.model
    tenant = equals(attribute("resource", TENANT_ID), model.tenant)
    return f"({tenant} and {equals(attribute('span', MODEL_NAME), model.name)})"
