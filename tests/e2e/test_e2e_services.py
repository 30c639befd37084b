"""The example services with the library: three replicas of each, real requests over HTTP."""

# ruff: noqa: T201 - each proof prints what it saw
from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import e2e_clients
import pytest
from collector_world import ROOT, eventually
from e2e_clients import REQUEST_ID, ROWS, ask, play
from e2e_stack import FLUSHED_SECONDS, World, manifest
from stack.services import without_example

pytestmark = pytest.mark.e2e

REPLICAS = 3
REQUESTS = 60
MODELS = sorted(set(ROWS) - set(without_example(World.usual())))
IDENTITY = {"job", "instance", "tenant_id", "deployment_environment_name", "model_name", "model_version"}


@pytest.fixture(scope="module")
def ports(world: World) -> Iterator[dict[str, tuple[int, ...]]]:
    """Start three replicas of each service, ask them, and yield where they listen; afterwards all are silent."""
    began = time.monotonic()
    found = world.examples(REPLICAS, MODELS)
    print(f"\n{sum(map(len, found.values()))} replicas of {MODELS} answer after {time.monotonic() - began:.0f} s")
    for model, places in found.items():
        statuses = Counter(reply.status for _, reply in play(model, places, REQUESTS))
        print(f"{model}: {dict(statuses)} of {REQUESTS} requests")
        assert set(statuses) == {200}
    yield found
    world.end_examples()


@pytest.mark.parametrize("model", MODELS)
def test_everything_that_is_declared_arrives_and_nothing_else(
    world: World, ports: dict[str, tuple[int, ...]], model: str
) -> None:
    """Also what has not happened, such as a tool that nobody called: its series are there, at zero."""
    about = manifest(model)
    declared = {name for each in about["metrics"].values() for name in each["prometheus"]["prometheus-3"]}

    def arrived() -> dict[str, set[str]]:
        """By name, the labels of its series."""
        query = f'{{model_name="{model}", instance=~"{world.of_examples(model)}"}}'
        series = world.series(query)
        found: dict[str, set[str]] = {}
        for each in series:
            found.setdefault(each["__name__"], set()).update(each)
        return found

    assert eventually(lambda: declared <= set(arrived()), 20), declared - set(arrived())
    found = arrived()
    print(f"{model}: {len(declared)} names are declared, {len(found)} arrived", *sorted(declared - set(found)))
    assert set(found) == declared
    for metric in about["metrics"].values():
        for name in set(found) & set(metric["prometheus"]["prometheus-3"]):
            own = {attribute["label"] for attribute in metric.get("attributes", {}).values()}
            more = {"__name__", "le"} if name.endswith("_bucket") else {"__name__"}
            assert IDENTITY <= found[name] <= {*IDENTITY, *own, *more}, name
    by_version = "count by (model_version, deployment_environment_name, tenant_id)"
    versions = world.query(f'{by_version} (ml_model_info{{model_name="{model}"}})')
    print(f"  {versions}")
    assert {labels["model_version"] for labels, _ in versions} == {about["model"]["version"]}
    assert len(world.of_examples(model).split("|")) == REPLICAS


@pytest.mark.parametrize("model", MODELS)
def test_every_request_is_counted_once(world: World, ports: dict[str, tuple[int, ...]], model: str) -> None:
    query = f'sum(ml_prediction_duration_seconds_count{{model_name="{model}", instance=~"{world.of_examples(model)}"}})'
    assert eventually(lambda: world.value(query) >= REQUESTS, 20)
    print(f"{model}: {REQUESTS} requests, {world.value(query):.0f} counted")
    assert world.value(query) == REQUESTS


@pytest.mark.parametrize("model", MODELS)
def test_spans_and_logged_predictions_say_who_they_are(
    world: World, ports: dict[str, tuple[int, ...]], model: str
) -> None:
    about = manifest(model)
    store, service = f"store-{about['model']['tenant']}", about["resource"]["service.name"]
    who = {
        **about["resource"],
        "deployment.environment.name": "local",
        "service.version": about["model"]["version"],
    }

    def mine(signal: str) -> list[dict[str, Any]]:
        found = [each for each in world.stored(store, signal) if each["resource"]["service.name"] == service]
        return [each for each in found if each["resource"]["service.instance.id"] not in world.stand_ins]

    # A store that was away is asked again after half a minute at most.
    assert eventually(lambda: mine("traces"), FLUSHED_SECONDS + 30)
    logged = [each for each in mine("logs") if each.get("eventName") == "ml.prediction.logged"]
    names = Counter(each["name"] for each in mine("traces"))
    features = {entry["key"] for each in logged for entry in each["said"]["prediction.features"]["values"]}
    print(f"{model}: spans {dict(names)}; {len(logged)} predictions logged, with {sorted(features)}")
    assert {"receive_request", "model_infer"} <= set(names)
    for each in (*mine("traces"), *logged):
        assert {key: each["resource"].get(key) for key in who} == who
    assert all(each["said"]["model.name"] == model for each in mine("traces") if each["name"] == "receive_request")
    assert features == set(about.get("log", {}).get("features", ()))
    assert len(logged) == (REQUESTS if "log" in about else 0)


