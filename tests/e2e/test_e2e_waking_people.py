"""Failures and the people who are told: what goes wrong is started at once, and each alert is waited for in turn."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from collector_world import ROOT, eventually
from e2e_stack import Service, World, waited
from prometheus_world import exporters

pytestmark = pytest.mark.e2e

PROMISE_SECONDS = 60
PER_SECOND = 10
HEALTHY_SECONDS = 15
REPLICAS = """\
kube_deployment_spec_replicas{namespace="health",deployment="screening-api"} 3
kube_deployment_status_replicas_available{namespace="health",deployment="screening-api"} 2
"""


@contextmanager
def refusing(port: int, tls: Path) -> Iterator[None]:
    """A store that takes nothing: it answers 400 to everything, which is final."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(400)
            self.send_header("Content-Length", "0")
            # A connection that stayed open would go on refusing after this server has ended.
            self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def failing(world: World) -> Iterator[dict[str, Service]]:
    """Four failures at once: a store refuses, a service hangs, another is silent, a replica is absent."""
    services = {
        model: world.service(f"{tenant}/{model}")
        for tenant, model in (
            ("health", "screening"),
            ("health", "progression"),
            ("wine", "cultivar"),
        )
    }
    services["screening"].do("stream", rate=PER_SECOND, kinds=["usual"])
    services["progression"].do("active", number=2)
    if not world.query('ml_model_info{model_name="support-assistant"}'):
        silent = world.service("wine/support-assistant")
        silent.do("flush")
        silent.end()
    with exporters(world.layout.tls, {"kube-state-metrics": REPLICAS}, {}) as exporter:
        targets = world.layout.data / "prometheus/config/targets/kube-state-metrics.yaml"
        target = {"targets": [f"localhost:{exporter}"], "labels": {"__metrics_path__": "/kube-state-metrics"}}
        targets.write_text(yaml.safe_dump([target]))
        world.stack.stop("store-wine")
        with refusing(world.addresses.stores["store-wine"], world.layout.tls):
            services["cultivar"].do("stream", rate=2, kinds=["unsure"])
            time.sleep(HEALTHY_SECONDS)
            yield services
            for each in services.values():
                each.do("halt")
        world.stack.start("store-wine")


def test_a_stream_of_failures_pages_its_owner_within_a_minute_and_is_resolved(
    world: World, failing: dict[str, Service]
) -> None:
    def mine(status: str) -> list[dict[str, Any]]:
        """What the page's receiver was told of this outage, which began after those of earlier proofs."""
        found = world.notifications("AvailabilityBurn", status)
        here = [each for each in found if (each["labels"]["model"], each["labels"]["tier"]) == ("screening", "outage")]
        return [
            each
            for each in here
            if each["receiver"] == "diagnostics/page+chat"
            and datetime.fromisoformat(each["startsAt"]).timestamp() > began
        ]

    healthy = 'absent(ALERTS{alertname="AvailabilityBurn", model="screening", tier="outage"})'
    assert eventually(lambda: world.query(healthy), 150), "earlier proofs had failures, which have to be over"
    began = time.time()
    failing["screening"].do("stream", rate=PER_SECOND, kinds=["error"])
    assert eventually(lambda: mine("firing"), 2 * PROMISE_SECONDS)
    told = mine("firing")[0]
    seconds = told["received"] - began
    labels, said = told["labels"], told["annotations"]
    print(f"first failure to {told['receiver']}: {seconds:.1f} s; {said['summary']}")
    print(f"  owner {said['owner']}; runbook {said['runbook_url']}; dashboard {said['dashboard_url']}")
    assert seconds <= PROMISE_SECONDS
    assert told["receiver"] == "diagnostics/page+chat"
    assert (labels["tier"], labels["severity"], labels["environment"]) == ("outage", "critical", "local")
    assert said["owner"] == "diagnostics, #diagnostics-ml"
    assert (ROOT / "rendered" / said["runbook_url"].partition("/rendered/")[2]).is_file()
    assert list((world.layout.rendered / "grafana").rglob(f"{said['dashboard_url'].rpartition('/')[2]}.json"))
    failing["screening"].do("stream", rate=PER_SECOND, kinds=["usual"])
    repaired = time.time()
    assert eventually(lambda: mine("resolved"), 240)
    print(f"repaired to resolved: {mine('resolved')[0]['received'] - repaired:.1f} s")


def test_a_service_that_takes_requests_and_answers_none_pages_its_owner(
    world: World, failing: dict[str, Service]
) -> None:
    assert failing
    seconds = waited(lambda: world.notifications("NoResponses"), 180)
    told = world.notifications("NoResponses")
    print(f"NoResponses after {seconds:.0f} s more: {[(each['labels']['model'], each['receiver']) for each in told]}")
    assert {(each["labels"]["model"], each["receiver"]) for each in told} == {("progression", "diagnostics/page+chat")}


def test_a_gateway_whose_backend_refuses_data_is_told_to_the_platform(
    world: World, failing: dict[str, Service]
) -> None:
    assert failing
    seconds = waited(lambda: world.notifications("CollectorDropping"), 300)
    told = world.notifications("CollectorDropping")
    said = [(each["annotations"]["summary"], each["receiver"]) for each in told]
    print(f"CollectorDropping after {seconds:.0f} s more: {said}")
    assert {each["labels"]["exporter"] for each in told} == {"otlp_http/store-wine"}
    assert {each["receiver"].partition("/")[0] for each in told} == {"platform"}
    assert all(each["annotations"]["owner"] == "platform, #platform" for each in told)


def test_a_service_that_falls_silent_is_told_to_its_owner(world: World, failing: dict[str, Service]) -> None:
    assert failing

    def stale() -> bool:
        found = world.query('ALERTS{alertname="TelemetryStale", model="support-assistant", alertstate="firing"}')
        return bool(found) and "commerce/chat" in world.received_by("TelemetryStale")

    seconds = waited(stale, 300)
    print(f"TelemetryStale after {seconds:.0f} s more; its receivers: {world.received_by('TelemetryStale')}")
    assert seconds < float("inf")


def test_an_absent_replica_is_noticed(world: World, failing: dict[str, Service]) -> None:
    """It has to be absent for five minutes, which is not waited for: the alert is pending, with its value."""
    assert failing
    seconds = waited(lambda: world.states("ReplicasMissing"), 150)
    missing = world.value('model:replicas_missing:ratio{model_name="screening"}')
    print(f"ReplicasMissing is {world.states('ReplicasMissing')} after {seconds:.0f} s more; {missing:.0%} are missing")
    assert missing == pytest.approx(1 / 3)
    assert world.states("ReplicasMissing") <= {"pending", "firing"}
    assert seconds < float("inf")
