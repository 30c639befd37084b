"""What all Kubernetes objects have in common: labels by convention, names, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generators.language.catalog import Environment
from generators.planning.plan import EnvironmentPlan, ModelEverywhere, ModelPlan, Plan
from generators.targets.object_names import label_value, object_name

NAMESPACE = "monitoring"
"""Where objects of the fleet go, and those of models that name no namespace."""

OWN = "watchspec.dev"
"""Prefix of labels and annotations of our own."""

COLLECTOR_LABELS: Mapping[str, str] = {"app.kubernetes.io/component": "opentelemetry-collector"}
"""Labels that the OpenTelemetry operator gives to the pods of Collectors."""


def clusters(plan: Plan) -> Iterator[EnvironmentPlan]:
    """Yield the environments that Kubernetes runs."""
    return (each for each in plan.environments if _is_cluster(each.environment))


def clustered(everywhere: ModelEverywhere) -> Iterator[ModelPlan]:
    """Yield the plans of a model for the environments that Kubernetes runs."""
    return (each for each in everywhere.plans if _is_cluster(each.deployment.environment))


def _is_cluster(environment: Environment) -> bool:
    return environment.orchestrator == "kubernetes"


def folder(environment: EnvironmentPlan) -> str:
    """Return the folder of an environment's objects, below ``rendered/``."""
    return f"{environment.environment.name}/kubernetes"


def labels(
    *, name: str, component: str, instance: str = "", version: str = "", part_of: str = "watchspec"
) -> dict[str, str]:
    """Return the labels that Kubernetes recommends, without empty ones."""
    found = {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/version": version,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": part_of,
        "app.kubernetes.io/managed-by": "watchspec",
    }
    return {key: short for key, value in found.items() if (short := label_value(value))}


def metadata(
    name: str, namespace: str, labels: Mapping[str, str], annotations: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Return the metadata of an object; without a namespace it belongs to the cluster."""
    found: dict[str, object] = {"name": object_name(name)}
    if namespace:
        found["namespace"] = namespace
    found["labels"] = dict(labels)
    if annotations:
        found["annotations"] = dict(annotations)
    return found


def model_namespaces(environment: EnvironmentPlan) -> tuple[str, ...]:
    """Return the namespaces of an environment's models."""
    return tuple(sorted({model.deployment.model.namespace or NAMESPACE for model in environment.models}))
