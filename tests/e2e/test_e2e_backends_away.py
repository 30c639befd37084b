"""Prometheus away for a minute, the gateway and the agent ended and started again: nothing that was counted is lost."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

import time
from itertools import pairwise

import pytest
from collector_world import eventually
from e2e_stack import FLUSHED_SECONDS, Service, World

pytestmark = pytest.mark.e2e

AWAY_SECONDS = 60
EXPORT_SECONDS = 5
PER_SECOND = 20
KINDS = ["usual", "usual", "usual", "usual", "error"]
WAIT_SECONDS = 5
"""For the spans of a trace, of the local environment: what a gateway that is killed had not judged yet."""


def total(world: World, metric: str, service: Service) -> float:
    return world.value(f'sum({metric}{{instance="{service.instance}"}})')


def kept_errors(world: World) -> set[str]:
    return {str(span["said"].get("request.id")) for span in world.stored("store-health", "traces")}


def test_counters_are_whole_and_no_error_is_lost_after_a_minute_without_prometheus(world: World) -> None:
    service = world.service("health/screening")
    service.do("stream", rate=PER_SECOND, kinds=KINDS)
    time.sleep(2 * EXPORT_SECONDS)
    left = time.time()
    world.stack.stop("prometheus")
    world.restart("gateway", away=2)
    time.sleep(EXPORT_SECONDS)
    world.restart("agent", away=1)
    time.sleep(max(0.0, AWAY_SECONDS - (time.time() - left)))
    world.stack.start("prometheus")
    back = time.time()
    service.do("halt")
    truth = service.do("flush")
    counted = truth["counted"]

    def whole() -> bool:
        return total(world, "ml_prediction_duration_seconds_count", service) == counted["duration"]

    arrived = eventually(whole, 60)
    seen = {
        "duration": total(world, "ml_prediction_duration_seconds_count", service),
        "predictions": total(world, "ml_prediction_count_total", service),
        "error": world.value(
            f'sum(ml_prediction_duration_seconds_count{{instance="{service.instance}", error_type="unavailable"}})'
        ),
    }
    print(
        f"Prometheus was away for {back - left:.0f} s; counted {counted}, and then"
        f" {time.time() - back:.1f} s until Prometheus held {seen}"
    )
    assert arrived
    assert seen == {name: counted[name] for name in seen}
    query = f'ml_prediction_duration_seconds_count{{instance="{service.instance}", error_type=""}}[3m]'
    (series,) = world.ask("/api/v1/query", query=query)["data"]["result"]
    stamps = [float(stamp) for stamp, _ in series["values"]]
    during = [stamp for stamp in stamps if left <= stamp <= back]
    gap = max(after - before for before, after in pairwise(stamps))
    print(f"{len(during)} samples of the time without Prometheus were written later; the widest gap is {gap:.1f} s")
    assert len(during) >= AWAY_SECONDS / EXPORT_SECONDS - 2
    assert gap <= 2 * EXPORT_SECONDS + 2
    assert eventually(lambda: set(truth["failed"]) <= kept_errors(world), FLUSHED_SECONDS)
    print(f"{len(truth['failed'])} requests failed; the traces of all of them are in the store")


def test_a_gateway_that_is_killed_loses_no_count_and_no_trace_that_it_had_judged(world: World) -> None:
    service = world.service("health/screening")
    service.do("predict", kind="error", times=20)
    judged = service.do("flush")["failed"]
    assert eventually(lambda: set(judged) <= kept_errors(world), FLUSHED_SECONDS)
    service.do("predict", kind="error", times=20)
    service.do("flush")
    time.sleep(0.5)
    world.restart("gateway", kill=True)
    service.do("predict", kind="error", times=20)
    truth = service.do("flush")
    after = set(truth["failed"][-20:])

    def whole() -> bool:
        return total(world, "ml_prediction_duration_seconds_count", service) == truth["counted"]["duration"]

    assert eventually(whole, 30), (total(world, "ml_prediction_duration_seconds_count", service), truth["counted"])
    assert eventually(lambda: after <= kept_errors(world), FLUSHED_SECONDS)
    lost = set(truth["failed"]) - kept_errors(world)
    print(
        f"counted {truth['counted']['duration']}, in Prometheus the same; {len(lost)} of {len(truth['failed'])} traces"
    )
    print(f"of errors are lost, all of them sent within {WAIT_SECONDS} s before the gateway was killed")
    assert lost <= set(truth["failed"][20:40])


def test_the_collectors_dropped_nothing_on_the_way(world: World) -> None:
    """A Collector that ends counts what it was just sending as failed; the next one finds that in its queue."""
    running = "on (instance) (time() - timestamp(otelcol_process_uptime_seconds_total) < 20)"
    dropped = world.query(f'{{__name__=~"otelcol_exporter_(send|enqueue)_failed_.+"}} > 0 and {running}')
    sent = world.query('sum by (job) ({__name__=~"otelcol_exporter_sent_.+"})')
    print(f"items sent { ({labels['job']: int(value) for labels, value in sent}) }; dropped: {dropped or 'none'}")
    assert {labels["job"] for labels, _ in sent} == {"watchspec/otelcol-agent", "watchspec/otelcol-gateway"}
    assert not dropped
