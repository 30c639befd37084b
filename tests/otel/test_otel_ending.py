from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Iterator
from textwrap import dedent
from types import SimpleNamespace

import pytest
from otel_programs import run
from otlp_receiver import Received, http_receiver

from otel.export import endings


@pytest.fixture
def receiver() -> Iterator[Received]:
    with http_receiver() as received:
        yield received


RECORD = """
    import sys, time, signal, otel
    made = otel.configure({"service.name": "s"})
    made.meter_provider.get_meter("a").create_counter("n").add(2)
    made.tracer_provider.get_tracer("a").start_span("last").end()
"""


def test_what_waits_is_sent_at_exit(receiver: Received) -> None:
    done = run(dedent(RECORD), {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint})
    assert (done.returncode, done.stderr) == (0, "")
    assert list(receiver.points("n").values()) == [2]
    assert [span.name for _, span in receiver.spans()] == ["last"]


def test_what_waits_is_sent_on_sigterm_and_the_process_ends_as_it_would_have(receiver: Received) -> None:
    code = dedent(RECORD) + "print('ready', flush=True)\ntime.sleep(30)\n"
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
            dedent(RECORD).replace('"s"}', '"s"}, exit_timeout=0.5'),
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
                "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                "OTEL_EXPORTER_OTLP_TIMEOUT": "100",
            },
        )
    assert done.returncode == 0
    assert time.monotonic() - begin < 60


def test_a_handler_of_sigterm_that_a_framework_has_stays(receiver: Received) -> None:
    code = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + dedent(RECORD)
    code += "print('ready', flush=True)\ntime.sleep(30)\n"
    done = run(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}, stop=signal.SIGTERM)
    assert done.returncode == 7
    assert list(receiver.points("n").values()) == [2]


def test_the_import_loads_neither_sdk_nor_exporters() -> None:
    code = """
        import sys, otel; otel.configure, otel.logs, otel.asgi, otel.wsgi, otel.outgoing
        heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "grpc", "requests")
        print([name for name in sys.modules if name.startswith(heavy)])
    """
    assert run(code, {}).stdout.strip() == "[]"


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
    assert run(code, {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint}).stderr == ""
    assert [span.name for _, span in receiver.spans()] == ["other"]
    assert list(receiver.points("other").values()) == list(receiver.points("early").values()) == [1]


def test_the_ends_of_servers_that_are_loaded_flush_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Worker:
        def _do_exit(self, code: int) -> None:
            said.append(f"exit {code}")

    class Server:
        async def shutdown(self, sockets: None = None) -> None:
            said.append("shut down")

    monkeypatch.setitem(sys.modules, "billiard.pool", SimpleNamespace(Worker=Worker))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "uvicorn.server", SimpleNamespace(Server=Server))  # type: ignore[arg-type]
    for _ in range(3):
        endings.install(lambda: said.append("flush"))
    Worker()._do_exit(3)
    asyncio.run(Server().shutdown(sockets=None))
    assert said == ["flush", "exit 3", "shut down", "flush"]
