"""Which traces are kept: all that somebody will ask about, and a share of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from generators.formats.durations import format_go_duration
from generators.language.catalog import Deployment, Environment, Latency
from generators.language.catalog.collector import Collector
from generators.planning.collector.ottl import any_of, attribute, equals, literal
from generators.planning.collector.plan import Setting
from generators.planning.telemetry.instruments import latency_bound
from otel.semconv import MODEL_NAME, PREDICTION_CONFIDENCE, PREDICTION_FALLBACK, TENANT_ID
from otel.units import plain_number

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
    wait = format_go_duration(collector.wait_ms)
    why = f"A trace is complete after {wait}."
    yield Setting(("processors", "tail_sampling", "decision_wait"), wait, why, (collector.sampling_position,))


def _condition(name: str, spans: Sequence[str]) -> dict[str, object]:
    return {"name": name, "type": "ottl_condition", "ottl_condition": {"error_mode": "ignore", "span": list(spans)}}


def _slow(deployments: Sequence[Deployment]) -> Iterator[str]:
    """Yield a condition for each bound: models that share it stand in one."""
    bounds: dict[Decimal, list[str]] = {}
    for deployment in deployments:
        found = [bound for slo in _latencies(deployment) if (bound := _bound(slo, deployment)) is not None]
        if found:
            bounds.setdefault(min(found), []).append(_of_model(deployment))
    for bound, models in sorted(bounds.items()):
        yield f"{_DURATION} > {int(bound * 10**9)} and {any_of(models)}"


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


def _bound(latency: Latency, deployment: Deployment) -> Decimal | None:
    return latency_bound(latency, deployment.metrics[latency.metric].unit)


def _of_model(deployment: Deployment) -> str:
    model = deployment.model
    tenant = equals(attribute("resource", TENANT_ID), model.tenant)
    return f"({tenant} and {equals(attribute('span', MODEL_NAME), model.name)})"
