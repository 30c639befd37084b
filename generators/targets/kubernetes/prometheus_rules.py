"""PrometheusRule resources for the Prometheus operator: the same rules as the rule files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_yaml
from generators.planning.plan import EnvironmentPlan, Group, ModelEverywhere, ModelPlan, Plan
from generators.targets.files import text_file
from generators.targets.kubernetes.objects import NAMESPACE, clustered, clusters, labels
from generators.targets.object_names import object_name
from generators.targets.rule_groups import group_text, rule_groups
from generators.targets.target import Target

_LARGEST = 192 * 1024
"""Bytes of rules in one object. Client-side apply keeps 256 KiB, and the operator, with longer YAML, 512 KiB."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/fleet.prometheusrule.yaml``."""
    for environment in clusters(plan):
        if environment.fleet:
            yield _fleet(environment)


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/<tenant>.<model>.prometheusrule.yaml``."""
    for model in clustered(everywhere):
        if model.groups:
            yield _model(model)


def _fleet(plan: EnvironmentPlan) -> Artifact:
    name = plan.environment.name
    found = labels(name="watchspec-fleet", component="fleet-rules")
    what = f"Rules that all models share in {name}, for the Prometheus operator."
    text = _objects("watchspec-fleet", NAMESPACE, found, plan.fleet)
    return text_file(f"{name}/kubernetes/fleet.prometheusrule.yaml", what, plan.fleet_files, text)


def _model(plan: ModelPlan) -> Artifact:
    # Names of tenants and models hold dashes but no dots: a dot keeps `a-b` + `c` and `a` + `b-c` apart.
    name = f"{plan.tenant}.{plan.model}"
    model = plan.deployment.model
    found = labels(name=plan.model, instance=name, version=model.version, component="model-rules", part_of=plan.tenant)
    what = f"Rules of model {plan.model} of tenant {plan.tenant} in {plan.environment}, for the Prometheus operator."
    text = _objects(name, model.namespace or NAMESPACE, found, plan.groups)
    return text_file(f"{plan.environment}/kubernetes/{name}.prometheusrule.yaml", what, plan.files, text)


def _objects(name: str, namespace: str, marks: dict[str, str], groups: Iterable[Group]) -> str:
    """Print one object, or as few as the size of one allows, with the groups in order."""
    parts = _parts(groups)
    names = (name if number == 1 else f"{name}.{number}" for number in count(1))
    objects = (_object(each, namespace, marks, part) for each, part in zip(names, parts, strict=False))
    return "---\n".join(objects)


def _object(name: str, namespace: str, marks: dict[str, str], groups: Iterable[Group]) -> str:
    head = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": object_name(name), "namespace": namespace, "labels": marks},
    }
    return f"{format_yaml(head)}spec:\n{rule_groups(groups, indent='  ')}"


def _parts(groups: Iterable[Group]) -> list[list[Group]]:
    """Return the groups in as few lists as fit into one object each."""
    parts: list[list[Group]] = [[]]
    used = 0
    for group in groups:
        size = len(group_text(group).encode())
        if parts[-1] and used + size > _LARGEST:
            parts.append([])
            used = 0
        parts[-1].append(group)
        used += size
    return parts


TARGET: Final = Target("kubernetes/prometheus_rules", of_plan=emit, of_model=emit_model)
