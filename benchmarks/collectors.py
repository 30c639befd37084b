"""The rendered agent and gateway against Collectors that only pass on, and what each guarantee costs, on loopback.

Metrics of a declared model go in as fast as the first hop takes them, and time ends when the last data point reached a
backend that only counts.  Needs what `make up` needs: the Collector's binary and openssl.
"""

from __future__ import annotations

import gzip
import http.client
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import yaml
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from stack.binaries import binaries
from stack.certificates import certificates, client
from stack.layout import HOST, Layout, LayoutError, addresses
from stack.parts import Part, parts
from stack.processes import Process, end, inherited, spawn

from benchmarks.rows import Row
from generators.targets.compose.containers import AGENT_HTTP_PORT

POINTS: Final = 1_000
REQUESTS: Final = 300
SENDERS: Final = 2
WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """Data points a second, and the greatest resident memory of any process in MiB."""

    rate: float
    memory: float


def measure() -> Iterator[Row]:
    """Measure the rendered pair, two Collectors in a row that only pass on, and one alone."""
    try:
        found = binaries()
    except LayoutError as error:
        yield Row(f"Collectors: not measured, {error}", 0, "")
        return
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(data=Path(folder))
        certificates(layout.tls)
        rendered = [each for each in parts(layout, addresses(layout), found) if each.name in ("gateway", "agent")]
        pair = _run(layout, rendered)
        bare = [_bare(layout, each) for each in rendered]
        two, one = _run(layout, bare), _run(layout, [_alone(layout, bare[1])])
        alike = _run(layout, [_changed(layout, each, _passing_on) for each in rendered])
        without = {
            what: _run(layout, [_changed(layout, each, change) for each in rendered])
            for what, change in CHANGES.items()
        }
    peer = f"{pair.rate / 1e3:.0f} against {two.rate / 1e3:.0f} k points/s"
    yield Row("rendered agent + gateway, against two bare hops", pair.rate / two.rate, "times", 0.9, True, peer)
    yield Row("… their memory", pair.memory / two.memory, "times", 1.5, peer=f"{pair.memory:.0f} MiB")
    yield Row("… against one bare hop", pair.rate / one.rate, "times", peer=f"{one.rate / 1e3:.0f} k points/s")
    peer = f"{alike.rate / 1e3:.0f} k points/s"
    yield Row("… against two bare hops as quick in all else", pair.rate / alike.rate, "times", peer=peer)
    for what, run in without.items():
        yield Row(f"… without {what}", run.rate / pair.rate, "times as fast", peer=f"{run.rate / 1e3:.0f} k points/s")


def _without_processors(*names: str) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        for pipeline in config["service"]["pipelines"].values():
            pipeline["processors"] = [each for each in pipeline.get("processors", ()) if each not in names]

    return change


def _in_memory(config: dict[str, Any]) -> None:
    for exporter in config["exporters"].values():
        exporter.get("sending_queue", {}).pop("storage", None)


def _passing_on(config: dict[str, Any]) -> None:
    _in_memory(config)
    _without_processors("filter/empty", "transform/declared", "redaction/personal")(config)


CHANGES: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = {
    "queues on disk": _in_memory,
    "the mask of personal data": _without_processors("redaction/personal"),
    "the allow-list of attributes": _without_processors("transform/declared"),
}
"""What each guarantee costs: the rendered pair without it."""


def _changed(layout: Layout, part: Part, change: Callable[[dict[str, Any]], None]) -> Part:
    """Return the rendered hop with a change to its configuration."""
    config = yaml.safe_load(Path(part.command[-1]).read_text("utf-8"))
    change(config)
    file = layout.data / f"changed-{part.name}.yaml"
    file.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    return replace(part, command=(*part.command[:-1], str(file)))


