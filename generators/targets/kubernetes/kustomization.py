"""Kustomizations: what belongs to an environment, whichever target made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import OWN, folder
from generators.targets.target import Target

FILE = "kustomization.yaml"


def complete(plan: Plan, made: Sequence[Artifact]) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/kustomization.yaml``, which lists every other file of the folder."""
    for environment in plan.environments:
        own = f"{folder(environment)}/"
        found = sorted(artifact for artifact in made if artifact.path.startswith(own))
        if not found:
            continue
        sources = tuple(sorted({source for artifact in found for source in artifact.sources}))
        document = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "labels": [{"pairs": {f"{OWN}/environment": environment.environment.name}}],
            "resources": [artifact.path.removeprefix(own) for artifact in found],
        }
        what = f"All objects of {environment.environment.name}, for kustomize, Argo CD and Flux."
        yield yaml_file(f"{own}{FILE}", what, sources, document)


TARGET: Final = Target("kubernetes/kustomization", of_artifacts=complete)
