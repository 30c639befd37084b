"""Alertmanager's configuration as the Secret that the Prometheus operator reads it from; there is no secret in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from typing import Final

from generators import alertmanager
from generators.artifact import Artifact
from generators.planning.plan import Plan
from generators.targets.files import yaml_file
from generators.targets.kubernetes.objects import NAMESPACE, clusters, folder, labels, metadata
from generators.targets.target import Target

NAME = "alertmanager-watchspec"
"""Name to give as ``configSecret``; it is the default of an Alertmanager object called ``watchspec``."""

TEMPLATE = "watchspec.tmpl"

MOUNTED = "/etc/alertmanager/config"
"""Where the operator puts the Secret's files. Alertmanager reads a copy of its configuration in another folder."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/kubernetes/alertmanager.secret.yaml``."""
    messages = resources.files("generators").joinpath(f"library/alertmanager/{TEMPLATE}").read_text("utf-8")
    for environment in clusters(plan):
        name, files = environment.environment.name, environment.alertmanager_files
        what = (
            f"Alertmanager's configuration in {name}, for the Prometheus operator. Passwords and keys are read from "
            "files, which you mount from Secrets of your own."
        )
        config = replace(environment.alertmanager, templates=(f"{MOUNTED}/{TEMPLATE}",))
        document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata(NAME, NAMESPACE, labels(name="alertmanager", component="routes")),
            "type": "Opaque",
            "stringData": {"alertmanager.yaml": alertmanager.emit(config), TEMPLATE: messages},
        }
        yield yaml_file(f"{folder(environment)}/alertmanager.secret.yaml", what, files, document)


TARGET: Final = Target("kubernetes/alertmanager", of_plan=emit)
