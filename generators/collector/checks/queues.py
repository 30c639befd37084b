"""Queues: kept on disk, in order, not larger than memory, and able to hold a batch."""

from __future__ import annotations

from collections.abc import Iterator

from generators.collector.view import Component, View, mapping
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

MEBIBYTE = 1 << 20
SENDERS = ("otlp_grpc", "otlp", "otlp_http", "otlphttp", "prometheus_remote_write", "prometheusremotewrite")


def queues(view: View) -> Iterator[Finding]:
    """Yield queues that lose, reorder or outgrow."""
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
        if _feeds_metrics(component, view) and queue.get("num_consumers", 10) != 1:
            message = "several consumers send samples out of order, and Prometheus refuses those that come late"
            yield Finding(SAMPLES_OUT_OF_ORDER, message, (*component.path, key), "write `num_consumers: 1`")


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
    same = batch.get("sizer", values.get("sizer")) == values.get("sizer")
    if isinstance(least, int) and isinstance(size, int) and same and least > size:
        path = (*component.path, key, "batch", "min_size")
        yield Finding(
            QUEUE_THAT_DOES_NOT_FIT, "no batch of that size fits into the queue", path, "make it at most `queue_size`"
        )
    if batch and values.get("sizer") and not same:
        message = f"the queue counts {values.get('sizer')}, its batches {batch.get('sizer')}"
        yield Finding(
            QUEUE_THAT_DOES_NOT_FIT.as_(Severity.WARNING),
            message,
            (*component.path, key, "batch", "sizer"),
            "use one sizer",
        )
    if isinstance(least, int) and isinstance(most, int) and least > most:
        path = (*component.path, key, "batch", "min_size")
        yield Finding(QUEUE_THAT_DOES_NOT_FIT, "`min_size` is above `max_size`", path, "swap them")


def _feeds_metrics(component: Component, view: View) -> bool:
    return any(each.signal == "metrics" and component.name in each.exporters for each in view.pipelines)


def _mib(component: Component) -> int:
    value = component.settings.get("limit_mib")
    return value if isinstance(value, int) else 0
