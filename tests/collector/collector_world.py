"""A loopback world for Collectors: an organisation, certificates, backends that record, processes that are ended."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from generators.language.sources import Source
from generators.pipeline import Compiled, compile_artifacts

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"
MESSAGES: dict[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}

PLATFORM = """
apiVersion: watchspec/v1
kind: Platform
metadata: {name: org}
spec:
  organisation: Org
  tenants: {health: {}, wine: {}}
  alertmanager: {default: {team: ml, receiver: chat}}
"""
TEAM = """
apiVersion: watchspec/v1
kind: Team
metadata: {name: ml}
spec:
  contact: "#ml"
  receivers: {chat: {slack: {channel: "#ml", api_url_file: /etc/slack}}}
  notify: {critical: [chat], warning: [chat], info: [chat]}
"""
MODELS = """
apiVersion: watchspec/v1
kind: Model
metadata: {name: screening, tenant: health, domain: Oncology, team: ml, tier: high}
spec:
  task: binary-classification
  version: 3.2.0
  service: {name: screening-api, namespace: health}
  traffic: 2/s
  features: {mean_radius: {type: number, range: [5, 30]}, note: {type: text}, patient: {type: text}}
  prediction: {classes: [benign, malignant], positive: malignant, low_confidence: 0.7}
  prediction_log: {features: [mean_radius, note]}
  llm: {tiers: {small: {model: small}}, content: redacted}
  slos: {latency: {objective: 99%, below: 300ms}}
---
apiVersion: watchspec/v1
kind: Model
metadata: {name: demand, tenant: wine, domain: Logistics, team: ml, tier: low}
spec:
  task: forecasting
  version: 1.0.0
  service: {name: demand-api, namespace: wine}
  traffic: 1/s
"""
COLLECTOR = """
    agent: {endpoint: "https://localhost:4317", client_certificates: true}
    gateway: {address: "gateway.example:4317"}
    backends:
      prometheus: {kind: prometheus, endpoint: "https://prometheus.example/api/v1/otlp"}
      tempo: {kind: tempo, endpoint: "https://tempo.example"}
      loki: {kind: loki, endpoint: "https://loki.example/otlp"}
      wine-traces: {kind: otlp, endpoint: "https://wine.example"}
    default: {metrics: prometheus, traces: tempo, logs: loki}
    tenants: {wine: {traces: wine-traces}}
    derive: {wine/demand: {spans: forecast, events: true}}
"""


def environment(collector: str = COLLECTOR, more: str = "") -> str:
    return (
        "apiVersion: watchspec/v1\nkind: Environment\nmetadata: {name: production}\n"
        f"spec:\n  export_interval: 2s\n{more}  collector:{collector}"
    )


def sources(collector: str = COLLECTOR, **changes: str) -> tuple[Source, ...]:
    """The organisation; ``changes`` replace files by the last part of their name, and ``""`` takes one away."""
    texts = {
        "specs/platform.yaml": PLATFORM,
        "specs/teams/ml.yaml": TEAM,
        "specs/models/all.yaml": MODELS,
        "specs/environments/production.yaml": environment(collector),
        "collector-config/agent.yaml": (ROOT / "collector-config/agent.yaml").read_text(),
        "collector-config/gateway.yaml": (ROOT / "collector-config/gateway.yaml").read_text(),
    }
    for name, text in changes.items():
        (path,) = (each for each in texts if Path(each).stem == name)
        texts[path] = text
    return tuple(Source(path, text.encode()) for path, text in texts.items() if text)


def compiled(collector: str = COLLECTOR, **changes: str) -> Compiled:
    return compile_artifacts(sources(collector, **changes))


def texts(result: Compiled) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in result.artifacts}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def certificates(folder: Path, *names: str) -> Path:
    """An authority, and one certificate for localhost and more names, as server and as client."""
    folder.mkdir()
    run = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    quiet: dict[str, Any] = {"cwd": folder, "capture_output": True}
    authority = ["-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority"]
    subprocess.run([*run, *authority], check=True, **quiet)
    subprocess.run([*run, "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=localhost"], check=True, **quiet)
    (folder / "names").write_text(
        ",".join(["subjectAltName=IP:127.0.0.1", *(f"DNS:{name}" for name in ("localhost", *names))])
    )
    sign = ["openssl", "x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
    subprocess.run([*sign, "-out", "tls.crt", "-days", "2", "-extfile", "names"], check=True, **quiet)
    return folder


@dataclass
class Backend:
    """Records what it is sent, by the first part of the path."""

    port: int
    received: list[tuple[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def at(self, prefix: str, suffix: str) -> list[Any]:
        return [message for path, message in list(self.received) if path == f"/{prefix}{suffix}"]


def _handler(backend: Backend) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            suffix = next(each for each in MESSAGES if self.path.endswith(each))
            message = MESSAGES[suffix]()
            message.ParseFromString(data)
            backend.raw.append(data)
            backend.received.append((self.path, message))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    return Handler


@contextmanager
def backend(tls: Path, *, certificate: bool = True) -> Iterator[Backend]:
    """An HTTPS server, TLS 1.3 only, that asks for a certificate unless told otherwise."""
    found = Backend(0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    server.daemon_threads = True
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls / "ca.crt")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED if certificate else ssl.CERT_NONE
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Running:
    """A Collector, the port of its health, and its log."""

    process: subprocess.Popen[bytes]
    health: int
    log: Path

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health}/", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, *, kill: bool = False) -> None:
        end(self.process, kill=kill)


def end(process: subprocess.Popen[bytes], *, kill: bool = False) -> None:
    """End a process that this test started."""
    if process.poll() is None:
        process.kill() if kill else process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def start(binary: Path, configuration: Path, settings: dict[str, str], folder: Path) -> Running:
    """Start a Collector; whoever does stops it."""
    health = free_ports(1)[0]
    folder.mkdir(exist_ok=True)
    log = folder / "log"
    variables = {
        **minimal(),
        **settings,
        "WATCHSPEC_HEALTH": f"127.0.0.1:{health}",
        "WATCHSPEC_STATE": str(folder / "state"),
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [binary, "--config", configuration], env=variables, stdout=output, stderr=subprocess.STDOUT, cwd=folder
        )
    return Running(process, health, log)


def minimal() -> dict[str, str]:
    """An environment without anything of ours."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def eventually(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return bool(condition())
