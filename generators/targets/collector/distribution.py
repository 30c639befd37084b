"""The Collector distribution: the builder's manifest with exactly the parts in use, and how to put it into an image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.collector.plan import DistributionPlan
from generators.planning.plan import Plan
from generators.targets.files import text_file, yaml_file
from generators.targets.target import Target

FOLDER = "collector"


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``collector/manifest.yaml`` and ``collector/Dockerfile`` for all environments together."""
    plans = [each.collector for each in plan.environments if each.collector]
    if not plan.distribution.components:
        return
    bases = {base.position.file for each in plans for base in each.collector.bases.values()}
    environments = {each.environment.position.file for each in plan.environments if each.collector}
    sources = tuple(sorted({*bases, *environments, plan.catalog.platform.position.file}))
    what = "The Collector distribution: what `make collector`, or the builder of the same version, makes it of."
    yield yaml_file(f"{FOLDER}/manifest.yaml", what, sources, _manifest(plan.distribution))
    what = "An image of the Collector. The configuration is mounted at /etc/otelcol."
    yield text_file(f"{FOLDER}/Dockerfile", what, sources, _dockerfile(plan.distribution.version))


def _manifest(distribution: DistributionPlan) -> dict[str, object]:
    kinds = dict.fromkeys(component.kind for component in distribution.components)
    return {
        "dist": {
            "module": "watchspec/otelcol",
            "name": "otelcol",
            "description": "Collector with exactly the parts that the rendered configurations use",
            "version": distribution.version,
            "output_path": "./build",
        },
        **{
            kind: [{"gomod": f"{each.module} v{each.version}"} for each in distribution.components if each.kind == kind]
            for kind in kinds
        },
    }


def _dockerfile(version: str) -> str:
    return f"""\
FROM golang:1.26 AS build
WORKDIR /src
RUN go install go.opentelemetry.io/collector/cmd/builder@v{version}
COPY manifest.yaml .
RUN builder --config manifest.yaml --skip-strict-versioning && mkdir state

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /src/build/otelcol /otelcol
COPY --from=build --chown=65532:65532 /src/state /var/lib/otelcol
ENTRYPOINT ["/otelcol"]
CMD ["--config", "/etc/otelcol/config.yaml"]
"""


TARGET: Final = Target("collector/distribution", of_plan=emit)
