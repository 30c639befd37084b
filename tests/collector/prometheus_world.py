"""A Prometheus on loopback, told by rendered files; and what it scrapes besides."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from collector_world import end, minimal

INTERVAL: Final = "3s"
"""How often the copy of the rules is evaluated, and targets are scraped: rendered groups take up to five minutes."""


def copy_of_rules(rendered: Path, to: Path) -> int:
    """Copy rule files as they are, except for the interval of their groups; return the number of files."""
    files = sorted(rendered.rglob("*.rules.yaml"))
    for file in files:
        text, groups = re.subn(
            r"^    interval: \S+$", f"    interval: {INTERVAL}", file.read_text(), flags=re.MULTILINE
        )
        assert groups == text.count("\n  - name: "), file
        target = to / file.relative_to(rendered)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return len(files)


def mutual_tls(tls: Path) -> str:
    """What `--web.config.file` says: TLS 1.3, and nobody without a certificate."""
    return (
        f"tls_server_config: {{cert_file: {tls}/tls.crt, key_file: {tls}/tls.key, client_ca_file: {tls}/ca.crt, "
        "client_auth_type: RequireAndVerifyClientCert, min_version: TLS13}\n"
    )


@dataclass
class Prometheus:
    """A server, its port, its folder, and the certificates with which it is asked."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    context: ssl.SSLContext

    def ask(self, path: str, **parameters: str) -> Any:
        """Answer of its HTTP API."""
        url = f"https://localhost:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        with urllib.request.urlopen(url, timeout=10, context=self.context) as answer:
            return json.load(answer)["data"]

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            with urllib.request.urlopen(f"https://localhost:{self.port}/-/ready", timeout=2, context=self.context):
                return True
        except urllib.error.URLError:
            return False

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def names(self) -> set[str]:
        """Names of all metrics that it knows."""
        return set(self.ask("label/__name__/values"))

    def series(self, name: str) -> list[dict[str, str]]:
        """Labels of all series of a name."""
        found: list[dict[str, str]] = self.ask("series", **{"match[]": name})
        return found

    def rules(self) -> list[dict[str, Any]]:
        """All rules, each with the group that holds it."""
        return [
            {**rule, "group": group["name"], "file": group["file"]}
            for group in self.ask("rules")["groups"]
            for rule in group["rules"]
        ]


def start(binary: Path, folder: Path, port: int, tls: Path) -> Prometheus:
    """Start it in a folder that holds its `prometheus.yaml`; whoever does ends it."""
    (folder / "web.yaml").write_text(mutual_tls(tls))
    context = ssl.create_default_context(cafile=tls / "ca.crt")
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    command = [
        str(binary),
        f"--config.file={folder}/prometheus.yaml",
        f"--web.config.file={folder}/web.yaml",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={folder}/data",
        "--web.enable-otlp-receiver",
    ]
    with (folder / "log").open("ab") as output:
        process = subprocess.Popen(command, env=minimal(), stdout=output, stderr=subprocess.STDOUT, cwd=folder)
    return Prometheus(process, port, folder, context)


def stop(server: Prometheus) -> None:
    end(server.process)


def pod_metrics(names: list[str], workloads: list[tuple[str, str]]) -> str:
    """What an exporter says of pods: one replica of each workload, with the labels that Kubernetes' exporters give."""
    lines = []
    for name in names:
        for namespace, deployment in workloads:
            pod = {"namespace": namespace, "pod": f"{deployment}-6c9f7d-x2x7z"}
            inside = {**pod, "container": "server", "uid": f"uid-{deployment}"}
            if name.startswith("kube_deployment"):
                said: list[dict[str, str]] = [{"namespace": namespace, "deployment": deployment}]
            elif name.startswith("kube_pod_container_resource"):
                units = (("cpu", "core"), ("memory", "byte"))
                said = [{**inside, "node": "a", "resource": resource, "unit": unit} for resource, unit in units]
            elif name.endswith("terminated_reason"):
                said = [{**inside, "reason": "OOMKilled"}]
            elif name.startswith("container_fs"):
                said = [{**pod, "container": "server", "device": device, "id": "/pod"} for device in ("sda", "sdb")]
            elif name.startswith("DCGM"):
                said = [{**pod, "container": "server", "gpu": gpu, "UUID": f"GPU-{gpu}"} for gpu in "01"]
            else:
                more = {"id": "/pod", "image": "registry/server", "name": "server"}
                said = [{**pod, "container": "server", **more}, {**pod, "container": "", "id": "/pod"}]
            for labels in said:
                stated = ",".join(f'{label}="{value}"' for label, value in labels.items())
                lines.append(f"{name}{{{stated}}} 7")
    return "\n".join(lines) + "\n"


@contextmanager
def exporters(tls: Path, pages: Mapping[str, str], tokens: Mapping[str, str]) -> Iterator[int]:
    """An HTTPS server whose paths are pages of metrics, some for whoever shows a token; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            page = pages[name].encode()
            allowed = name not in tokens or self.headers.get("Authorization") == f"Bearer {tokens[name]}"
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(page if allowed else b"")

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
