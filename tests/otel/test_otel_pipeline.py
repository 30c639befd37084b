from __future__ import annotations

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from otel_programs import run, without_variables
from otlp_receiver import Received, http_receiver

import otel.export.pipeline
from otel.export.delivery import Delivery, Outcome
from otel.export.pipeline import ATTEMPTS, Pipeline, Pump
from otel.export.settings import Queue, Signal, read

NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield from without_variables(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Received]:
    with http_receiver() as received:
        yield received


class Scripted(Delivery):
    """A delivery whose outcomes are written down beforehand; the last one is repeated."""

    def __init__(self, *outcomes: Outcome) -> None:
        super().__init__(Signal("traces", ("otlp",), "grpc", "http://agent:4317"), "otlp")
        self.outcomes = list(outcomes)
        self.sent: list[int] = []
        self.called = threading.Event()

    def send(self, batch: Any) -> Outcome:
        self.called.set()
        self.reason = "connection refused"
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if outcome is Outcome.SENT:
            self.sent.extend(batch)
        return outcome


def pipeline(delivery: Delivery, capacity: int = 10, batch: int = 4) -> Pipeline:
    return Pipeline(delivery, Queue(capacity, batch, delay=60), "OTEL_BSP_MAX_QUEUE_SIZE")


def test_a_batch_that_was_not_taken_is_sent_later_and_nothing_is_lost() -> None:
    delivery = Scripted(Outcome.LATER, Outcome.LATER, Outcome.SENT)
    spans = pipeline(delivery)
    for number in range(6):
        spans.put(number)
    assert not spans.flush(5)
    assert any(spans.flush(5) for _ in range(2))
    assert delivery.sent == [0, 1, 2, 3, 4, 5]
    assert spans.dropped == 0


def test_what_exceeds_the_queue_is_counted_and_said_in_two_lines(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel.export.pipeline, "CALM", 0.0)
    delivery = Scripted(Outcome.LATER)
    spans = pipeline(delivery)
    with caplog.at_level(logging.INFO, logger="otel"):
        for _ in range(3):
            for number in range(500):
                spans.put(number)
            spans.flush(5)
        delivery.outcomes = [Outcome.SENT]
        assert spans.flush(5)
        spans.put(0)
        assert spans.flush(5)
    lost = spans.dropped
    assert lost == 1501 - len(delivery.sent) > 1400
    begin, end = (record.getMessage() for record in caplog.records)
    assert begin.startswith("spans do not arrive at http://agent:4317: connection refused. At most 10 wait (OTEL")
    assert end.startswith("spans arrive again at http://agent:4317 after ")
    assert end.endswith(f"; {lost} were lost")


def test_a_full_batch_is_sent_at_once() -> None:
    delivery = Scripted(Outcome.SENT)
    spans = pipeline(delivery, capacity=1000)
    for number in range(999):
        spans.put(number)
    assert delivery.called.wait(30)  # the next export is due in a minute
    assert spans.flush(30)
    assert delivery.sent == list(range(999))


def test_a_batch_that_is_refused_does_not_block_those_behind_it() -> None:
    delivery = Scripted(Outcome.NEVER, Outcome.SENT)
    spans = pipeline(delivery)
    for number in range(6):
        spans.put(number)
    assert spans.flush(5)
    assert (delivery.sent, spans.dropped) == ([4, 5], 4)


def test_a_batch_is_not_offered_for_ever() -> None:
    spans = pipeline(Scripted(Outcome.LATER))
    spans.put(1)
    for _ in range(ATTEMPTS):
        spans.flush(5)
    assert (spans.backlog, spans.dropped) == (0, 1)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Outcome.SENT), (400, Outcome.NEVER), (401, Outcome.NEVER), (500, Outcome.LATER), (503, Outcome.LATER)],
)
def test_the_answer_of_the_receiver_decides_whether_a_batch_is_sent_again(
    environ: pytest.MonkeyPatch, receiver: Received, status: int, outcome: Outcome
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    environ.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    receiver.status = status
    delivery = Delivery(read(os.environ).signals["traces"], "otlp")
    assert delivery.send([]) is outcome
    assert bool(delivery.reason) == (outcome is not Outcome.SENT)
    delivery.close()


def _exporter_after_send(delivery: Delivery) -> object:
    delivery.send([])
    return delivery._exporter


def test_another_thread_sends_by_connections_of_its_own(environ: pytest.MonkeyPatch, receiver: Received) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    delivery = Delivery(read(os.environ).signals["traces"], "otlp")
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        built = [pool.submit(_exporter_after_send, delivery).result() for pool in (first, first, second)]
    assert built[0] is built[1]
    assert built[1] is not built[2]
    assert delivery.reached
    delivery.close()


def test_the_certificate_that_opentelemetry_is_told_wins_over_that_of_requests(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.crt"
    authority.touch()
    environ.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.crt"))
    environ.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(authority))
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://agent:4318")
    used: list[object] = []

    class Adapter(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:
            used.append(options["verify"])
            answer = requests.Response()
            answer.status_code, answer.url = 200, request.url
            return answer

    environ.setattr(requests.adapters, "HTTPAdapter", Adapter)
    environ.setattr(requests.sessions, "HTTPAdapter", Adapter)
    delivery = Delivery(read(os.environ).signals["traces"], "otlp")
    assert delivery.send([]) is Outcome.SENT
    assert used == [str(authority)]


def test_an_exporter_that_is_down_is_two_lines_and_bounded_memory() -> None:
    code = """
        import logging, otel
        logging.basicConfig(level="INFO", format="LINE %(levelname)s %(name)s %(message)s")
        made = otel.configure({"service.name": "s"}, export_interval=0.2, exit_timeout=1.0)
        made.meter_provider.get_meter("a").create_counter("n").add(1)
        tracer = made.tracer_provider.get_tracer("a")
        for _ in range(3000):
            tracer.start_span("s").end()
        made.flush(2.0)
        print(made.dropped()["span"])
    """
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE,
        "OTEL_BSP_MAX_QUEUE_SIZE": "1000",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.3",
    }
    done = run(code, variables)
    assert done.returncode == 0
    assert 1000 < int(done.stdout) <= 2000
    lines = done.stderr.splitlines()
    assert all(line.startswith("LINE WARNING otel ") for line in lines), done.stderr
    assert sorted(line.split()[3] for line in lines) == ["metrics", "spans", "telemetry"], done.stderr
    assert lines[-1].count("to http") == 2, "at the end it says once what is lost, and where it should have gone"
    assert done.stderr.count("Connection refused") == 4


def test_a_receiver_that_never_answers_does_not_make_the_caller_wait() -> None:
    code = """
        import otel
        made = otel.configure({"service.name": "s"}, exit_timeout=0.1)
        for _ in range(3000):
            made.tracer_provider.get_tracer("a").start_span("s").end()
    """
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begin = time.monotonic()
        done = run(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "100"})
    assert done.returncode == 0
    said = (
        r"telemetry of process \d+ could not be sent at its end: .*\d+ spans to \S+/v1/traces \(no answer in time\)\n"
    )
    assert re.fullmatch(said, done.stderr), done.stderr
    assert time.monotonic() - begin < 60


def test_a_thread_with_nothing_due_waits_no_longer_than_timers_allow() -> None:
    done: list[int] = []
    pump = Pump("test", lambda: done.append(1), 1e9)
    pump._due = float("inf")
    thread = threading.Thread(target=pump._run, daemon=True)
    pump.running = True
    thread.start()
    assert pump.flush(5)
    assert pump.flush(5)
    pump.close()
    thread.join(5)
    assert done == [1, 1]
