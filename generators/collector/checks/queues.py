"""Queues: kept on disk, in order, not larger than memory, and able to hold a batch."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.view import Component, View, is_prometheus, mapping
from generators.diagnostics import Code, Finding, Severity

QUEUE_IN_MEMORY_OR_NONE = Code(
    "C920",
    "Queue in memory, or none",
    "What waits for a backend is on disk, so that neither a crash nor ten minutes of absence lose it.",
    "sending_queue: {}",
    "sending_queue: {storage: file_storage}",
)
QUEUE_THAT_DOES_NOT_FIT = Code(
    "C921",
    "Queue that does not fit",
    "A queue fits into memory unless it is stored, and holds at least a batch.",
    "sending_queue: {queue_size: 10, batch: {min_size: 100}}",
    "sending_queue: {queue_size: 1000, batch: {min_size: 100}}",
)
SAMPLES_OUT_OF_ORDER = Code(
    "C930",
    "Samples out of order",
    "Several consumers of one queue overtake each other.",
    "sending_queue: {num_consumers: 10}",
    "sending_queue: {num_consumers: 1}",
    Severity.WARNING,
)

STORE_THAT_STAYS_BROKEN = Code(
    "C936",
    "Store that stays broken",
    "A file that a power loss broke makes the extension panic at every start, unless it may begin a new one.",
    "file_storage: {directory: /var/lib/otelcol}",
    "file_storage: {directory: /var/lib/otelcol, recreate: true}",
    Severity.WARNING,
)

MEBIBYTE = 1 << 20
SENDERS = ("otlp_grpc", "otlp", "otlp_http", "otlphttp", "prometheus_remote_write", "prometheusremotewrite")


def queues(view: View) -> Iterator[Finding]:
    """Yield queues that lose, reorder or outgrow."""
    for component in view.of("exporters", "load_balancing", "loadbalancing"):
        yield from _balancer(component)
    for component in view.of("extensions", "file_storage"):
        yield from _recreate(component)
    limit = min((_mib(each) for each in view.of("processors", "memory_limiter") if _mib(each)), default=0)
    for component in view.of("exporters", *SENDERS):
        key = "remote_write_queue" if component.type.startswith("prometheus") else "sending_queue"
        queue = mapping(component.settings.get(key))
        if queue.get("enabled") is False:
            message = "without a queue, what arrives while the backend is away is refused or lost"
            yield Finding(
                QUEUE_IN_MEMORY_OR_NONE, message, (*component.path, key), "write `sending_queue: {storage: …}`"
            )
            continue
        yield from _store(component, queue, key, limit)
        yield from _batch(component, queue, key)
        if key == "sending_queue" and _feeds_metrics(component, view) and queue.get("num_consumers", 10) != 1:
            message = "several consumers send samples out of order, and Prometheus refuses those that come late"
            yield Finding(SAMPLES_OUT_OF_ORDER, message, (*component.path, key), "write `num_consumers: 1`")


def _balancer(component: Component) -> Iterator[Finding]:
    """A balancer has no queue and no retry of its own unless it is told."""
    queue = mapping(component.settings.get("sending_queue"))
    if "storage" not in queue or queue.get("enabled") is False:
        message = "what waits for a backend lies in memory, and is lost with this process"
        help_ = "write `sending_queue: {storage: file_storage}` beside `protocol`"
        yield Finding(QUEUE_IN_MEMORY_OR_NONE.as_(Severity.WARNING), message, component.path, help_)
    retry = mapping(component.settings.get("retry_on_failure"))
    if not retry or retry.get("enabled") is False:
        message = "what a backend that is gone does not take is never sent to another"
        help_ = "write `retry_on_failure: {enabled: true}` beside `protocol`"
        yield Finding(QUEUE_IN_MEMORY_OR_NONE.as_(Severity.WARNING), message, component.path, help_)


def _recreate(component: Component) -> Iterator[Finding]:
    if component.settings.get("recreate") is not True:
        message = "with a file that a power loss broke, the Collector fails at every start"
        yield Finding(STORE_THAT_STAYS_BROKEN, message, component.path, "write `recreate: true`")


def _store(component: Component, queue: object, key: str, limit: int) -> Iterator[Finding]:
    """Remote write has a log of its own for what waits."""
    values = mapping(queue)
    if "storage" in values or key == "remote_write_queue":
        if values.get("wait_for_result") is True:
            message = "a stored queue cannot wait for the result"
            yield Finding(QUEUE_IN_MEMORY_OR_NONE, message, (*component.path, key, "wait_for_result"), "remove it")
        return
    message = "what waits in memory is lost with the process"
    yield Finding(
        QUEUE_IN_MEMORY_OR_NONE.as_(Severity.WARNING), message, (*component.path, key), "write `storage: file_storage`"
    )
    size = values.get("queue_size")
    if values.get("sizer") == "bytes" and isinstance(size, int) and limit and size > limit * MEBIBYTE:
        message = f"the queue may grow to {size // MEBIBYTE} MiB in memory, above the limit of {limit} MiB"
        yield Finding(
            QUEUE_THAT_DOES_NOT_FIT, message, (*component.path, key, "queue_size"), "store it, or make it smaller"
        )


def _batch(component: Component, queue: object, key: str) -> Iterator[Finding]:
    values = mapping(queue)
    batch, size = mapping(values.get("batch")), values.get("queue_size")
    least, most = batch.get("min_size"), batch.get("max_size")
    sizer = values.get("sizer", "requests")
    unit = batch.get("sizer", values.get("sizer", "items"))
    if isinstance(least, int) and isinstance(size, int) and unit == sizer and least > size:
        path = (*component.path, key, "batch", "min_size")
        yield Finding(
            QUEUE_THAT_DOES_NOT_FIT, "no batch of that size fits into the queue", path, "make it at most `queue_size`"
        )
    if "sizer" in values and "sizer" in batch and unit != sizer:
        message = f"the queue counts {sizer}, its batches {unit}: whether one fits cannot be told"
        yield Finding(
            QUEUE_THAT_DOES_NOT_FIT.as_(Severity.INFO),
            message,
            (*component.path, key, "batch", "sizer"),
            "use one sizer",
        )
    if isinstance(least, int) and isinstance(most, int) and least > most:
        path = (*component.path, key, "batch", "min_size")
        yield Finding(QUEUE_THAT_DOES_NOT_FIT, "`min_size` is above `max_size`", path, "swap them")


def _feeds_metrics(component: Component, view: View) -> bool:
    return is_prometheus(component) and any(
        each.signal == "metrics" and component.name in each.exporters for each in view.pipelines
    )


def _mib(component: Component) -> int:
    value = component.settings.get("limit_mib")
    return value if isinstance(value, int) else 0
