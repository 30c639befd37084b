"""What makes a cluster follow the repository: an Application for Argo CD, or a Kustomization for Flux."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, OWN, folder, labels, metadata
from generators.targets.target import Target

ROOT = "rendered"
"""Folder of artefacts in the repository."""

_ARGO = "argocd"
_FLUX = "flux-system"


def complete(plan: Plan, made: Sequence[Artifact]) -> Iterator[Artifact]:
    """Render ``<environment>/gitops/argocd.application.yaml`` and ``…/flux.kustomization.yaml``.

    The folder that they make the cluster follow lists what it holds in a ``kustomization.yaml``; they are not in it,
    so that neither manages itself.
    """
    repository = plan.catalog.platform.repository_url
    platform = plan.catalog.platform.position.file
    for environment in plan.environments:
        if not any(artifact.path.startswith(f"{folder(environment)}/") for artifact in made):
            continue
        name = environment.environment.name
        files = tuple(sorted({platform, environment.environment.position.file}))
        where = f"{name}/gitops"
        what = f"Argo CD follows what is rendered for {name}. Apply it once, by hand or from an app of apps."
        yield yaml_file(f"{where}/argocd.application.yaml", what, files, _application(environment, repository))
        what = f"Flux follows what is rendered for {name}. Apply it once, or put it where Flux looks already."
        documents = (_repository(environment, repository), _kustomization(environment))
        yield yaml_file(f"{where}/flux.kustomization.yaml", what, files, *documents)


def _metadata(environment: EnvironmentPlan, namespace: str) -> dict[str, object]:
    name = f"watchspec-{environment.environment.name}"
    return metadata(
        name, namespace, {**labels(name="watchspec", instance=name, component="gitops"), **_mark(environment)}
    )


def _mark(environment: EnvironmentPlan) -> dict[str, str]:
    return {f"{OWN}/environment": environment.environment.name}


def _application(environment: EnvironmentPlan, repository: str) -> dict[str, object]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": _metadata(environment, _ARGO),
        "spec": {
            "project": "default",
            "source": {
                "repoURL": repository,
                "targetRevision": environment.environment.revision.name,
                "path": f"{ROOT}/{environment.environment.name}",
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                # Rules may be longer than the annotation that client-side apply keeps them in.
                "syncOptions": ["ServerSideApply=true", "ApplyOutOfSyncOnly=true"],
                "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
            },
        },
    }  # fmt: skip


def _repository(environment: EnvironmentPlan, repository: str) -> dict[str, object]:
    revision = environment.environment.revision
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(environment, _FLUX),
        "spec": {"interval": "5m", "url": repository, "ref": {revision.kind: revision.name}},
    }


def _kustomization(environment: EnvironmentPlan) -> dict[str, object]:
    name = f"watchspec-{environment.environment.name}"
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": _metadata(environment, _FLUX),
        "spec": {
            "interval": "10m",
            "retryInterval": "1m",
            "timeout": "5m",
            "path": f"./{ROOT}/{environment.environment.name}",
            "prune": True,
            "wait": True,
            "sourceRef": {"kind": "GitRepository", "name": name},
        },
    }


TARGET: Final = Target("gitops", of_artifacts=complete)
