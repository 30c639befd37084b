"""A receiver of OTLP on loopback, for tests: HTTP or gRPC, it keeps what it gets and can be told to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs_pb
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces_pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc

REQUESTS = {
    "traces": traces_pb.ExportTraceServiceRequest,
    "metrics": metrics_pb.ExportMetricsServiceRequest,
    "logs": logs_pb.ExportLogsServiceRequest,
}
RESPONSES = {
    "traces": traces_pb.ExportTraceServiceResponse,
    "metrics": metrics_pb.ExportMetricsServiceResponse,
    "logs": logs_pb.ExportLogsServiceResponse,
}


class Received:
    """What arrived, in order; `status` is what HTTP requests are answered with."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.status = 200
        self.headers: list[dict[str, str]] = []
        self.endpoint = ""
        self._changed = threading.Condition()

    def add(self, signal: str, request: Any) -> None:
        with self._changed:
            self.requests.append((signal, request))
            self._changed.notify_all()

    def wait(self, enough: Any, timeout: float = 10.0) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(lambda: enough(self), timeout))

    def of(self, signal: str) -> list[Any]:
        return [request for name, request in list(self.requests) if name == signal]

    def points(self, metric: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """(service.instance.id, attributes) → the last value, or count of a histogram."""
        found = {}
        for request in self.of("metrics"):
            for resource in request.resource_metrics:
                instance = attributes(resource.resource.attributes)["service.instance.id"]
                for each in (each for scope in resource.scope_metrics for each in scope.metrics if each.name == metric):
                    data = getattr(each, each.WhichOneof("data"))
                    for point in data.data_points:
                        labels = frozenset(attributes(point.attributes).items())
                        value = point.count if hasattr(point, "count") else (point.as_int or point.as_double)
                        found[instance, labels] = value
        return found

    def spans(self) -> list[tuple[dict[str, str], Any]]:
        """(resource attributes, span) of every span."""
        return [
            (attributes(resource.resource.attributes), span)
            for request in self.of("traces")
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def records(self) -> list[Any]:
        """Every log record."""
        return [
            record
            for request in self.of("logs")
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]


def attributes(pairs: Any) -> dict[str, str]:
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value"))) for pair in pairs}


@contextmanager
def http_receiver() -> Iterator[Received]:
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signal = self.path.rsplit("/", 1)[-1]
            received.headers.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            answer = b""
            if received.status == 200:
                received.add(signal, REQUESTS[signal].FromString(body))
                answer = RESPONSES[signal]().SerializeToString()
            self.send_response(received.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            """Nothing: the test says what it saw."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    received.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_receiver() -> Iterator[Received]:
    import grpc

    received = Received()

    def servicer(base: type, signal: str) -> Any:
        def export(self: Any, request: Any, context: Any) -> Any:
            received.add(signal, request)
            return RESPONSES[signal]()

        return type("Servicer", (base,), {"Export": export})()

    server = grpc.server(ThreadPoolExecutor(4))
    traces_grpc.add_TraceServiceServicer_to_server(servicer(traces_grpc.TraceServiceServicer, "traces"), server)
    metrics_grpc.add_MetricsServiceServicer_to_server(servicer(metrics_grpc.MetricsServiceServicer, "metrics"), server)
    logs_grpc.add_LogsServiceServicer_to_server(servicer(logs_grpc.LogsServiceServicer, "logs"), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    received.endpoint = f"http://127.0.0.1:{port}"
    try:
        yield received
    finally:
        server.stop(None).wait()
