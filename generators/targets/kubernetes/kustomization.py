"""Kustomizations: what belongs to an environment, whichever target made it, with a ConfigMap for each dashboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from generators.artifact import Artifact
from generators.language.catalog import Environment
from generators.planning.dashboards.uids import folder_title
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, OWN, folder, labels
from generators.targets.object_names import object_name
from generators.targets.target import Target

FILE: Final = "kustomization.yaml"

SIDECAR_LABEL: Final = {"grafana_dashboard": "1"}
"""What the sidecar of Grafana's chart looks for."""

SIDECAR_FOLDER: Final = "grafana_folder"
"""Annotation in which it looks for the folder."""


def complete(plan: Plan, made: Sequence[Artifact]) -> Iterator[Artifact]:
    """Render ``<environment>/kustomization.yaml`` and ``<environment>/kubernetes/kustomization.yaml``.

    The inner one lists the objects that are files; the outer one adds dashboards, which stand beside them.
    """
    for environment in plan.environments:
        name, own = environment.environment.name, f"{folder(environment)}/"
        found = sorted(artifact for artifact in made if artifact.path.startswith(own))
        if not found:
            continue
        document = {
            **_HEAD,
            "labels": [{"pairs": _mark(environment)}],
            "resources": [artifact.path.removeprefix(own) for artifact in found],
        }
        what = f"All objects of {name} that are files of this folder."
        yield yaml_file(f"{own}{FILE}", what, _sources(found), document)
        dashboards = sorted(each for each in made if each.path.startswith(f"{name}/grafana/dashboards/"))
        what = (
            f"All objects of {name}, for kustomize, Argo CD and Flux: those of the folder kubernetes, and a ConfigMap "
            "for each dashboard, which the sidecar of Grafana finds by its label."
        )
        whole = {**_HEAD, "resources": ["kubernetes"], **_dashboards(environment, dashboards)}
        yield yaml_file(f"{name}/{FILE}", what, _sources([*found, *dashboards]), whole)


_HEAD: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def _dashboards(environment: EnvironmentPlan, dashboards: Sequence[Artifact]) -> dict[str, object]:
    """Return what makes a ConfigMap of each dashboard, under a name that stays when the dashboard changes."""
    if not dashboards:
        return {}
    marks = {**labels(name="dashboards", component="dashboard"), **_mark(environment), **SIDECAR_LABEL}
    return {
        "generatorOptions": {"disableNameSuffixHash": True, "labels": marks},
        "configMapGenerator": [_config_map(environment.environment, each.path) for each in dashboards],
    }


def _config_map(environment: Environment, path: str) -> dict[str, object]:
    file = PurePosixPath(path)
    # Names between underscores hold dashes but no dots.
    return {
        "name": object_name(f"dashboard.{file.stem.replace('_', '.')}"),
        "namespace": NAMESPACE,
        "files": [str(file.relative_to(environment.name))],
        "options": {"annotations": {SIDECAR_FOLDER: folder_title(file.parent.name, environment)}},
    }


def _mark(environment: EnvironmentPlan) -> dict[str, str]:
    return {f"{OWN}/environment": environment.environment.name}


def _sources(artifacts: Sequence[Artifact]) -> tuple[str, ...]:
    return tuple(sorted({source for artifact in artifacts for source in artifact.sources}))


TARGET: Final = Target("kubernetes/kustomization", of_artifacts=complete)
