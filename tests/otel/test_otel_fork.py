"""Processes that fork, run for real: each test is a program of its own that talks to a receiver on loopback."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import otel_programs
import pytest
from otlp_receiver import Received, grpc_receiver, http_receiver

SERVICE = """
    import multiprocessing, os, sys, threading, time
    import otel
    from opentelemetry.metrics import Observation
    from otel.export.configure import configure, telemetry

    class Service:
        def __init__(self):
            self.made = configure({"service.name": "s"}, export_interval=0.1, exit_timeout=30)
            self.bind(self.made)
            self.made.on_child(self.bind)

        def bind(self, made):
            self.requests = made.meter_provider.get_meter("m").create_counter("n")
            self.seconds = made.meter_provider.get_meter("m").create_histogram("h")
            made.meter_provider.get_meter("m").create_observable_counter("zero", [lambda _: [Observation(0)]])

        def predict(self, who):
            self.requests.add(1)
            self.seconds.record(0.1)
            # A tracer that somebody took before the fork.
            self.made.tracer_provider.get_tracer("t").start_span(who).end()

    def wait(children):
        for child in children:
            assert os.waitpid(child, 0)[1] == 0

    service = Service()
"""


@pytest.fixture(params=["http/protobuf", "grpc"])
def received(request: pytest.FixtureRequest) -> Iterator[Received]:
    with (http_receiver if request.param == "http/protobuf" else grpc_receiver)() as received:
        received.headers.append({"protocol": request.param})
        yield received


@pytest.fixture
def http() -> Iterator[Received]:
    with http_receiver() as received:
        received.headers.append({"protocol": "http/protobuf"})
        yield received


def run(received: Received, code: str, *, preamble: str = SERVICE) -> str:
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": received.headers[0]["protocol"],
    }
    done = otel_programs.run(textwrap.dedent(preamble) + "\n" + textwrap.dedent(code), variables)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def counts(received: Received, metric: str = "n") -> list[float]:
    """The last value of every process."""
    by_process: dict[str, float] = {}
    for (instance, _), value in received.points(metric).items():
        by_process[instance] = by_process.get(instance, 0) + value
    return sorted(by_process.values())


def test_four_workers_after_a_parent_that_exported_count_each_their_own(received: Received) -> None:
    run(received, """
        for _ in range(5):
            service.predict("parent")
        assert service.made.flush()
        children = []
        for worker in range(4):
            children.append(os.fork())
            if not children[-1]:
                for _ in range(worker + 1):
                    service.predict(f"worker {worker}")
                sys.exit(0)
        wait(children)
        service.predict("parent")
    """)  # fmt: skip
    assert counts(received) == counts(received, "h") == [1, 2, 3, 4, 6]
    names = [span.name for _, span in received.spans()]
    assert sorted(names) == sorted(["parent"] * 6 + [f"worker {w}" for w in range(4) for _ in range(w + 1)])
    instances = {span.name: resource["service.instance.id"] for resource, span in received.spans()}
    assert len(set(instances.values())) == 5
    assert set(instances.values()) == {instance for instance, _ in received.points("n")}


def test_workers_forked_while_the_parent_is_exporting_lose_and_repeat_nothing(received: Received) -> None:
    run(received, """
        stop = threading.Event()

        def busy():
            while not stop.is_set():
                service.predict("parent")
                time.sleep(0.0005)

        def export():
            while not stop.is_set():
                service.made.flush(1)

        threads = [threading.Thread(target=target) for target in (busy, export)]
        for thread in threads:
            thread.start()
        children = []
        for worker in range(6):
            children.append(os.fork())
            if not children[-1]:
                for _ in range(10):
                    service.predict("worker")
                sys.exit(0)
            time.sleep(0.01)
        wait(children)
        stop.set()
        for thread in threads:
            thread.join()
    """)  # fmt: skip
    names = [span.name for _, span in received.spans()]
    assert counts(received)[:6] == [10] * 6
    assert names.count("worker") == 60
    assert counts(received)[6:] == [names.count("parent")]


def test_a_preloading_master_sends_nothing_and_its_workers_send_zeros_at_once(http: Received) -> None:
    preamble = SERVICE.replace("export_interval=0.1", "export_interval=60")
    out = run(http, """
        children = []
        for worker in range(2):
            children.append(os.fork())
            if not children[-1]:
                while not telemetry().source._readers[0].delivery.built:    # nothing is predicted
                    time.sleep(0.01)
                sys.exit(0)
        wait(children)
        service.made.flush()
        print(any(reader.delivery.built for reader in service.made.source._readers))
    """, preamble=preamble)  # fmt: skip
    assert out.strip() == "False"
    assert len({instance for instance, _ in http.points("zero")}) == 2


def test_a_monitor_of_a_preloading_master_counts_in_its_workers(received: Received) -> None:
    run(received, """
        import os, sys, otel
        monitor = otel.monitor("screening", manifest=sys.path[-1], environment="production")
        children = []
        for worker in range(4):
            children.append(os.fork())
            if not children[-1]:
                for _ in range(worker + 1):
                    with monitor.prediction() as p, p.stage("model_infer"):
                        p.output("malignant", score=0.9, confidence=0.9)
                sys.exit(0)
        for child in children:
            assert os.waitpid(child, 0)[1] == 0
    """, preamble=f"import sys; sys.path.append({str(otel_programs.ROOT / 'rendered' / 'instruments')!r})")  # fmt: skip
    assert counts(received, "ml.prediction.count") == counts(received, "ml.prediction.duration") == [1, 2, 3, 4]
    assert len([span for _, span in received.spans() if span.name == "receive_request"]) == 10


def test_a_parent_that_serves_after_all_sends_what_it_counts(http: Received) -> None:
    run(http, """
        child = os.fork()
        if not child:
            os._exit(0)
        wait([child])
        service.predict("parent")
        assert service.made.flush()
    """)  # fmt: skip
    assert counts(http) == [1]


@pytest.mark.parametrize(
    ("start", "rests"),
    [
        ("subprocess.run(['true'], preexec_fn=lambda: None)", False),
        ("multiprocessing.get_context('fork').Process(target=int).start()", False),
        ("os.fork() or os._exit(0)", True),
    ],
    ids=["subprocess", "multiprocessing", "server"],
)
def test_a_parent_rests_only_if_its_children_serve_in_its_place(http: Received, start: str, rests: bool) -> None:
    out = run(http, f"""
        import subprocess
        {start}
        service.made.flush()
        print(not any(reader.delivery.built for reader in service.made.source._readers), flush=True)
    """, preamble=SERVICE.replace("export_interval=0.1", "export_interval=60"))  # fmt: skip
    assert out.strip() == str(rests)


def test_a_child_forks_again(http: Received) -> None:
    run(http, """
        service.predict("parent")
        child = os.fork()
        if not child:
            service.predict("child")
            grandchild = os.fork()
            if not grandchild:
                service.predict("grandchild")
                service.predict("grandchild")
                sys.exit(0)
            wait([grandchild])
            sys.exit(0)
        wait([child])
    """)  # fmt: skip
    assert counts(http) == [1, 1, 2]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing_send_what_they_counted_before_they_end(
    http: Received, tmp_path: Path, method: str
) -> None:
    module = tmp_path / "serving.py"
    module.write_text(
        textwrap.dedent(SERVICE)
        + textwrap.dedent("""
        def work(name):
            service.predict(name)

        def main(method):
            service.predict("parent")
            context = multiprocessing.get_context(method)
            workers = [context.Process(target=work, args=(f"worker {n}",)) for n in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
                assert worker.exitcode == 0
    """)
    )
    run(http, f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        import serving
        if __name__ == "__main__":
            serving.main({method!r})
    """, preamble="")  # fmt: skip
    assert counts(http) == [1, 1, 1]
    assert sorted(span.name for _, span in http.spans()) == ["parent", "worker 0", "worker 1"]


