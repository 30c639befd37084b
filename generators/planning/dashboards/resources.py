"""Resources: what the model runs on, and whether latency follows it. Looked at when somebody was alerted."""

from __future__ import annotations

from collections.abc import Iterator

from generators.planning.dashboards.measures import describe, graph, graphs, onward, tiles
from generators.planning.dashboards.page import page
from generators.planning.dashboards.panels import FULL, HALF, Dashboard, Kind, Legend, Panel, Query, Row, Size
from generators.planning.dashboards.subject import Subject
from generators.planning.names import measure_title

USED = ("cpu_utilization", "memory_utilization", "gpu_utilization", "gpu_memory_utilization", "disk_utilization")
HELD_BACK = ("cpu_throttling", "restarts_1h", "replicas_missing")
AMOUNTS = ("cpu_usage", "memory_usage")
OVERLAID = ("cpu_utilization", "memory_utilization", "gpu_utilization")


def dashboard(subject: Subject) -> Dashboard | None:
    """Return utilisation, saturation and restarts, with latency laid over them."""
    if not subject.of((*USED, *HELD_BACK, *AMOUNTS)):
        return None
    return page(
        subject,
        "resources",
        "Is the model short of something? Latency is laid over CPU and memory, so that what moves together is seen.",
        (
            Row(panels=tuple(tiles(subject, (*USED, *HELD_BACK)))),
            Row(title="Resources against latency", panels=tuple(_overlays(subject))),
            Row(title="Used", panels=tuple(graphs(subject, USED))),
            Row(title="Held back", panels=tuple(graphs(subject, HELD_BACK))),
            Row(title="Amounts", panels=tuple(graphs(subject, AMOUNTS, HALF))),
        ),
    )


def _overlays(subject: Subject) -> Iterator[Panel]:
    used = subject.of(OVERLAID)
    if used and subject.has("latency_p95"):
        yield overlay(
            subject,
            used,
            "latency_p95",
            "CPU and memory against p95",
            "Where the lines rise together, more replicas help. Where only p95 rises, look at slow traces instead.",
            Size(FULL.width, 10),
        )
    if subject.has("cpu_throttling", "latency_p99"):
        yield overlay(
            subject,
            ("cpu_throttling",),
            "latency_p99",
            "Throttling against p99",
            "A tail that follows throttling is made by the CPU limit, not by the model.",
        )
    if subject.has("request_rate") and subject.has("cpu_usage"):
        yield overlay(
            subject,
            ("cpu_usage",),
            "request_rate",
            "CPU against requests",
            "CPU should follow requests. Where it does not, requests grew, or the last rollout needs more for each.",
        )


def overlay(subject: Subject, left: tuple[str, ...], right: str, title: str, words: str, size: Size = HALF) -> Panel:
    """Return measures on the left axis with another one on the right."""
    base = graph(subject, left)
    name = subject.measure(right)
    return Panel(
        kind=Kind.TIMESERIES,
        title=title,
        description=f"{words}\n\n{describe(subject, (*left, right))}",
        unit=base.unit,
        queries=(
            *base.queries,
            Query(subject.recorded(right), Legend(f"{measure_title(right)} (right)"), unit=name.unit),
        ),
        links=onward(subject, (*left, right)),
        size=size,
        minimum=0,
    )
