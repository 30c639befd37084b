"""Which attributes pass the agent: those that specs declare, and the few that say whose telemetry it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generators.language.catalog import Deployment, Platform
from generators.language.catalog.collector import Privacy
from generators.planning.collector.content import open_content
from generators.planning.conventions.signals import events
from otel import semconv
from otel.genai import PROFILES

RESOURCE: Final = (
    semconv.SERVICE_NAME,
    semconv.SERVICE_NAMESPACE,
    semconv.SERVICE_INSTANCE_ID,
    semconv.SERVICE_VERSION,
    semconv.SERVICE_CRITICALITY,
    semconv.DEPLOYMENT_ENVIRONMENT_NAME,
    semconv.TENANT_ID,
    semconv.K8S_CLUSTER_NAME,
    semconv.K8S_NAMESPACE_NAME,
    semconv.K8S_DEPLOYMENT_NAME,
    semconv.K8S_POD_NAME,
    semconv.K8S_POD_UID,
    semconv.K8S_NODE_NAME,
)
IDENTITY: Final = (semconv.MODEL_NAME, semconv.MODEL_VERSION)
HTTP: Final = (
    semconv.ERROR_TYPE,
    semconv.HTTP_REQUEST_METHOD,
    semconv.HTTP_RESPONSE_STATUS_CODE,
    semconv.HTTP_ROUTE,
    "network.protocol.name",
    "network.protocol.version",
    "rpc.method",
    "rpc.system.name",
    "url.scheme",
)
"""What the conventions say about requests, without addresses and URLs, which hold what users type."""
PREDICTION: Final = (
    semconv.PREDICTION_CONFIDENCE,
    semconv.PREDICTION_FALLBACK,
    semconv.PREDICTION_CLASS,
    semconv.REQUEST_ID,
)
EXCEPTION: Final = ("exception.type", "exception.message", "exception.stacktrace")
LOG: Final = (semconv.METRIC_SET,)
EVALUATION: Final = ("evaluation", "evaluation_score", "evaluation_label", "response_id")
"""What the GenAI conventions say in the event of an evaluation, without its explanation."""

METRIC: Final = (semconv.BASELINE_VERSION, semconv.METRIC_OVERFLOW)
"""A baseline's metrics say of which version they are, and a full SDK says that it is full."""
BINNED: Final = (semconv.FEATURE, semconv.BIN)
"""What baselines are counted by, behind the prefix."""

CONTENT: Final = ("input_messages", "output_messages", "system_instructions", "evaluation_explanation")
"""What people write and what they are answered: it stays where it is."""


@dataclass(frozen=True, slots=True)
class PassingAttributes:
    """Keys by what carries them, sorted."""

    resource: tuple[str, ...]
    spans: tuple[str, ...]
    events: tuple[str, ...]
    datapoints: tuple[str, ...]
    logs: tuple[str, ...]
    body: tuple[str, ...]


def passing_attributes(deployments: Sequence[Deployment], privacy: Privacy, platform: Platform) -> PassingAttributes:
    """Return what passes in an environment."""
    declared = {
        attribute.key for each in deployments for metric in each.metrics.values() for attribute in metric.attributes
    }
    own = open_content(deployments, platform.gen_ai)
    profile = PROFILES[platform.gen_ai].attributes
    generative = {key for name, key in profile.items() if name not in CONTENT}
    common = {*IDENTITY, *HTTP, *declared}
    spans = {*common, *PREDICTION, *generative, *privacy.hashed, *privacy.spans}
    said = {*_of_events(platform.prefix), *(profile[name] for name in EVALUATION if name in profile)}
    logs = {*common, *PREDICTION, *LOG, *said, *EXCEPTION, *privacy.hashed, *privacy.logs}
    return PassingAttributes(
        resource=_sorted({*RESOURCE, *privacy.resource}),
        spans=_sorted({*spans, *own.span_keys}),
        events=_sorted({*EXCEPTION, *IDENTITY, *generative}),
        datapoints=_sorted({*common, *METRIC, *(f"{platform.prefix}.{key}" for key in BINNED)}),
        logs=_sorted({*logs, *own.log_keys}),
        body=_sorted({*logs, "message", "level", "logger", "time", "trace_id", "span_id"}),
    )


def _of_events(prefix: str) -> set[str]:
    """Return the attributes of our events, without those that a spec has to open."""
    every = (attribute for event in events(prefix) for attribute in event["attributes"])
    return {each["ref"] for each in every if "opt_in" not in each["requirement_level"]}


def _sorted(keys: set[str]) -> tuple[str, ...]:
    return tuple(sorted(keys))