def test_what_waits_in_the_parent_is_sent_once_by_the_parent(http: Received) -> None:
    run(http, """
        service.predict("waits")
        child = os.fork()
        if not child:
            sys.exit(0)
        wait([child])
    """)  # fmt: skip
    assert [span.name for _, span in http.spans()] == ["waits"]
    assert counts(http) == [1]


def test_callbacks_of_objects_that_are_gone_are_not_called(http: Received) -> None:
    out = run(http, """
        class Other:
            def bind(self, made):
                print("called", flush=True)
        kept, gone = Other(), Other()
        service.made.on_child(kept.bind)
        service.made.on_child(gone.bind)
        del gone
        child = os.fork()
        if not child:
            assert telemetry() is not service.made
            assert telemetry() is service.made.current
            sys.exit(0)
        wait([child])
    """)  # fmt: skip
    assert out.splitlines() == ["called"]


def test_providers_of_somebody_else_stay_and_callbacks_are_called(http: Received) -> None:
    out = run(http, """
        from opentelemetry.metrics import NoOpMeterProvider
        from opentelemetry.trace import NoOpTracerProvider
        from opentelemetry._logs import NoOpLoggerProvider
        own = otel.Telemetry(NoOpMeterProvider(), NoOpTracerProvider(), NoOpLoggerProvider())
        own.on_child(lambda made: print(made is own, flush=True))
        child = os.fork()
        if not child:
            os._exit(0)
        wait([child])
        assert own.flush()
    """)  # fmt: skip
    assert out.splitlines() == ["True"]