def test_the_request_id_goes_from_the_client_to_the_span_and_back(
    world: World, ports: dict[str, tuple[int, ...]]
) -> None:
    place = ports["screening"][0]
    row = e2e_clients.screening()[0]
    good = ask(place, row.path, row.body, {REQUEST_ID: "e2e-answered"})
    failed = ask(place, row.path, {**row.body, "features": {}}, {REQUEST_ID: "e2e-refused"})
    strange = ask(place, row.path, row.body, {REQUEST_ID: "<script>alert(1)</script>"})
    replies = (good, failed, strange)
    returned = [each.headers.get(REQUEST_ID.lower(), "") for each in replies]
    print(f"came back: {returned}; statuses {[each.status for each in replies]}")
    assert returned[:2] == ["e2e-answered", "e2e-refused"]
    assert returned[2]
    assert "<" not in returned[2]

    def in_store() -> list[dict[str, Any]]:
        found = world.stored("store-health", "traces")
        return [each for each in found if each["said"].get("request.id") == "e2e-refused"]

    assert eventually(in_store, FLUSHED_SECONDS)
    print(f"spans with it: {[(each['name'], each['said'].get('error.type')) for each in in_store()]}")
    assert "receive_request" in {each["name"] for each in in_store()}
    labels = json.dumps(world.series('{model_name="screening"}'))
    assert "e2e-refused" not in labels
    assert "request_id" not in labels


@dataclass
class Provider:
    """What an LLM provider was asked, by header."""

    port: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider that answers as OpenAI would, and remembers the headers of its callers."""
    found = Provider()
    answer = {
        "id": "1",
        "object": "chat.completion",
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Two days."}}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            said = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.port = server.server_address[1]
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.mark.skipif("support-assistant" not in MODELS, reason="there is no such example")
def test_the_request_id_reaches_the_service_behind_the_service(world: World, ports: dict[str, tuple[int, ...]]) -> None:
    with provider() as behind:
        place = world.example("support-assistant", OPENAI_BASE_URL=f"http://127.0.0.1:{behind.port}/v1")
        row = e2e_clients.assistant()[0]
        reply = ask(place, "/chat", row.body, {REQUEST_ID: "e2e-behind"})
    print(f"{reply.status}; the provider saw {[each.get('x-request-id') for each in behind.headers]}")
    assert reply.status == 200
    assert [each.get("x-request-id") for each in behind.headers] == ["e2e-behind"]


def about_features(world: World) -> set[str]:
    """Alerts about the inputs of the model, which a new baseline must not raise."""
    raised = {labels["alertname"] for labels, _ in world.query('ALERTS{model="screening"}')}
    return {name for name in raised if name.startswith("Feature")}


def test_a_new_version_beside_the_old_one_is_counted_apart_and_once(
    world: World, ports: dict[str, tuple[int, ...]], tmp_path: Path
) -> None:
    """Two replicas of the old version, and one of a new version with a new baseline, as in a rolling deployment."""
    instruments = tmp_path / "instruments"
    shutil.copytree(ROOT / "rendered/instruments", instruments)
    file = instruments / "health/screening.json"
    old = manifest("screening")
    text = file.read_text().replace(f'"{old["model"]["version"]}"', '"3.3.0"')
    before = old.get("baseline", {}).get("version")
    if before:
        text = text.replace(f'"{before}"', '"2099-01-01"')
    file.write_text(text)
    place = world.example("screening", WATCHSPEC_INSTRUMENTS=str(instruments))
    by_version = 'sum by (model_version) (ml_prediction_duration_seconds_count{model_name="screening"})'
    alarmed_before = about_features(world)
    started = {labels["model_version"]: value for labels, value in world.query(by_version)}
    asked = Counter(reply.status for _, reply in play("screening", (*ports["screening"][:2], place), REQUESTS))
    assert asked == {200: REQUESTS}

    def grown() -> dict[str, float]:
        now = {labels["model_version"]: value for labels, value in world.query(by_version)}
        return {version: value - started.get(version, 0) for version, value in now.items()}

    share = REQUESTS / 3
    expected = {old["model"]["version"]: 2 * share, "3.3.0": share}
    assert eventually(lambda: grown() == expected, 30), (grown(), expected)
    once = 'max by (baseline_version, ml_feature, ml_bin) (ml_baseline_share_ratio{model_name="screening"})'
    shares = world.query(f"sum by (baseline_version, ml_feature) ({once})")
    totals = Counter(labels["baseline_version"] for labels, _ in shares)
    print(f"requests by version {grown()}; features with shares by version of the baseline {dict(totals)}")
    assert set(totals) == ({before, "2099-01-01"} if before else set())
    assert all(value == pytest.approx(1, abs=0.001) for _, value in shares)
    alarmed = about_features(world) - alarmed_before
    print(f"alerts about features: before {alarmed_before or 'none'}; because of the new version {alarmed or 'none'}")
    assert not alarmed
