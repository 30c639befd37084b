"""Settings of the OpenTelemetry SDK in each service, as a file of environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_comment
from generators.language.catalog.collector import Collector
from generators.planning.plan import ModelEverywhere, ModelPlan
from generators.targets.files import text_file
from generators.targets.service.facts import resource
from generators.targets.target import Target
from otel.semconv import DEPLOYMENT_ENVIRONMENT_NAME, SERVICE_CRITICALITY, SERVICE_VERSION

CERTIFICATES = "/etc/otelcol/tls"
TIMEOUT_MS = 10_000


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/sdk/<tenant>/<model>.env`` where the environment has Collectors."""
    for environment, model in everywhere.environments:
        if environment.collector is not None:
            name = environment.environment.name
            what = f"How the service of model {model.model} of tenant {model.tenant} exports in {name}."
            text = "".join(_line(*entry) for entry in _settings(model, environment.collector.collector))
            yield text_file(f"{name}/sdk/{model.tenant}/{model.model}.env", what, model.files, text)


def _settings(model: ModelPlan, collector: Collector) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and reason; the id of an instance is not here, since each process makes its own."""
    interval = model.deployment.environment.export_interval_ms
    yield "OTEL_RESOURCE_ATTRIBUTES", _resource(model), "Who it is; tenant and environment are checked by the agent."
    yield "OTEL_EXPORTER_OTLP_ENDPOINT", collector.agent_endpoint, "The agent."
    yield "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", ""
    yield "OTEL_EXPORTER_OTLP_CERTIFICATE", f"{CERTIFICATES}/ca.crt", ""
    if collector.agent_clients:
        yield "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", f"{CERTIFICATES}/tls.crt", "The agent asks for it."
        yield "OTEL_EXPORTER_OTLP_CLIENT_KEY", f"{CERTIFICATES}/tls.key", ""
    yield "OTEL_METRIC_EXPORT_INTERVAL", str(interval), "In milliseconds; rules count on it."
    yield "OTEL_METRIC_EXPORT_TIMEOUT", str(min(interval, TIMEOUT_MS)), ""
    yield "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative", "Prometheus takes totals."
    reason = "An exemplar carries attributes that were dropped, past the agent's masks."
    yield "OTEL_METRICS_EXEMPLAR_FILTER", "always_off", reason
    yield "OTEL_SEMCONV_STABILITY_OPT_IN", "http", "Otherwise Python measures requests by old names, in milliseconds."
    yield "OTEL_TRACES_SAMPLER", "parentbased_always_on", "The gateway samples whole traces."


def _resource(model: ModelPlan) -> str:
    own = model.deployment.model
    attributes = {
        **resource(own),
        DEPLOYMENT_ENVIRONMENT_NAME: model.deployment.environment.label,
        SERVICE_CRITICALITY: own.tier,
        SERVICE_VERSION: own.version,
    }
    return ",".join(f"{key}={quote(str(value), safe='-._~')}" for key, value in sorted(attributes.items()) if value)


def _line(name: str, value: str, reason: str) -> str:
    return f"{format_comment(reason) if reason else ''}{name}={value}\n"


TARGET: Final = Target("service/sdk_environment", of_model=emit_model)
