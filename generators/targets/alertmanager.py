"""Alertmanager's configuration in each environment, and the texts of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Final

from generators import alertmanager
from generators.artifact import Artifact
from generators.planning.plan import Plan
from generators.targets.files import head, text_file
from generators.targets.target import Target

TEMPLATES = "templates/watchspec.tmpl"
"""Where the message texts are, beside the configuration."""


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/alertmanager/alertmanager.yaml`` and ``…/templates/watchspec.tmpl``."""
    messages = resources.files("generators").joinpath("library/alertmanager/watchspec.tmpl").read_text("utf-8")
    for environment in plan.environments:
        name, files = environment.environment.name, environment.alertmanager_files
        folder = f"{name}/alertmanager"
        what = f"Who is told about the alerts of {name}."
        text = alertmanager.emit(environment.alertmanager)
        yield text_file(f"{folder}/alertmanager.yaml", what, files, text)
        comment = _template_comment(head(f"Texts of the messages about the alerts of {name}.", files))
        yield Artifact(f"{folder}/{TEMPLATES}", f"{comment}\n{messages}", files)


def _template_comment(text: str) -> str:
    """Return a comment of Go's template language, which ends at the first ``*/``."""
    return "{{/*\n" + text.replace("*/", "* /") + "\n*/ -}}"


TARGET: Final = Target("alertmanager", of_plan=emit)
