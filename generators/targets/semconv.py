"""The semantic conventions of the organisation as a registry for OpenTelemetry's Weaver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.conventions import FOLDER
from generators.planning.plan import Plan
from generators.targets.files import yaml_file
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``semconv/manifest.yaml`` and a file each for attributes, metrics, spans, events and entities."""
    if plan.registry is None:
        return
    platform = (plan.catalog.platform.position.file,)
    what = "Registry of the telemetry of all models, for `weaver registry check`."
    yield yaml_file(f"{FOLDER}/manifest.yaml", what, platform, plan.registry.manifest)
    for name, content in plan.registry.files.items():
        sources = plan.registry.sources if name in {"attributes", "metrics"} else platform
        what = f"Semantic conventions of all models: {name}."
        yield yaml_file(f"{FOLDER}/{name}.yaml", what, sources, content)


TARGET: Final = Target("semconv", of_plan=emit)
