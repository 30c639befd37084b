"""The stack of an environment that Compose runs, on the loopback of one machine.

All containers share one network, so that `localhost` in what is rendered is the same place for all of them, as it is
for processes. What the environment sends elsewhere, to a backend or a webhook that is not on loopback, gets no
container. Nothing but rendered files is mounted, and one folder beside them: certificates, the key of the hash, and
what containers write, which is why they run as the user who owns it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from generators.artifact import Artifact
from generators.language.catalog.collector import Collector, Signal, Tier
from generators.language.resolve.collector import backends_of
from generators.planning.collector.plan import CollectorPlan
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.compose.containers import (
    AGENT_HTTP_PORT,
    ALERTMANAGER_PORT,
    FIRST_SERVICE_PORT,
    GRAFANA_PORT,
    NETWORK,
    STORE_HEALTH_PORT,
    alertmanager,
    configs,
    gateway_or_agent,
    grafana,
    network,
    prometheus,
    recorder,
    service,
    store,
)
from generators.targets.files import yaml_file
from generators.targets.target import Target

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/compose.yaml`` where Compose runs it."""
    for each in plan.environments:
        if each.environment.orchestrator == "compose" and each.collector is not None:
            name, collector = each.environment.name, each.collector.collector
            files = tuple(sorted({*each.fleet_files, *each.alertmanager_files}))
            key = f", and hash.env with {collector.privacy.key}=…" if collector.privacy.hashed else ""
            what = (
                f"All of {name} on one machine. It needs, in the folder .stack beside that of rendered files: "
                f"tls/ca.crt, tls/tls.crt and tls/tls.key, for localhost{key}. Images of services listen where PORT "
                f"says. Start it with `docker compose --file rendered/{name}/compose.yaml up --build`."
            )
            services = dict(_containers(each, each.collector, plan))
            document: dict[str, object] = {"name": f"watchspec-{name}", "services": services}
            if used := _configs(services, _prometheus_port(collector)):
                document["configs"] = used
            yield yaml_file(f"{name}/compose.yaml", what, files, document)


def _containers(
    environment: EnvironmentPlan, collecting: CollectorPlan, plan: Plan
) -> Iterator[tuple[str, dict[str, object]]]:
    collector, tiers = collecting.collector, {each.tier: each for each in collecting.configurations}
    version, name = plan.distribution.version, environment.environment.name
    server, agent = _prometheus_port(collector), _port(urlsplit(collector.agent_endpoint))
    services = tuple(enumerate(environment.models, FIRST_SERVICE_PORT))
    # Names of specs hold no dots, so these are those of nothing else.
    stores = {f"store.{each}": port for each, port in _stores(collector).items()}
    screens = () if server is None else (server, ALERTMANAGER_PORT, GRAFANA_PORT)
    yield NETWORK, network((*screens, agent, AGENT_HTTP_PORT, *(port for port, _ in services)))
    webhook = _webhook_port(environment)
    if webhook is not None:
        yield "webhook", recorder(webhook)
    for number, (each, port) in enumerate(stores.items()):
        yield each, store(each, port, STORE_HEALTH_PORT + number, version)
    if server is not None:
        tenants = sorted({model.tenant for model in environment.models})
        yield "alertmanager", alertmanager()
        yield "prometheus", prometheus(server, tenants, ["alertmanager"])
        yield "grafana", grafana(plan.catalog.platform.grafana_path, name)
    behind = [*([] if server is None else ["prometheus"]), *stores]
    gateway = _port(urlsplit(f"//{collector.gateway}"))
    yield "gateway", gateway_or_agent(tiers[Tier.GATEWAY], f"127.0.0.1:{gateway}", version, behind)
    hashes = bool(collector.privacy.hashed)
    yield "agent", gateway_or_agent(tiers[Tier.AGENT], f"0.0.0.0:{agent}", version, ["gateway"], hashes=hashes)
    for port, model in services:
        yield f"{model.tenant}.{model.model}", service(model, port)


def _configs(services: Mapping[str, Mapping[str, object]], prometheus_port: int | None) -> dict[str, object]:
    """Return the small files that some container is given."""
    lists = [used for each in services.values() if isinstance(used := each.get("configs"), list)]
    names = {entry["source"] for used in lists for entry in used}
    return {name: content for name, content in configs(prometheus_port).items() if name in names}


def _webhook_port(environment: EnvironmentPlan) -> int | None:
    """Return the port of the webhook on loopback that all notifications are redirected to."""
    redirect = environment.environment.redirect
    integrations = redirect.integrations if redirect else ()
    urls = [urlsplit(str(settings.get("url", ""))) for kind, settings in integrations if kind == "webhook"]
    return next((url.port for url in urls if _is_here(url)), None)


def _stores(collector: Collector) -> dict[str, int]:
    """Return the ports of the backends of traces and logs that are on loopback."""
    names = sorted({*backends_of(collector, Signal.TRACES), *backends_of(collector, Signal.LOGS)})
    urls = {name: urlsplit(collector.backends[name].endpoint) for name in names}
    return {name: _port(url) for name, url in urls.items() if _is_here(url)}


def _prometheus_port(collector: Collector) -> int | None:
    """Return the port of the Prometheus that is on loopback, if one is."""
    urls = [urlsplit(collector.backends[name].endpoint) for name in backends_of(collector, Signal.METRICS)]
    return next((_port(url) for url in urls if _is_here(url)), None)


def _is_here(url: SplitResult) -> bool:
    return url.hostname in LOOPBACK


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


TARGET: Final = Target("compose/stack", of_plan=emit)