def _run(layout: Layout, chain: Sequence[Part]) -> Run:
    """Start Collectors, send, wait for the last point, and end them."""
    port = addresses(layout).prometheus
    with _backend(layout, port) as backend, _running(layout, chain) as running:
        start = time.perf_counter()
        senders = [threading.Thread(target=_send, args=(layout, REQUESTS // SENDERS)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        backend.wait(POINTS * REQUESTS)
        seconds = time.perf_counter() - start
        for sender in senders:
            sender.join()
        memory = max(_resident(each.pid) for each in running)
    return Run(POINTS * REQUESTS / seconds, memory)


def _send(layout: Layout, requests: int) -> None:
    connection = http.client.HTTPSConnection("localhost", AGENT_HTTP_PORT, context=client(layout.tls), timeout=30)
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
    for _ in range(requests):
        while True:
            connection.request("POST", "/v1/metrics", _PAYLOAD, headers)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                break
            time.sleep(0.05)
    connection.close()


def _payload() -> bytes:
    """Return an export of one replica of a declared model: cumulative counters of feature bins."""
    message = ExportMetricsServiceRequest()
    group = message.resource_metrics.add()
    who = {"service.name": "screening-api", "service.namespace": "health", "service.instance.id": "bench"}
    for key, value in who.items():
        group.resource.attributes.add(key=key).value.string_value = value
    metric = group.scope_metrics.add().metrics.add(name="ml.feature.bin", unit="{value}")
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = 2
    for number in range(POINTS):
        point = metric.sum.data_points.add(as_int=number, start_time_unix_nano=1, time_unix_nano=time.time_ns())
        values = {
            "model.name": "screening",
            "model.version": "3.2.0",
            "ml.feature": f"f{number // 20}",
            "ml.bin": str(number % 20),
        }
        for key, value in values.items():
            point.attributes.add(key=key).value.string_value = value
    return gzip.compress(message.SerializeToString())


_PAYLOAD: Final = _payload()


def _bare(layout: Layout, part: Part) -> Part:
    """Return the hop with nothing between receiver and exporter, and all else as the Collector has it by default."""
    rendered = yaml.safe_load(Path(part.command[-1]).read_text("utf-8"))
    receivers, exporters = (
        ["otlp"],
        [each for each in rendered["exporters"] if each.startswith(("otlp_grpc/", "otlp_http/prom"))],
    )
    kept = {name: rendered["exporters"][name] for name in exporters}
    for exporter in kept.values():
        exporter["sending_queue"].pop("storage", None)
        exporter.pop("compression", None)
        exporter.pop("compression_params", None)
    config = {
        "extensions": {"health_check": rendered["extensions"]["health_check"]},
        "receivers": {"otlp": rendered["receivers"]["otlp"]},
        "exporters": kept,
        "service": {
            "extensions": ["health_check"],
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"metrics": {"receivers": receivers, "exporters": exporters}},
        },
    }
    file = layout.data / f"bare-{part.name}.yaml"
    file.write_text(yaml.safe_dump(config), "utf-8")
    variables = {name: value for name, value in part.variables.items() if not name.startswith("GO")}
    return replace(part, command=(*part.command[:-1], str(file)), variables=variables)


def _alone(layout: Layout, part: Part) -> Part:
    """Return one hop from the service to the backend."""
    config = yaml.safe_load(Path(part.command[-1]).read_text("utf-8"))
    gateway = yaml.safe_load((layout.data / "bare-gateway.yaml").read_text("utf-8"))
    config["exporters"] = gateway["exporters"]
    config["service"]["pipelines"]["metrics"]["exporters"] = list(gateway["exporters"])
    file = layout.data / "bare-alone.yaml"
    file.write_text(yaml.safe_dump(config), "utf-8")
    return replace(part, command=(*part.command[:-1], str(file)))


@contextmanager
def _running(layout: Layout, chain: Sequence[Part]) -> Iterator[list[Process]]:
    started: list[Process] = []
    try:
        for part in chain:
            variables: Mapping[str, str] = {**inherited(), **part.variables}
            started.append(spawn(part.name, part.command, variables, part.folder, layout.log(part.name)))
            _await(part, layout)
        yield started
    finally:
        for process in reversed(started):
            end(process)


def _await(part: Part, layout: Layout) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(HOST, int(part.ready.rstrip("/").rpartition(":")[2]), timeout=1)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"{part.name} does not get ready: {layout.log(part.name).read_text('utf-8')[-500:]}")


class _Counting(ThreadingHTTPServer):
    """Counts data points, and answers."""

    daemon_threads = True

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__((HOST, port), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.points = 0
        self.changed = threading.Condition()

    def wait(self, points: int) -> None:
        """Wait until so many points came.  Raises RuntimeError if they do not."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.points >= points, WAIT_SECONDS):
                raise RuntimeError(f"{self.points} of {points} data points arrived in {WAIT_SECONDS:.0f} s")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Counting

    def do_POST(self) -> None:
        """Take an export."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        data = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        metrics = (
            metric
            for group in ExportMetricsServiceRequest.FromString(data).resource_metrics
            for scope in group.scope_metrics
            for metric in scope.metrics
            if metric.name == "ml.feature.bin"
        )
        count = sum(len(metric.sum.data_points) for metric in metrics)
        with self.server.changed:
            self.server.points += count
            self.server.changed.notify_all()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def _backend(layout: Layout, port: int) -> Iterator[_Counting]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=layout.tls / "ca.crt")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(layout.tls / "tls.crt", layout.tls / "tls.key")
    server = _Counting(port, context)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _resident(pid: int) -> float:
    """Return the greatest resident memory of a process so far, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
