"""The Collector distribution: the builder's manifest with exactly the parts in use, and how to put it into an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_comment, format_yaml
from generators.planning.collector.distribution import builder_version, distribution
from generators.planning.collector.plan import Component
from generators.planning.plan import Plan
from generators.targets.header import head
from generators.targets.target import Target

FOLDER = "collector"


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``collector/manifest.yaml`` and ``collector/Dockerfile`` for all environments together."""
    plans = [each.collector for each in plan.environments if each.collector]
    stated = plan.catalog.platform.distribution
    components = distribution(plans, stated)
    if not components:
        return
    bases = {base.position.file for each in plans for base in each.collector.bases.values()}
    environments = {each.environment.position.file for each in plan.environments if each.collector}
    sources = tuple(sorted({*bases, *environments, plan.catalog.platform.position.file}))
    version = builder_version(stated)
    what = "The Collector distribution: what `make collector`, or the builder of the same version, makes it of."
    yield Artifact(f"{FOLDER}/manifest.yaml", format_yaml(_manifest(components, version), head(what, sources)), sources)
    comment = format_comment(head("An image of the Collector. The configuration is mounted at /etc/otelcol.", sources))
    yield Artifact(f"{FOLDER}/Dockerfile", f"{comment}\n{_dockerfile(version)}", sources)


def _manifest(components: Sequence[Component], version: str) -> dict[str, object]:
    kinds = dict.fromkeys(component.kind for component in components)
    return {
        "dist": {
            "module": "watchspec/otelcol",
            "name": "otelcol",
            "description": "Collector with exactly the parts that the rendered configurations use",
            "version": version,
            "output_path": "./build",
        },
        **{
            kind: [{"gomod": f"{each.module} v{each.version}"} for each in components if each.kind == kind]
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
