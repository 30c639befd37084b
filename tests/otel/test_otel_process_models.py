"""Ways in which processes begin and end, run for real: how many predictions of how many arrive on loopback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from otlp_receiver import Received, http_receiver

ROOT = Path(__file__).parents[2]

SERVICE = """
import otel

monitor = otel.monitor("screening", environment="production")


def predict(count=1):
    for _ in range(count):
        with monitor.prediction() as p, p.stage("model_infer"):
            p.output("malignant", score=0.9)
"""


@pytest.fixture
def receiver() -> Iterator[Received]:
    with http_receiver() as received:
        yield received


def environment(received: Received, folder: Path) -> dict[str, str]:
    """Variables of a service whose module ``service`` lies in a folder."""
    (folder / "service.py").write_text(SERVICE)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return clean | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
        "OTEL_METRIC_EXPORT_INTERVAL": "60000",
        "OTEL_BSP_MAX_QUEUE_SIZE": "20000",
        "WATCHSPEC_INSTRUMENTS": str(ROOT / "rendered" / "instruments"),
        "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
    }


def run(received: Received, folder: Path, program: str, *command: str) -> str:
    """Run a program in a file of its own, as multiprocessing needs it; returns what it says on stderr."""
    variables = environment(received, folder)
    (folder / "program.py").write_text(textwrap.dedent(program))
    done = subprocess.run(
        [sys.executable, *command, str(folder / "program.py")],
        env=variables, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def arrived(received: Received) -> tuple[float, int]:
    """Predictions that arrived as counts, and as spans."""
    spans = sum(span.name == "receive_request" for _, span in received.spans())
    return sum(received.points("ml.prediction.duration").values()), spans


SLOW = pytest.mark.guide
"""Run by `make examples`: these take seconds each."""


@pytest.mark.parametrize(
    ("method", "preloaded"),
    [
        ("forkserver", True),
        *(pytest.param(method, True, marks=SLOW) for method in ("fork", "spawn")),
        *(pytest.param(method, False, marks=SLOW) for method in ("fork", "spawn", "forkserver")),
    ],
)
def test_processes_of_multiprocessing_send_everything(
    receiver: Received, tmp_path: Path, method: str, preloaded: bool
) -> None:
    program = f"""
        import multiprocessing
        {"import service" if preloaded else ""}

        def work(count):
            import service
            service.predict(count)

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            processes = [context.Process(target=work, args=(50,)) for _ in range(3)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
                assert process.exitcode == 0
    """
    assert run(receiver, tmp_path, program) == ""
    assert arrived(receiver) == (150, 150)


@SLOW
def test_a_pool_of_processes_sends_everything(receiver: Received, tmp_path: Path) -> None:
    program = """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        import service

        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=5) as pool:
                pool.map(service.predict, [1] * 40, chunksize=1)
                pool.close()
                pool.join()
            with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
                list(pool.map(service.predict, [1] * 60))
    """
    assert run(receiver, tmp_path, program) == ""
    assert arrived(receiver) == (100, 100)


@SLOW
def test_a_worker_of_billiard_sends_everything_before_it_is_replaced(receiver: Received, tmp_path: Path) -> None:
    pytest.importorskip("billiard", reason="make examples installs it")
    program = """
        import billiard
        import service

        if __name__ == "__main__":
            pool = billiard.Pool(2, maxtasksperchild=10)
            pool.map(service.predict, [1] * 40, chunksize=1)
            pool.close()
            pool.join()
    """
    assert run(receiver, tmp_path, program) == ""
    assert arrived(receiver) == (40, 40)


def test_what_os_exit_loses_is_what_was_not_flushed(receiver: Received, tmp_path: Path) -> None:
    program = """
        import os
        import otel, service

        for flushed in (True, False):
            if not os.fork():
                service.predict(10)
                if flushed:
                    otel.flush()
                os._exit(0)
            os.wait()
    """
    assert run(receiver, tmp_path, program) == ""
    assert arrived(receiver) == (10, 10)


@SLOW
def test_a_process_that_ends_early_and_without_a_word_has_sent_most(receiver: Received, tmp_path: Path) -> None:
    program = """
        import os, time
        import service

        for _ in range(40):
            service.predict(1)
            time.sleep(0.1)
        os._exit(0)
    """
    run(receiver, tmp_path, program)
    assert arrived(receiver)[0] >= 15, "exports follow after 1, 2 and 4 seconds, although the interval is a minute"


def test_what_is_never_sent_is_one_line_and_costs_no_time(receiver: Received, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        receiver.endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    program = """
        import pathlib, time
        import service
        service.predict(3)
        pathlib.Path("ended").write_text(str(time.monotonic()))
    """
    environment(receiver, tmp_path)
    said = run(receiver, tmp_path, program)
    assert time.monotonic() - float((tmp_path / "ended").read_text()) < 4, "the time for exports is not waited for"
    (line,) = said.splitlines()
    assert re.match(r"telemetry of process \d+ could not be sent at its end: the last counts to http", line)
    assert "6 spans to http" in line
    assert "Connection refused" in line


@contextmanager
def started(command: list[str], variables: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A server in a process group of its own, none of which outlives the test."""
    process = subprocess.Popen(
        command, env=variables, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def served(port: int, requests: int) -> None:
    """Send requests, four at a time, to a server that may have to start first."""

    def call(_: int) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            return int(answer.status)

    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(call, range(requests))) == {200}


