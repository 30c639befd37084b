"""A configuration as checks look at it: components by kind, pipelines, and every value with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generators.diagnostics import Path

KINDS: Final = ("receivers", "processors", "exporters", "connectors", "extensions")
PROMETHEUS: Final = ("prometheus", "prometheus_remote_write", "prometheusremotewrite")
OTLP_HTTP: Final = ("otlp_http", "otlphttp")
PROMETHEUS_OTLP: Final = "/api/v1/otlp"
STEPS: Final = ("receivers", "processors", "exporters")


@dataclass(frozen=True, slots=True)
class Component:
    """A component that is configured; ``settings`` is empty where the file says nothing."""

    kind: str
    name: str
    settings: Mapping[str, object]

    @property
    def type(self) -> str:
        """The type, without the name behind the slash."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> Path:
        """Where it stands."""
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline; ``signal`` is ``traces``, ``metrics`` or ``logs``."""

    name: str
    receivers: tuple[str, ...]
    processors: tuple[str, ...]
    exporters: tuple[str, ...]

    @property
    def signal(self) -> str:
        """What flows through it."""
        return self.name.partition("/")[0]

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("service", "pipelines", self.name)

    def step(self, kind: str) -> tuple[str, ...]:
        """Return the names under ``receivers``, ``processors`` or ``exporters``."""
        return {"receivers": self.receivers, "processors": self.processors, "exporters": self.exporters}[kind]


@dataclass(frozen=True, slots=True)
class View:
    """A whole configuration."""

    document: Mapping[str, object]
    components: tuple[Component, ...]
    pipelines: tuple[Pipeline, ...]
    extensions: tuple[str, ...]

    def of(self, kind: str, *types: str) -> Iterator[Component]:
        """Yield the components of a kind, of some types or of all."""
        for each in self.components:
            if each.kind == kind and (not types or each.type in types):
                yield each

    def get(self, kind: str, name: str) -> Component | None:
        """Return a component, or None."""
        return next((each for each in self.components if (each.kind, each.name) == (kind, name)), None)

    def through(self, processor: str) -> tuple[Pipeline, ...]:
        """Return the pipelines that a processor is in."""
        return tuple(each for each in self.pipelines if processor in each.processors)

    def feeds_prometheus(self, pipeline: Pipeline) -> bool:
        """Whether a pipeline sends to what is surely Prometheus."""
        exporters = (self.get("exporters", name) for name in pipeline.exporters)
        return any(each is not None and is_prometheus(each) for each in exporters)


def view(document: Mapping[str, object]) -> View:
    """Return the view of a configuration; what has the wrong shape is left out, since `validate` says so."""
    components = tuple(
        Component(kind, name, mapping(settings))
        for kind in KINDS
        for name, settings in mapping(document.get(kind)).items()
    )
    service = mapping(document.get("service"))
    pipelines = tuple(
        Pipeline(name, *(texts(mapping(value).get(step)) for step in STEPS))
        for name, value in mapping(service.get("pipelines")).items()
    )
    return View(document, components, pipelines, texts(service.get("extensions")))


def is_prometheus(exporter: Component) -> bool:
    """Whether an exporter sends to Prometheus: by its type, or to the path at which Prometheus takes OTLP."""
    if exporter.type in PROMETHEUS:
        return True
    addresses = (str(exporter.settings.get(key, "")) for key in ("endpoint", "metrics_endpoint"))
    return exporter.type in OTLP_HTTP and any(PROMETHEUS_OTLP in each for each in addresses)


def mapping(value: object) -> Mapping[str, object]:
    """Return a mapping, an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[object]:
    """Return a list, an empty one in place of anything else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list."""
    return tuple(each for each in items(value) if isinstance(each, str))


def leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Yield every scalar with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def mappings(value: object, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Yield every mapping with its path, outer ones first."""
    if isinstance(value, Mapping):
        yield path, value
        for key, inner in value.items():
            yield from mappings(inner, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from mappings(inner, (*path, index))
