"""Autoscalers of models, where specs ask for them: larger replicas by usage, and more of them by CPU or latency."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from generators import promql
from generators.artifact import Artifact
from generators.formats.durations import format_duration
from generators.language.catalog import Horizontal, Resources, Vertical
from generators.planning.plan import ModelEverywhere, ModelPlan
from generators.promql.syntax.ast import Expr
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, clustered, labels, metadata
from generators.targets.object_names import label_value
from generators.targets.target import Target
from otel.units import plain_number

CERTIFICATE: Final = "watchspec-query-tls"
"""Secret in a model's namespace by which KEDA asks Prometheus: ``ca.crt``, ``tls.crt`` and ``tls.key``."""

RECREATED: Final = ("Recreate", "InPlaceOrRecreate")
EFFECTS: Final = {
    "Off": "It recommends and changes nothing: `kubectl describe` shows what it would request.",
    "Initial": "Pods get its recommendation when they start; it stops none.",
    "Recreate": (
        "It EVICTS pods whose requests are far from its recommendation while there are two replicas or more, and "
        "they start with more or with less."
    ),
    "InPlaceOrRecreate": "It changes pods in place, and EVICTS those that cannot be, to more or to less.",
}


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<tenant>.<model>.<kind>.yaml`` for each autoscaler that a spec asks for."""
    for model in clustered(everywhere):
        asked = model.deployment.autoscaling
        if asked and asked.vertical:
            yield _vertical(model, asked.vertical)
        if asked and asked.horizontal:
            yield _horizontal(model, asked.horizontal)


def _vertical(plan: ModelPlan, asked: Vertical) -> Artifact:
    what = (
        f"What the container {asked.container} of model {plan.model} of tenant {plan.tenant} requests in "
        f"{plan.environment}, by what it has used, and never less than the {asked.least.cpu} CPU and "
        f"{asked.least.memory} of the spec. {EFFECTS[asked.update]}"
    )
    policy: dict[str, object] = {
        "containerName": asked.container,
        "controlledResources": ["cpu", "memory"],
        "controlledValues": "RequestsAndLimits",
        "minAllowed": _resources(asked.least),
    }
    if most := _resources(asked.most):
        policy["maxAllowed"] = most
    update: dict[str, object] = {"updateMode": asked.update}
    if asked.update in RECREATED:
        update["minReplicas"] = 2
    others = {"containerName": "*", "mode": "Off"}
    spec = {
        "targetRef": _deployment(plan),
        "updatePolicy": update,
        "resourcePolicy": {"containerPolicies": [policy, others]},
    }
    return _file(plan, what, _object(plan, "autoscaling.k8s.io/v1", "VerticalPodAutoscaler", spec))


def _resources(given: Resources) -> dict[str, str]:
    return {key: value for key, value in (("cpu", given.cpu), ("memory", given.memory)) if value}


def _horizontal(plan: ModelPlan, asked: Horizontal) -> Artifact:
    if asked.latency is None or plan.latency_query is None:
        return _by_cpu(plan, asked)
    return _by_latency(plan, asked, asked.latency, plan.latency_query)


def _by_cpu(plan: ModelPlan, asked: Horizontal) -> Artifact:
    percent = _percent(asked)
    spec = {
        "scaleTargetRef": _deployment(plan),
        "minReplicas": asked.least,
        "maxReplicas": asked.most,
        "metrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}},
            }
        ],
        "behavior": _behavior(asked),
    }
    what = _replicas(plan, asked, f"their CPU has been above {percent} % of what they request")
    return _file(plan, what, _object(plan, "autoscaling/v2", "HorizontalPodAutoscaler", spec))


def _by_latency(plan: ModelPlan, asked: Horizontal, limit: Decimal, query: Expr) -> Artifact:
    namespace = _namespace(plan)
    reader = label_value(f"{_name(plan)}.query")
    triggers: list[object] = []
    sign = f"the 95th percentile of their latency has been above {plain_number(limit * 1000)} ms"
    if asked.cpu is not None:
        percent = _percent(asked)
        triggers.append({"type": "cpu", "metricType": "Utilization", "metadata": {"value": str(percent)}})
        sign = f"their CPU has been above {percent} % of what they request, or {sign}"
    triggers.append(
        {
            "type": "prometheus",
            "metricType": "Value",
            "metadata": {
                "serverAddress": plan.deployment.environment.prometheus_url,
                "query": promql.format(query),
                "threshold": plain_number(limit),
                "ignoreNullValues": "false",
                "authModes": "tls",
            },
            "authenticationRef": {"name": reader},
        }
    )
    spec = {
        "scaleTargetRef": _deployment(plan),
        "minReplicaCount": asked.least,
        "maxReplicaCount": asked.most,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior(asked)}},
        "triggers": triggers,
    }
    keys = (("ca", "ca.crt"), ("cert", "tls.crt"), ("key", "tls.key"))
    secrets = [{"parameter": name, "name": CERTIFICATE, "key": key} for name, key in keys]
    what = (
        f"{_replicas(plan, asked, sign)} KEDA asks Prometheus, with the certificate in the Secret {CERTIFICATE} "
        f"(ca.crt, tls.crt, tls.key) in {namespace}; while it gets no answer, there will not be fewer replicas."
    )
    return _file(
        plan,
        what,
        _object(plan, "keda.sh/v1alpha1", "ScaledObject", spec),
        _object(plan, "keda.sh/v1alpha1", "TriggerAuthentication", {"secretTargetRef": secrets}, reader),
    )


def _replicas(plan: ModelPlan, asked: Horizontal, sign: str) -> str:
    return (
        f"From {asked.least} to {asked.most} replicas of model {plan.model} of tenant {plan.tenant} in "
        f"{plan.environment}: more when {sign} for {format_duration(asked.for_ms)}. Kubernetes lets pass a tenth above "
        "a limit before it acts, unless the cluster is set otherwise."
    )


def _percent(asked: Horizontal) -> int:
    return max(1, round((asked.cpu or 0) * 100))


def _behavior(asked: Horizontal) -> dict[str, object]:
    """Return what makes a sign last: of all replica counts wanted within the window, the smallest is taken."""
    return {"scaleUp": {"stabilizationWindowSeconds": asked.for_ms // 1000}}


def _name(plan: ModelPlan) -> str:
    return f"{plan.tenant}.{plan.model}"


def _namespace(plan: ModelPlan) -> str:
    return plan.deployment.model.namespace or NAMESPACE


def _deployment(plan: ModelPlan) -> dict[str, object]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": plan.deployment.model.deployment}


def _object(plan: ModelPlan, version: str, kind: str, spec: dict[str, object], name: str = "") -> dict[str, object]:
    model = plan.deployment.model
    marks = labels(
        name=plan.model, instance=_name(plan), version=model.version, component="autoscaler", part_of=plan.tenant
    )
    # KEDA writes the name of a ScaledObject into a label.
    meta = metadata(label_value(name or _name(plan)), _namespace(plan), marks)
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}


def _file(plan: ModelPlan, what: str, *documents: dict[str, object]) -> Artifact:
    kind = str(documents[0]["kind"]).lower()
    return yaml_file(f"{plan.environment}/kubernetes/{_name(plan)}.{kind}.yaml", what, plan.files, *documents)


TARGET: Final = Target("kubernetes/autoscaling", of_model=emit_model)
