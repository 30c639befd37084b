"""The stack of an environment that Compose runs, on the loopback of one machine.

All containers share one network, so that `localhost` in what is rendered is the same place for all of them, as it is
for processes. Certificates, and what containers write, lie in a folder that `make certificates` prepares and git
ignores; containers run as the user who owns it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from generators.artifact import Artifact
from generators.language.catalog.collector import Collector, Signal
from generators.language.resolve.collector import backends_of
from generators.planning.plan import EnvironmentPlan, ModelPlan, Plan
from generators.targets.compose.containers import (
    AGENT_HTTP_PORT,
    ALERTMANAGER_PORT,
    CHECKOUT,
    DATA,
    FIRST_SERVICE_PORT,
    GRAFANA_PORT,
    NETWORK,
    PROVIDER_PORT,
    STORE_HEALTH_PORT,
    alertmanager,
    configs,
    container,
    gateway_or_agent,
    grafana,
    network,
    prometheus,
    provider,
    service,
    store,
)
from generators.targets.files import yaml_file
from generators.targets.target import Target

RECORDER: Final = "python:3.13.9-slim"


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/compose.yaml`` where Compose runs it."""
    version = plan.distribution.version
    for each in plan.environments:
        if each.environment.orchestrator == "compose" and each.collector is not None:
            name = each.environment.name
            files = tuple(sorted({*each.fleet_files, *each.alertmanager_files}))
            what = (
                f"All of {name} on one machine. Prepare it with `make certificates`, start it with `docker compose "
                f"--file rendered/{name}/compose.yaml up --build`."
            )
            document = {
                "name": f"watchspec-{name}",
                "services": dict(
                    _containers(each, each.collector.collector, version, plan.catalog.platform.grafana_path)
                ),
                "configs": configs(_prometheus_port(each.collector.collector)),
            }
            yield yaml_file(f"{name}/compose.yaml", what, files, document)


def _containers(
    environment: EnvironmentPlan, collector: Collector, version: str, dashboards: str
) -> Iterator[tuple[str, object]]:
    server, agent = _prometheus_port(collector), _port(collector.agent_endpoint)
    services = tuple(_services(environment))
    stores = _stores(collector)
    published = (server, ALERTMANAGER_PORT, GRAFANA_PORT, agent, AGENT_HTTP_PORT)
    yield NETWORK, network((*published, *(port for _, port, _ in services)))
    webhook = _webhook_port(environment)
    if webhook is not None:
        yield "webhook", _recorder(webhook)
    for number, (name, port) in enumerate(stores.items()):
        yield name, store(name, port, STORE_HEALTH_PORT + number, version)
    yield "alertmanager", alertmanager()
    yield "prometheus", prometheus(server, sorted({model.tenant for model in environment.models}), ["alertmanager"])
    behind = ["prometheus", *stores]
    yield "gateway", gateway_or_agent("gateway", f"127.0.0.1:{_port(f'//{collector.gateway}')}", version, behind)
    yield "agent", gateway_or_agent("agent", f"0.0.0.0:{agent}", version, ["gateway"])
    for name, port, model in services:
        if model.deployment.model.llm is not None:
            yield f"{name}-provider", provider(model, PROVIDER_PORT)
        yield name, service(model, port)
    yield "grafana", grafana(dashboards, environment.environment.name)


def _services(environment: EnvironmentPlan) -> Iterator[tuple[str, int, ModelPlan]]:
    """Yield name, port and model of each example service."""
    for port, model in enumerate(environment.models, FIRST_SERVICE_PORT):
        yield model.model, port, model


def _recorder(port: int) -> dict[str, object]:
    """Return what writes notifications down."""
    return container(
        RECORDER,
        command=["python", "/webhook.py", str(port), "/data/notifications.jsonl"],
        volumes=[f"{CHECKOUT}/tools/stack/webhook.py:/webhook.py:ro", f"{DATA}/compose/webhook:/data"],
    )


def _webhook_port(environment: EnvironmentPlan) -> int | None:
    """Return the port of the webhook on loopback that all notifications are redirected to."""
    redirect = environment.environment.redirect
    urls = (
        [str(settings.get("url", "")) for kind, settings in redirect.integrations if kind == "webhook"]
        if redirect
        else []
    )
    parts = urlsplit(urls[0]) if urls else None
    return parts.port if parts and parts.hostname in ("127.0.0.1", "localhost") else None


def _stores(collector: Collector) -> dict[str, int]:
    """Return the ports of the backends of traces and logs."""
    names = sorted({*backends_of(collector, Signal.TRACES), *backends_of(collector, Signal.LOGS)})
    return {name: _port(collector.backends[name].endpoint) for name in names}


def _prometheus_port(collector: Collector) -> int:
    (name,) = backends_of(collector, Signal.METRICS)[:1]
    return _port(collector.backends[name].endpoint)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


TARGET: Final = Target("compose/stack", of_plan=emit)
