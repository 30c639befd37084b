"""The order inside pipelines: refuse first, strip, hash, mask last, and batch once."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.view import Component, Pipeline, View, mapping
from generators.diagnostics import Code, Finding, Severity

MEMORY_LIMITER_MISSING_OR_LATE = Code(
    "C908",
    "Memory limiter missing or late",
    "It refuses data before memory is spent on it, so it comes first where data enters; senders then retry.",
    "processors: [transform, memory_limiter]",
    "processors: [memory_limiter, transform]",
    Severity.WARNING,
)
BATCHED_TWICE = Code(
    "C909",
    "Batched twice",
    "Batches in the queue survive a crash, those of the processor do not.",
    "processors: [batch]; sending_queue: {batch: {}}",
    "sending_queue: {batch: {}}",
    Severity.WARNING,
)
PRIVACY_IN_THE_WRONG_ORDER = Code(
    "C910",
    "Privacy in the wrong order",
    "Drop, then hash, then mask, and change nothing after it.",
    "processors: [redaction, transform]",
    "processors: [transform, redaction]",
)
LIMITER_WITHOUT_A_LIMIT = Code(
    "C934",
    "Limiter without a limit",
    "Without an interval and a limit it does nothing.",
    "memory_limiter: {}",
    "memory_limiter: {check_interval: 1s, limit_mib: 400}",
)

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
            yield Finding(LIMITER_WITHOUT_A_LIMIT, message, component.path, "write `check_interval: 1s`")
        if not {"limit_mib", "limit_percentage"} & component.settings.keys():
            yield Finding(
                LIMITER_WITHOUT_A_LIMIT, "it has no limit", component.path, "write `limit_mib` or `limit_percentage`"
            )


def _limiter(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    """Only pipelines that take data from outside need it; connectors pass on what was let in."""
    entry = any(view.get("connectors", name) is None for name in pipeline.receivers)
    places = [index for index, name in enumerate(pipeline.processors) if _type(name) == LIMITER]
    if not places and entry:
        message = f"pipeline `{pipeline.name}` has no memory limiter: under load the Collector is killed"
        yield Finding(
            MEMORY_LIMITER_MISSING_OR_LATE, message, pipeline.path, "put `memory_limiter` first under `processors`"
        )
    elif places and places[0] > 0:
        message = "the memory limiter refuses only what reaches it; before it, memory is spent"
        yield Finding(
            MEMORY_LIMITER_MISSING_OR_LATE, message, (*pipeline.path, "processors", places[0]), "put it first"
        )


def _batching(pipeline: Pipeline, view: View) -> Iterator[Finding]:
    batch = next((index for index, name in enumerate(pipeline.processors) if _type(name) == "batch"), None)
    if batch is None:
        return
    for name in pipeline.exporters:
        exporter = view.get("exporters", name)
        if exporter and "batch" in mapping(exporter.settings.get("sending_queue")):
            message = f"batched here, and again by the queue of `{name}`"
            help_ = "remove the processor: what waits in it is lost with the process"
            yield Finding(BATCHED_TWICE, message, (*pipeline.path, "processors", batch), help_)


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
            yield Finding(
                PRIVACY_IN_THE_WRONG_ORDER, message, (*pipeline.path, "processors", index), "put redaction last"
            )
    masks = [index for index, component in redactions if "blocked_values" in component.settings]
    hashes = [(index, component) for index, component in redactions if _hashes(component)]
    for index, component in hashes:
        if masks and masks[0] < index:
            message = f"`{component.name}` hashes what was masked before, so that all hashes are equal"
            yield Finding(
                PRIVACY_IN_THE_WRONG_ORDER, message, (*pipeline.path, "processors", index), "hash before masking"
            )


def _hashes(component: Component) -> bool:
    return "hash_function" in component.settings


def _type(name: str) -> str:
    return name.partition("/")[0]
