"""Collectors as resources of the OpenTelemetry operator: agents on every node, gateways that keep their queues.

The configuration is the rendered one with the defaults of its variables written out, since the operator reads ports
and probes from it. Keys and certificates come from Secrets that are not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from generators.artifact import Artifact
from generators.language.catalog.collector import Collector, Tier
from generators.planning.collector.agent import NODE_VARIABLE
from generators.planning.collector.plan import Configuration, DistributionPlan
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.access import AGENT
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.target import Target

STATE, CERTIFICATES = "/var/lib/otelcol", "/etc/otelcol/tls"
PROBED = "0.0.0.0:13133"
SPARE_PERCENT = 25
"""What the limit of a container has above that of the memory limiter."""

MODES = {Tier.AGENT: "daemonset", Tier.GATEWAY: "statefulset"}
SUBJECTS = {
    Tier.AGENT: "The Collector on every node. Services reach it as otel-agent-collector.",
    Tier.GATEWAY: "The Collectors behind the agents, who reach them as otel-gateway-collector.",
}
USER = 65532
"""The user of the image."""

CONFINED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
SECURITY: Mapping[Tier, Mapping[str, object]] = {
    Tier.AGENT: {"securityContext": {**CONFINED, "runAsUser": 0}},
    Tier.GATEWAY: {
        "securityContext": CONFINED,
        "podSecurityContext": {"runAsNonRoot": True, "runAsUser": USER, "fsGroup": USER},
    },
}
"""An agent's queue lies in a folder of the node, which belongs to root."""

_DEFAULT = re.compile(r"\$\{env:[A-Za-z_][A-Za-z0-9_]*:-([^}]*)\}")


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/otel-<tier>.opentelemetrycollector.yaml``."""
    for environment in clusters(plan):
        if environment.collector is None:
            continue
        for each in environment.collector.configurations:
            what = (
                f"{SUBJECTS[each.tier]} Needs the Secrets otel-{each.tier}-tls (tls.crt, tls.key, ca.crt)"
                f"{' and otel-agent (hmac-key)' if each.tier is Tier.AGENT else ''} in {NAMESPACE}."
            )
            document = _resource(each, environment, environment.collector.collector, plan.distribution)
            path = f"{folder(environment)}/otel-{each.tier}.opentelemetrycollector.yaml"
            yield yaml_file(path, what, each.files, document)


def _resource(
    configuration: Configuration, environment: EnvironmentPlan, collector: Collector, distribution: DistributionPlan
) -> dict[str, object]:
    tier = configuration.tier
    name = f"otel-{tier}"
    marked = labels(
        name=name, component="collector", instance=environment.environment.name, version=distribution.version
    )
    return {
        "apiVersion": "opentelemetry.io/v1beta1",
        "kind": "OpenTelemetryCollector",
        "metadata": metadata(name, NAMESPACE, marked),
        "spec": {
            "mode": MODES[tier],
            "managementState": "managed",
            "upgradeStrategy": "none",
            "image": distribution.image,
            **({"replicas": 2 if collector.peers or collector.dns else 1} if tier is Tier.GATEWAY else {}),
            "networkPolicy": {"enabled": False},
            "resources": _resources(configuration),
            **SECURITY[tier],
            **({"serviceAccount": AGENT} if tier is Tier.AGENT and collector.agent_kubernetes else {}),
            **_variables(configuration, collector),
            "volumeMounts": [
                {"name": "tls", "mountPath": CERTIFICATES, "readOnly": True},
                {"name": "state", "mountPath": STATE},
            ],
            **_volumes(tier),
            "config": _for_cluster(configuration),
        },
    }


def _resources(configuration: Configuration) -> dict[str, object]:
    """Return the limit of memory that goes with that of the memory limiter."""
    limit = configuration.limiter("limit_mib")
    if limit is None:
        return {}
    memory = f"{limit * (100 + SPARE_PERCENT) // 100}Mi"
    return {"requests": {"memory": memory}, "limits": {"memory": memory}}


def _variables(configuration: Configuration, collector: Collector) -> dict[str, object]:
    tier = configuration.tier
    found: list[object] = [{"name": name, "value": value} for name, value in configuration.runtime.items()]
    if tier is Tier.AGENT and collector.privacy.hashed:
        secret = {"secretKeyRef": {"name": "otel-agent", "key": "hmac-key"}}
        found.append({"name": collector.privacy.key, "valueFrom": secret})
    if tier is Tier.AGENT and collector.agent_kubernetes:
        node = {"fieldRef": {"fieldPath": "spec.nodeName"}}
        found.append({"name": NODE_VARIABLE, "valueFrom": node})
    return {"env": found} if found else {}


def _volumes(tier: Tier) -> dict[str, object]:
    """Return volumes; queues outlive pods: an agent's stay on its node, a gateway's are claimed."""
    tls = {"name": "tls", "secret": {"secretName": f"otel-{tier}-tls"}}
    if tier is Tier.AGENT:
        return {"volumes": [tls, {"name": "state", "hostPath": {"path": STATE, "type": "DirectoryOrCreate"}}]}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}}
    return {"volumes": [tls], "volumeClaimTemplates": [{"metadata": {"name": "state"}, "spec": claim}]}


def _for_cluster(configuration: Configuration) -> dict[str, object]:
    """Return the configuration without variables that have a default; probes come from outside of the pod."""
    found = {key: _settled(value) for key, value in configuration.document.items()}
    extensions = found.get("extensions")
    if isinstance(extensions, dict) and isinstance(extensions.get("health_check"), dict):
        extensions["health_check"]["endpoint"] = PROBED
    return found


def _settled(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _settled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_settled(inner) for inner in value]
    return _DEFAULT.sub(r"\1", value) if isinstance(value, str) else value


TARGET: Final = Target("kubernetes/collectors", of_plan=emit)
