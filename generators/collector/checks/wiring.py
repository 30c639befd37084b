"""Components and pipelines refer to each other completely: nothing dangles, nothing is idle, nothing is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.components import known
from generators.collector.view import STEPS, Component, View, mappings
from generators.diagnostics import Code, Finding, Severity, did_you_mean

NO_PIPELINE = Code(
    "C902",
    "No pipeline",
    "A Collector does what its pipelines say.",
    "service: {}",
    "service: {pipelines: …}",
)
UNKNOWN_COMPONENT = Code(
    "C903",
    "Unknown component",
    "The distribution is built with a list of components; another does not start.",
    "processors: {tail_samplin: {}}",
    "processors: {tail_sampling: {}}",
    Severity.WARNING,
)
OLD_NAME_OF_A_COMPONENT = Code(
    "C904",
    "Old name of a component",
    "Types were renamed; their old names log a warning at the start of newer versions and will be removed.",
    "exporters: {otlphttp: {}}",
    "exporters: {otlp_http: {}}",
    Severity.INFO,
)
REFERENCE_TO_NOTHING = Code(
    "C905",
    "Reference to nothing",
    "What a pipeline names is configured.",
    "exporters: [otpl]",
    "exporters: [otlp]",
)
IDLE_COMPONENT = Code(
    "C906",
    "Idle component",
    "A component that nothing names does nothing, which is rarely meant.",
    "extensions: {health_check: {}}; service: {}",
    "service: {extensions: [health_check]}",
)
CONNECTOR_WITH_ONE_END = Code(
    "C907",
    "Connector with one end",
    "A connector is the exporter of one pipeline and the receiver of another.",
    "traces: {exporters: [count]}",
    "traces: {exporters: [count]}; metrics: {receivers: [count]}",
)
EXTENSION_THAT_IS_NOT_STARTED = Code(
    "C922",
    "Extension that is not started",
    "Stores and authenticators are extensions under `service.extensions`; `validate` does not look.",
    "sending_queue: {storage: file_storage}; service: {extensions: []}",
    "service: {extensions: [file_storage]}",
)


def wiring(view: View) -> Iterator[Finding]:
    """Yield unknown and renamed types, references to nothing, and what nothing refers to."""
    if not view.pipelines:
        yield Finding(NO_PIPELINE, "there is no pipeline", ("service",), "write `service: {pipelines: {…}}`")
    for component in view.components:
        yield from _type(component)
    for pipeline in view.pipelines:
        for kind in STEPS:
            for index, name in enumerate(pipeline.step(kind)):
                if view.get(kind, name) is None and not (kind != "processors" and view.get("connectors", name)):
                    message = f"`{name}` is not configured under `{kind}`"
                    yield Finding(REFERENCE_TO_NOTHING, message, (*pipeline.path, kind, index), _near(name, view, kind))
        for kind in ("receivers", "exporters"):
            if not pipeline.step(kind):
                yield Finding(
                    REFERENCE_TO_NOTHING, f"the pipeline has no {kind}", pipeline.path, f"name some under `{kind}`"
                )
    yield from _idle(view)
    yield from _references(view)


def _type(component: Component) -> Iterator[Finding]:
    types = known()
    current = types.get((component.kind, component.type))
    if current is None:
        near = did_you_mean(component.type, (name for kind, name in types if kind == component.kind))
        help_ = near or "the distribution would have to be built with it"
        message = f"no {component.kind[:-1]} of type `{component.type}` is known"
        yield Finding(UNKNOWN_COMPONENT, message, component.path, help_)
    elif current != component.type:
        message = f"`{component.type}` is an old name; newer versions call it `{current}`"
        yield Finding(OLD_NAME_OF_A_COMPONENT, message, component.path, f"write `{current}`")


def _idle(view: View) -> Iterator[Finding]:
    used = {(kind, name) for pipeline in view.pipelines for kind in STEPS for name in pipeline.step(kind)}
    for component in view.components:
        if component.kind == "connectors":
            sides = [kind for kind in ("exporters", "receivers") if (kind, component.name) in used]
            if len(sides) < 2:
                message = f"connector `{component.name}` joins nothing"
                help_ = "name it as exporter of one pipeline and as receiver of another"
                yield Finding(CONNECTOR_WITH_ONE_END, message, component.path, help_)
        elif component.kind == "extensions":
            if component.name not in view.extensions:
                message = f"extension `{component.name}` is never started"
                yield Finding(IDLE_COMPONENT, message, component.path, "name it under `service.extensions`")
        elif (component.kind, component.name) not in used:
            message = f"`{component.name}` is in no pipeline"
            yield Finding(IDLE_COMPONENT.as_(Severity.WARNING), message, component.path, "use it, or remove it")


def _references(view: View) -> Iterator[Finding]:
    """Yield stores and authenticators that are not there: `validate` passes them, the Collector does not start."""
    for index, name in enumerate(view.extensions):
        if view.get("extensions", name) is None:
            message, help_ = f"`{name}` is not configured under `extensions`", _near(name, view, "extensions")
            yield Finding(REFERENCE_TO_NOTHING, message, ("service", "extensions", index), help_)
    for path, values in mappings(view.document):
        for key in ("storage", "authenticator"):
            wanted = values.get(key)
            if isinstance(wanted, str) and path[:1] != ("service",) and wanted not in view.extensions:
                message = f"`{wanted}` is no extension that is started"
                help_ = "configure it under `extensions`, and name it under `service.extensions`"
                yield Finding(EXTENSION_THAT_IS_NOT_STARTED, message, (*path, key), help_)


def _near(name: str, view: View, kind: str) -> str:
    return did_you_mean(name, (each.name for each in view.of(kind))) or "configure it, or remove it here"