UVICORN = """
import service


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("no lifespan here")
    service.predict()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
"""


@pytest.mark.parametrize(
    "options",
    [
        (),
        *(pytest.param(each, marks=SLOW) for each in (("--workers", "2"), ("--workers", "2", "--lifespan", "off"))),
        pytest.param(("--reload",), marks=SLOW),
    ],
)
def test_uvicorn_without_any_middleware_sends_everything(
    receiver: Received, tmp_path: Path, options: tuple[str, ...]
) -> None:
    variables = environment(receiver, tmp_path)
    (tmp_path / "application.py").write_text(UVICORN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", port, "--log-level", "error", *options]
    server = subprocess.Popen(command, env=variables, cwd=tmp_path, stderr=subprocess.PIPE, text=True)

    served(int(port), 100)
    server.send_signal(signal.SIGINT if options == ("--reload",) else signal.SIGTERM)
    _, said = server.communicate(timeout=60)
    assert "telemetry" not in said
    assert arrived(receiver) == (100, 100)


GUNICORN = """
import service


def app(environ, start_response):
    service.predict()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""


@SLOW
@pytest.mark.parametrize("options", [("-k", "gevent", "--preload"), ("-k", "gevent"), ("-k", "gthread", "--preload")])
def test_gunicorn_sends_everything(receiver: Received, tmp_path: Path, options: tuple[str, ...]) -> None:
    pytest.importorskip("gunicorn", reason="make examples installs it")
    variables = environment(receiver, tmp_path)
    (tmp_path / "application.py").write_text(GUNICORN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "application:app", "-w", "2", "-b", f"127.0.0.1:{port}", *options]
    with started(command, variables, tmp_path) as server:
        served(port, 100)
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    assert "OverflowError" not in said
    assert "could not be sent" not in said
    assert arrived(receiver) == (100, 100)


CELERY = """
import service
from celery import Celery

app = Celery("tasks", broker="filesystem://", broker_transport_options={
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"})


@app.task(ignore_result=True)
def predict():
    service.predict()
"""


@SLOW
def test_celerys_prefork_sends_everything(receiver: Received, tmp_path: Path) -> None:
    pytest.importorskip("celery", reason="make examples installs it")
    variables = environment(receiver, tmp_path)
    (tmp_path / "queue").mkdir()
    (tmp_path / "control").mkdir()
    (tmp_path / "tasks.py").write_text(CELERY)
    asking = "import tasks\nfor _ in range(100): tasks.predict.delay()"
    subprocess.run([sys.executable, "-c", asking], env=variables, cwd=tmp_path, check=True, timeout=60)
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "2", "--max-tasks-per-child", "10"]
    with started(command, variables, tmp_path) as worker:
        receiver.wait(lambda _: arrived(receiver)[0] >= 100, 60)
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=60)
    assert arrived(receiver) == (100, 100)
