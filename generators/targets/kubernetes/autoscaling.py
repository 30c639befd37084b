"""A VerticalPodAutoscaler for each model: more processor and memory for its replicas when they need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.durations import format_duration
from generators.language.catalog import Alert, Deployment
from generators.planning.plan import ModelEverywhere, ModelPlan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, OWN, clustered, labels, metadata
from generators.targets.target import Target

CPU = "cpu_utilization"
LATENCY = "latency_p95"

_CPU_RULE = "> 70 % for 5m"
_LATENCY_RULE = "> 250 ms"


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<tenant>.<model>.verticalpodautoscaler.yaml`` where a Deployment is named."""
    for model in clustered(everywhere):
        if model.deployment.model.deployment:
            what = (
                f"More resources for model {model.model} of tenant {model.tenant} in {model.environment}, never "
                "fewer, and one replica at a time. The autoscaler decides by the usage that it has seen; the "
                "annotations say when the specs call the present resources too small, and what measures it."
            )
            path = f"{model.environment}/kubernetes/{model.tenant}.{model.model}.verticalpodautoscaler.yaml"
            yield yaml_file(path, what, model.files, _autoscaler(model))


def _autoscaler(plan: ModelPlan) -> dict[str, object]:
    model, name = plan.deployment.model, f"{plan.tenant}.{plan.model}"
    found = labels(
        name=plan.model, instance=name, version=model.version, component="autoscaler", part_of=plan.tenant
    )  # fmt: skip
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": metadata(name, model.namespace or NAMESPACE, found, _triggers(plan.deployment)),
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": model.deployment},
            "updatePolicy": {
                "updateMode": "Recreate",
                "minReplicas": max(1, min(2, model.replicas)),
                "evictionRequirements": [
                    {"resources": ["cpu", "memory"], "changeRequirement": "TargetHigherThanRequests"}
                ],
            },
            "resourcePolicy": {
                "containerPolicies": [
                    {
                        "containerName": "*",
                        "controlledResources": ["cpu", "memory"],
                        "controlledValues": "RequestsAndLimits",
                    }
                ]
            },
        },
    }  # fmt: skip


def _triggers(deployment: Deployment) -> dict[str, str]:
    """Return when resources are too small: the mildest alert on processor and latency, else the usual figures."""
    found: dict[str, str] = {}
    for measure, name, usual in ((CPU, "cpu", _CPU_RULE), (LATENCY, "latency-p95", _LATENCY_RULE)):
        alerts = [alert for alert in deployment.alerts if alert.measure == measure and alert.thresholds]
        found[f"{OWN}/scale-up-{name}"] = _rule(alerts[0]) if alerts else usual
        if measure in deployment.measures:
            found[f"{OWN}/scale-up-{name}-metric"] = deployment.measures[measure].record
    return found


def _rule(alert: Alert) -> str:
    first = alert.thresholds[0]
    return f"{first.op} {first.value}" + (f" for {format_duration(first.for_ms)}" if first.for_ms else "")


TARGET: Final = Target("kubernetes/autoscaling", of_model=emit_model)
