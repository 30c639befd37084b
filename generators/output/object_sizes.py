"""Sizes of objects: what an API server refuses, and what only server-side apply can store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.artifact import Artifact
from generators.diagnostics import Code, Problem, Severity
from generators.output.paths import place

OBJECT_TOO_LARGE = Code(
    "T721",
    "Object too large for Kubernetes",
    "An API server stores objects of up to 1 MiB, and Secrets and ConfigMaps hold no more.",
    "a dashboard of 1.2 MiB",
    "two models with half of the measures each",
)
SERVER_SIDE_ONLY = Code(
    "T722",
    "Object for server-side apply",
    "Client-side apply keeps a copy of an object in an annotation, which holds 256 KiB.",
    "kubectl apply --kustomize rendered/production",
    "kubectl apply --server-side --kustomize rendered/production",
    Severity.WARNING,
)

OBJECT: Final = 1024 * 1024
"""Bytes of an object that an API server stores."""

ANNOTATION: Final = 256 * 1024
"""Bytes that all annotations of an object have together."""


def size_problems(artifacts: Iterable[Artifact]) -> Iterator[Problem]:
    """Yield objects of a cluster that are too large, or too large for client-side apply.

    Sizes are those of our YAML, whose indentation takes more than the escapes of JSON; dashboards are counted as the
    JSON strings that they are in ConfigMaps.
    """
    for artifact in artifacts:
        size = max(_sizes(artifact), default=0)
        if size > OBJECT:
            message = f"an object in `{artifact.path}` has {_kib(size)} KiB, and Kubernetes stores 1024 KiB"
            help_ = "take measures, alerts or panels away, or make two models of one"
            yield Problem(OBJECT_TOO_LARGE, message, place(artifact), help_)
        elif size > ANNOTATION:
            message = f"an object in `{artifact.path}` has {_kib(size)} KiB, and client-side apply can keep 256 KiB"
            help_ = "apply it with `--server-side`, as the rendered GitOps resources do"
            yield Problem(SERVER_SIDE_ONLY, message, place(artifact), help_)


def _sizes(artifact: Artifact) -> Iterator[int]:
    _, _, below = artifact.path.partition("/")
    if below.startswith("kubernetes/"):
        yield from (len(document.encode()) for document in artifact.text.split("\n---\n"))
    elif below.startswith("grafana/dashboards/"):
        yield len(artifact.text.encode()) + sum(map(artifact.text.count, '"\\\n'))


def _kib(size: int) -> int:
    return -(-size // 1024)
