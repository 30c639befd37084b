"""The order inside pipelines: refuse first, strip, hash, mask last, and batch once."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.findings import Finding, Severity
from generators.collector.view import Component, Pipeline, View, mapping

LIMITER = "memory_limiter"
CHANGES = ("transform", "attributes", "resource", "filter", "k8s_attributes")


def order(view: View) -> Iterator[Finding]:
    """Yield pipelines whose processors stand in the wrong order."""
    for pipeline in view.pipelines:
        yield from _limiter(pipeline, view)
        yield from _batching(pipeline, view)
        yield from _masking(pipeline, view)
    for component in view.of("processors", LIMITER):
        interval = str(component.settings.get("check_interval", ""))
        if interval in {"", "0", "0s"}:
            message = "without `check_interval` it never limits anything"
            yield Finding("C934", message, component.path, "write `check_interval: 1s`")
        if not {"limit_mib", "limit_percentage"} & component.settings.keys():
            yield Finding("C934", "it has no limit", component.path, "write `limit_mib` or `limit_percentage`")


def _limiter(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    """Only pipelines that take data from outside need it; connectors pass on what was let in."""
    entry = any(view.get("connectors", name) is None for name in pipeline.receivers)
    places = [index for index, name in enumerate(pipeline.processors) if _type(name) == LIMITER]
    if not places and entry:
        message = f"pipeline `{pipeline.name}` has no memory limiter: under load the Collector is killed"
        yield Finding("C908", message, pipeline.path, "put `memory_limiter` first under `processors`")
    elif places and places[0] > 0:
        message = "the memory limiter refuses only what reaches it; before it, memory is spent"
        yield Finding("C908", message, (*pipeline.path, "processors", places[0]), "put it first")


def _batching(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    batch = next((index for index, name in enumerate(pipeline.processors) if _type(name) == "batch"), None)
    if batch is None:
        return
    for name in pipeline.exporters:
        exporter = view.get("exporters", name)
        if exporter and "batch" in mapping(exporter.settings.get("sending_queue")):
            message = f"batched here, and again by the queue of `{name}`"
            help_ = "remove the processor: what waits in it is lost with the process"
            yield Finding("C909", message, (*pipeline.path, "processors", batch), help_, Severity.WARNING)


def _masking(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    """What changes data after it was masked may bring back what was masked; hashing needs what masking would hide."""
    redactions = [
        (index, component)
        for index, name in enumerate(pipeline.processors)
        if (component := view.get("processors", name)) and component.type == "redaction"
    ]
    if not redactions:
        return
    last = redactions[-1][0]
    for index, name in enumerate(pipeline.processors[last + 1 :], start=last + 1):
        if _type(name) in CHANGES:
            message = f"`{name}` runs after the last redaction, and what it adds is not masked"
            yield Finding("C910", message, (*pipeline.path, "processors", index), "put redaction last")
    masks = [index for index, component in redactions if "blocked_values" in component.settings]
    hashes = [(index, component) for index, component in redactions if _hashes(component)]
    for index, component in hashes:
        if masks and masks[0] < index:
            message = f"`{component.name}` hashes what was masked before, so that all hashes are equal"
            yield Finding("C910", message, (*pipeline.path, "processors", index), "hash before masking")


def _hashes(component: Component) -> bool:
    return "hash_function" in component.settings


def _type(name: str) -> str:
    return name.partition("/")[0]
