"""What agents may ask Kubernetes where they name pods: an account of their own that reads pods, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.target import Target

READER = "otel-agent"
"""Name of the agents' service account."""

_ROLE = "watchspec-otel-agent"
_GROUP = "rbac.authorization.k8s.io"
_LOOK = ["get", "list", "watch"]
_RULES = [
    {"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": _LOOK},
    {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": _LOOK},
]
"""A deployment is found through the replica set that owns a pod."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/otel-agent.clusterrole.yaml`` where the agent names pods."""
    for environment in clusters(plan):
        if environment.collector is None or not environment.collector.collector.agent_kubernetes:
            continue
        name, files = environment.environment.name, (environment.environment.position.file,)
        what = f"What agents in {name} may read of Kubernetes, to say of which pod telemetry is."
        path = f"{folder(environment)}/otel-agent.clusterrole.yaml"
        yield yaml_file(path, what, files, *_objects(environment))


def _objects(environment: EnvironmentPlan) -> Iterator[dict[str, object]]:
    marked = labels(name=READER, component="collector", instance=environment.environment.name)
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(READER, NAMESPACE, marked)}
    yield {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": metadata(_ROLE, "", marked),
        "rules": _RULES,
    }
    yield {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata(_ROLE, "", marked),
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": _ROLE},
        "subjects": [{"kind": "ServiceAccount", "name": READER, "namespace": NAMESPACE}],
    }


TARGET: Final = Target("kubernetes/pod_reader", of_plan=emit)
