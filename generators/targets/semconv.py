"""The semantic conventions of the organisation as a registry for OpenTelemetry's Weaver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_yaml
from generators.planning.conventions import FOLDER, conventions
from generators.planning.plan import Plan
from generators.targets.header import head
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``semconv/manifest.yaml`` and a file each for attributes, metrics, spans, events and entities."""
    made = conventions(plan.catalog.platform, plan.environments)
    platform = (plan.catalog.platform.position.file,)
    comment = head("Registry of the telemetry of all models, for `weaver registry check`.", platform)
    yield Artifact(f"{FOLDER}/manifest.yaml", format_yaml(made.manifest, comment), platform)
    for name, content in made.files.items():
        sources = made.sources if name in {"attributes", "metrics"} else platform
        comment = head(f"Semantic conventions of all models: {name}.", sources)
        yield Artifact(f"{FOLDER}/{name}.yaml", format_yaml(content, comment), sources)


TARGET: Final = Target("semconv", of_plan=emit)
