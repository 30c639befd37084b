"""Namespaces, and who may reach the Collectors in them: models by OTLP, and other Collectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import (
    COLLECTOR_LABELS,
    NAMESPACE,
    clusters,
    folder,
    labels,
    metadata,
    model_namespaces,
)
from generators.targets.target import Target

OTLP_PORTS = (4317, 4318)
"""OTLP by gRPC and by HTTP."""

BALANCED_PORT = 4337
"""Where gateways send each other the spans of a trace."""

KEPT = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false", "kustomize.toolkit.fluxcd.io/prune": "disabled"}
"""A namespace that is no longer rendered stays: removing it would remove everything in it."""

NAME_LABEL = "kubernetes.io/metadata.name"


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/namespaces.yaml`` and ``…/collector.networkpolicy.yaml``."""
    for environment in clusters(plan):
        if not environment.models:
            continue
        name, files = environment.environment.name, environment.fleet_files
        what = f"Namespaces of the models of {name}. They are never pruned."
        documents = [_namespace(each) for each in sorted({NAMESPACE, *model_namespaces(environment)})]
        yield yaml_file(f"{folder(environment)}/namespaces.yaml", what, files, *documents)
        what = (
            f"Who reaches the Collectors of {name}: the pods of models by OTLP, and other Collectors. Nothing else "
            "does; they push their own metrics. Policies of the models' own pods are their teams' business: one that "
            "allowed only telemetry would cut off their users."
        )
        yield yaml_file(f"{folder(environment)}/collector.networkpolicy.yaml", what, files, _policy(environment))


def _namespace(name: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(name, "", labels(name=name, component="namespace"), KEPT),
    }


def _policy(environment: EnvironmentPlan) -> dict[str, object]:
    senders = [{"namespaceSelector": {"matchLabels": {NAME_LABEL: each}}} for each in model_namespaces(environment)]
    collectors = {"podSelector": {"matchLabels": dict(COLLECTOR_LABELS)}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata("watchspec-collector", NAMESPACE, labels(name="watchspec", component="network-policy")),
        "spec": {
            "podSelector": {"matchLabels": dict(COLLECTOR_LABELS)},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"from": [*senders, collectors], "ports": [_port(port) for port in OTLP_PORTS]},
                {"from": [collectors], "ports": [_port(BALANCED_PORT)]},
            ],
        },
    }


def _port(number: int) -> dict[str, object]:
    return {"protocol": "TCP", "port": number}


TARGET: Final = Target("kubernetes/namespaces", of_plan=emit)
