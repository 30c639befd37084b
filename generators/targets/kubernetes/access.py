"""Accounts of agents and Prometheus in a cluster, each with a role that reads what it needs and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.target import Target

AGENT = "otel-agent"
"""Account of the agents that name pods."""

PROMETHEUS = "prometheus-watchspec"
"""Account that a Prometheus of the operator runs as, to find and scrape what rules read."""

_GROUP = "rbac.authorization.k8s.io"
_LOOK = ["get", "list", "watch"]
_PODS = (
    {"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": _LOOK},
    {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": _LOOK},
)
"""A deployment is found through the replica set that owns a pod."""

_TARGETS = (
    {"apiGroups": [""], "resources": ["endpoints", "pods", "services"], "verbs": _LOOK},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": _LOOK},
)
"""Services are found with the addresses behind them."""

_KUBELET = {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]}
"""A kubelet asks the API server whether who scrapes it may."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/otel-agent.clusterrole.yaml`` and ``…/prometheus.clusterrole.yaml``.

    The first where the agent names pods, the second where rules read what other systems emit.
    """
    for environment in clusters(plan):
        name, own = environment.environment.name, environment.environment.position.file
        if environment.collector is not None and environment.collector.collector.agent_kubernetes:
            what = f"What agents in {name} may read of Kubernetes, to say of which pod telemetry is."
            objects = _objects(environment, AGENT, "collector", f"watchspec-{AGENT}", _PODS)
            yield yaml_file(f"{folder(environment)}/otel-agent.clusterrole.yaml", what, (own,), *objects)
        if plan.scrapes:
            what = (
                f"What Prometheus in {name} may read of Kubernetes, to find and scrape what rules read. Run it as the "
                f"service account {PROMETHEUS} in {NAMESPACE}."
            )
            rules = (*_TARGETS, _KUBELET) if any(scrape.kubelet_path for scrape in plan.scrapes) else _TARGETS
            objects = _objects(environment, PROMETHEUS, "scrape", PROMETHEUS, rules)
            files = tuple(sorted({own, plan.catalog.platform.position.file}))
            yield yaml_file(f"{folder(environment)}/prometheus.clusterrole.yaml", what, files, *objects)


def _objects(
    environment: EnvironmentPlan, account: str, component: str, role: str, rules: Sequence[Mapping[str, object]]
) -> Iterator[dict[str, object]]:
    marked = labels(name=account, component=component, instance=environment.environment.name)
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(account, NAMESPACE, marked)}
    yield {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": metadata(role, "", marked),
        "rules": list(rules),
    }
    yield {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata(role, "", marked),
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
    }


TARGET: Final = Target("kubernetes/access", of_plan=emit)
