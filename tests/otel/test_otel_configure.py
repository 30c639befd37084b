from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from otlp_receiver import Received, attributes, grpc_receiver, http_receiver

import otel
import otel.pipeline
from otel.configure import ConfigurationError, configure, shutdown, telemetry
from otel.delivery import Delivery, Outcome
from otel.pipeline import ATTEMPTS, Pipeline
from otel.settings import Queue, Signal, read

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No variable of OpenTelemetry is set, and whatever a test configures is shut down."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    yield monkeypatch
    shutdown(0.1)


@pytest.fixture
def receiver() -> Iterator[Received]:
    with http_receiver() as received:
        yield received


def run(code: str, variables: Mapping[str, str], *, stop: signal.Signals | None = None) -> Any:
    """Run a program; with ``stop``, send that signal once it has printed a line."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    environment = {**clean, "PYTHONPATH": str(ROOT), **variables}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    first = ""
    if stop is not None:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(stop)
    out, err = process.communicate(timeout=30)
    return subprocess.CompletedProcess(code, process.returncode, first + out, err)


# --- what the environment says ----------------------------------------------------------------------------------


def test_defaults_are_otlp_over_http_to_the_local_collector() -> None:
    settings = read({})
    assert {name: (each.exporters, each.protocol, each.endpoint) for name, each in settings.signals.items()} == {
        name: (("otlp",), "http/protobuf", f"http://localhost:4318/v1/{name}") for name in ("traces", "metrics", "logs")
    }
    assert settings.export_interval is None
    assert not settings.disabled


def test_a_variable_of_one_signal_wins_over_that_of_all() -> None:
    settings = read({
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://agent:4317",
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://prometheus:9090/api/v1/otlp/v1/metrics",
        "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        "OTEL_LOGS_EXPORTER": "none",
    })  # fmt: skip
    traces, metrics, logs = (settings.signals[name] for name in ("traces", "metrics", "logs"))
    assert (traces.protocol, traces.endpoint) == ("grpc", "https://agent:4317")
    assert (metrics.protocol, metrics.endpoint) == ("http/protobuf", "http://prometheus:9090/api/v1/otlp/v1/metrics")
    assert logs.exporters == ()
    assert settings.export_interval == 5.0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER=zipkin: there is no such exporter; use otlp, con"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "json"}, "OTEL_EXPORTER_OTLP_PROTOCOL=json: not supported; use http/protobuf"),
        ({"OTEL_METRIC_EXPORT_INTERVAL": "5s"}, "OTEL_METRIC_EXPORT_INTERVAL=5s: must be milliseconds above 0"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, "OTEL_BSP_MAX_QUEUE_SIZE=-1: must be a number of items above 0"),
        ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/ca"}, "OTEL_EXPORTER_OTLP_CERTIFICATE=/no/ca: there is no such file"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_one_clear_error_at_start(
    environ: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        environ.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}"):
        configure()


def test_a_disabled_sdk_records_nothing_and_flushes_at_once(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OTEL_SDK_DISABLED", "true")
    made = configure()
    assert not made.tracer_provider.get_tracer("a").start_span("s").is_recording()
    made.flush_soon()
    assert made.flush()


def test_signals_can_be_switched_off_or_written_to_the_console() -> None:
    code = """
        import otel
        made = otel.configure({"service.name": "s"})
        made.tracer_provider.get_tracer("a").start_span("on the console").end()
        made.meter_provider.get_meter("a").create_counter("not.shown").add(1)
        assert made.flush()
    """
    variables = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    done = run(_dedent(code), variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"name": "on the console"' in done.stdout
    assert "not.shown" not in done.stdout


# --- one set-up a process ---------------------------------------------------------------------------------------


def test_configuring_is_idempotent_and_a_shorter_interval_is_taken_over(
    environ: pytest.MonkeyPatch, receiver: Received, caplog: pytest.LogCaptureFixture
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    first = configure({"service.name": "a"}, export_interval=60, set_global=False)
    first.meter_provider.get_meter("a").create_counter("n").add(1)
    assert configure({"service.name": "b"}, export_interval=0.05) is first is telemetry()
    assert otel.configure.telemetry() is first
    assert "resource attribute service.name stays 'a', although 'b' is asked for" in caplog.text
    assert receiver.wait(lambda it: len(it.of("metrics")) >= 3)


def test_metrics_are_exported_soon_after_the_start_with_identity_zeros_and_without_exemplars(
    environ: pytest.MonkeyPatch, receiver: Received
) -> None:
    environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    environ.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=health")
    environ.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging,service.instance.id=pod-7")
    made = configure({"service.name": "screening-api"}, export_interval=60, set_global=False)
    with made.tracer_provider.get_tracer("a").start_as_current_span("s"):
        made.meter_provider.get_meter("a").create_histogram("h").record(1)
    made.flush_soon(0.0)
    assert receiver.wait(lambda it: it.points("h"))
    assert receiver.headers[0]["x-tenant"] == "health"
    (metrics,) = receiver.of("metrics")[0].resource_metrics
    resource = attributes(metrics.resource.attributes)
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("screening-api", "staging")
    assert re.fullmatch(r"pod-7\.[0-9a-f]{8}", resource["service.instance.id"])
    (point,) = next(m for s in metrics.scope_metrics for m in s.metrics if m.name == "h").histogram.data_points
    assert not point.exemplars
    assert made.dropped() == {"span": 0, "log": 0}


def test_traces_and_logs_reach_a_grpc_receiver_too(environ: pytest.MonkeyPatch) -> None:
    with grpc_receiver() as received:
        environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        environ.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        made = configure({"service.name": "s"}, set_global=False)
        made.meter_provider.get_meter("a").create_counter("n").add(1)
        made.tracer_provider.get_tracer("a").start_span("s").end()
        made.logger_provider.get_logger("a").emit(body="b")
        assert made.flush(10)
        assert [span.name for _, span in received.spans()] == ["s"]
        assert [record.body.string_value for record in received.records()] == ["b"]
        assert received.of("metrics")


def test_metrics_can_be_scraped(environ: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = """
        import urllib.request, os, otel
        made = otel.configure({"service.name": "s"})
        made.meter_provider.get_meter("a").create_counter("ml.prediction.count", "{prediction}").add(3)
        with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['OTEL_EXPORTER_PROMETHEUS_PORT']}/metrics") as page:
            print(page.read().decode())
    """
    variables = {
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
    }
    done = run(_dedent(code), variables)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ml_prediction_count_total(\{.*\})? 3.0$", done.stdout, re.MULTILINE)


def test_a_scrape_endpoint_without_its_package_is_one_clear_error(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("OTEL_METRICS_EXPORTER", "prometheus")
    environ.setitem(sys.modules, "opentelemetry.exporter.prometheus", None)
    with pytest.raises(ConfigurationError, match="pip install opentelemetry-exporter-prometheus"):
        configure(set_global=False)


# --- the receiver is away ---------------------------------------------------------------------------------------


class Scripted(Delivery):
    """A delivery whose outcomes are written down beforehand; the last one is repeated."""

    def __init__(self, *outcomes: Outcome) -> None:
        super().__init__(Signal("traces", ("otlp",), "grpc", "http://agent:4317"), "otlp")
        self.outcomes = list(outcomes)
        self.sent: list[int] = []

    def send(self, batch: Any) -> Outcome:
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
    monkeypatch.setattr(otel.pipeline, "CALM", 0.0)
    delivery = Scripted(*[Outcome.LATER] * 5, Outcome.SENT)
    spans = pipeline(delivery)
    with caplog.at_level(logging.INFO, logger="otel"):
        for number in range(1000):
            spans.put(number)
        for _ in range(5):
            spans.flush(5)
            for number in range(100):
                spans.put(number)
        assert spans.flush(5)
        spans.put(0)
        assert spans.flush(5)
    lost = spans.dropped
    assert lost == 1500 - len(delivery.sent) + 1
    begin, end = (record.getMessage() for record in caplog.records)
    assert begin.startswith("spans do not arrive at http://agent:4317: connection refused. At most 10 wait (OTEL")
    assert end.startswith("spans arrive again at http://agent:4317 after ")
    assert end.endswith(f"; {lost} were lost")


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


def test_an_exporter_that_is_down_neither_slows_the_caller_nor_fills_the_log_nor_holds_up_the_end() -> None:
    code = """
        import logging, sys, time, otel
        logging.basicConfig(level="INFO", format="LINE %(levelname)s %(name)s %(message)s")
        made = otel.configure({"service.name": "s"}, export_interval=0.2, exit_timeout=1.0)
        made.meter_provider.get_meter("a").create_counter("n").add(1)
        tracer = made.tracer_provider.get_tracer("a")
        slowest = 0.0
        for _ in range(3000):
            span = tracer.start_span("s")
            begin = time.perf_counter()
            span.end()
            slowest = max(slowest, time.perf_counter() - begin)
        made.flush(1.0)
        print(sum(made.dropped().values()), slowest)
    """
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE,
        "OTEL_BSP_MAX_QUEUE_SIZE": "1000",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.3",
    }
    begin = time.monotonic()
    done = run(_dedent(code), variables)
    dropped, slowest = done.stdout.split()
    assert done.returncode == 0
    assert 1000 < int(dropped) <= 2000
    assert float(slowest) < 0.2
    assert time.monotonic() - begin < 15
    lines = [line for line in done.stderr.splitlines() if "LINE" in line]
    assert len(lines) == len(done.stderr.splitlines())
    assert all(line.startswith("LINE WARNING otel ") for line in lines), done.stderr
    assert sorted(line.split()[3] for line in lines) == ["metrics", "spans"], done.stderr
    assert done.stderr.count("Connection refused") == 2


# --- the end ----------------------------------------------------------------------------------------------------

RECORD = """
    import sys, time, signal, otel
    made = otel.configure({"service.name": "s"})
    made.meter_provider.get_meter("a").create_counter("n").add(2)
    made.tracer_provider.get_tracer("a").start_span("last").end()
