"""The agent: receives from services on its node, strips, derives counters, and sends on to the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.formats.yaml.nodes import Mapping, at
from generators.language.catalog import Deployment, Environment, Platform
from generators.language.catalog.collector import Collector, Tier
from generators.planning.collector.attributes import passing_attributes
from generators.planning.collector.derived import CUMULATIVE, INSTANCE, Derived, connectors, settings, statements
from generators.planning.collector.plan import Setting
from generators.planning.collector.privacy import DECLARED, PERSONAL, privacy, steps
from generators.planning.collector.telemetry import AUTHORITY, telemetry, to_gateway

EXPORTER = "otlp_grpc/gateway"

PODS = "k8s_attributes"
NODE_VARIABLE = "K8S_NODE_NAME"
READ_PODS = {
    "auth_type": "serviceAccount",
    "filter": {"node_from_env_var": NODE_VARIABLE},
    "extract": {
        "metadata": ["k8s.deployment.name", "k8s.namespace.name", "k8s.node.name", "k8s.pod.name", "k8s.pod.uid"]
    },
    "pod_association": [{"sources": [{"from": "connection"}]}],
}
"""A pod is known by the address that it sends from: a service talks to the agent of its own node."""


def agent(
    collector: Collector,
    deployments: Sequence[Deployment],
    environment: Environment,
    platform: Platform,
    found: Sequence[Derived],
) -> Iterator[Setting]:
    """Yield what follows from specs."""
    passes = passing_attributes(deployments, collector.privacy, platform)
    where = (collector.position,)
    yield from clients(collector, Tier.AGENT)
    yield from privacy(passes, deployments, environment, collector, platform, statements(found))
    yield from settings(found)
    why = "The environment's gateway."
    yield Setting(("exporters", EXPORTER, "endpoint"), collector.gateway, why, where)
    made = connectors(found)
    named = [PODS] if collector.agent_kubernetes else []
    if named:
        why = "What a sender does not say about its pod, Kubernetes does."
        yield Setting(("processors", PODS), READ_PODS, why, where)
    clean = [*named, *steps(collector)]
    spans, events = (name in made for name in ("signal_to_metrics", "count"))
    pipelines = {
        "metrics": pipeline(["otlp"], [*named, DECLARED, PERSONAL], [EXPORTER]),
        "traces": pipeline(["otlp"], clean, [EXPORTER, *(["signal_to_metrics"] if spans else [])]),
        "logs": pipeline(["otlp"], clean, [EXPORTER, *(["count"] if events else [])]),
    }
    for name, value in pipelines.items():
        yield Setting(("service", "pipelines", name), value, "Stripped before it leaves the node.", where)
    if made:
        value = pipeline(list(made), [INSTANCE, CUMULATIVE, DECLARED, PERSONAL], [EXPORTER])
        yield Setting(("service", "pipelines", "metrics/derived"), value, "Counters made on this node.", where)
    yield from telemetry(Tier.AGENT, to_gateway(collector), environment, collector)


def clients(collector: Collector, tier: Tier) -> Iterator[Setting]:
    """Yield what makes receivers of a base ask for certificates."""
    asked = collector.agent_clients if tier is Tier.AGENT else collector.gateway_clients
    protocols = at(collector.bases[tier], "receivers", "otlp", "protocols")
    if asked and isinstance(protocols, Mapping):
        for protocol in protocols.keys():  # noqa: SIM118 - a node, not a dict
            path = ("receivers", "otlp", "protocols", protocol, "tls", "client_ca_file")
            yield Setting(path, AUTHORITY, "Who sends must show a certificate.", (collector.position,))


def pipeline(receivers: Sequence[str], processors: Sequence[str], exporters: Sequence[str]) -> dict[str, object]:
    """Return a pipeline."""
    steps = {"receivers": receivers, "processors": processors, "exporters": exporters}
    return {name: list(step) for name, step in steps.items() if step}