"""


def test_what_waits_is_sent_at_exit(receiver: Received) -> None:
    done = run(_dedent(RECORD), {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert (done.returncode, done.stderr) == (0, "")
    assert list(receiver.points("n").values()) == [2]
    assert [span.name for _, span in receiver.spans()] == ["last"]


def test_what_waits_is_sent_on_sigterm_and_the_process_ends_as_it_would_have(receiver: Received) -> None:
    code = _dedent(RECORD) + "print('ready', flush=True)\ntime.sleep(30)\n"
    done = run(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}, stop=signal.SIGTERM)
    assert done.returncode == -signal.SIGTERM
    assert list(receiver.points("n").values()) == [2]
    assert [span.name for _, span in receiver.spans()] == ["last"]


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_receiver_that_never_answers_does_not_hold_up_the_end(protocol: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        done = run(
            _dedent(RECORD).replace('"s"}', '"s"}, exit_timeout=0.5'),
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            },
        )
    assert done.returncode == 0
    assert time.monotonic() - begin < 8  # an export may take 10 s


def test_a_handler_of_sigterm_that_a_framework_has_stays(receiver: Received) -> None:
    code = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + _dedent(RECORD)
    code += "print('ready', flush=True)\ntime.sleep(30)\n"
    done = run(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}, stop=signal.SIGTERM)
    assert done.returncode == 7
    assert list(receiver.points("n").values()) == [2]


def test_the_import_loads_neither_sdk_nor_exporters() -> None:
    code = """
        import sys, otel.configure, otel.logs, otel.asgi, otel.wsgi, otel.outgoing
        heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "grpc", "requests")
        print([name for name in sys.modules if name.startswith(heavy)])
    """
    assert run(_dedent(code), {}).stdout.strip() == "[]"


def test_instrumentation_of_others_records_with_the_same_providers(receiver: Received) -> None:
    code = """
        import otel
        from opentelemetry import metrics, trace
        early = metrics.get_meter("early").create_counter("early")
        otel.configure({"service.name": "s"})
        trace.get_tracer("other").start_span("other").end()
        metrics.get_meter("other").create_counter("other").add(1)
        early.add(1)
    """
    assert run(_dedent(code), {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}).stderr == ""
    assert [span.name for _, span in receiver.spans()] == ["other"]
    assert list(receiver.points("other").values()) == list(receiver.points("early").values()) == [1]


def _dedent(code: str) -> str:
    import textwrap

    return textwrap.dedent(code)
