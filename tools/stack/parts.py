"""What the stack consists of: for each part its command, its variables, its ports, and how to tell that it is ready."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from generators.targets.compose.containers import AGENT_HTTP_PORT, ALERTMANAGER_PORT, HEALTH_PORTS, STORE_HEALTH_PORT
from stack.binaries import Binaries
from stack.certificates import hash_key
from stack.layout import HOST, ROOT, Addresses, Layout

WEB: Final = "web.yaml"
LIBRARY: Final = ROOT / "generators/library/compose"


@dataclass(frozen=True, slots=True)
class Part:
    """A process to be: ready once ``ready`` answers 200, or refuses a client for any other reason than absence."""

    name: str
    command: tuple[str, ...]
    folder: Path
    ports: tuple[int, ...]
    ready: str
    variables: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    awaited: bool = True
    """False where the next part does not wait for this one to be ready."""


def parts(layout: Layout, found: Addresses, binaries: Binaries) -> Iterator[Part]:
    """Yield all parts but services and Grafana, each after those that it needs."""
    yield _webhook(layout, found)
    for number, (name, port) in enumerate(found.stores.items()):
        yield _store(layout, name, port, layout.port(STORE_HEALTH_PORT + number), binaries)
    yield _alertmanager(layout, binaries)
    yield _prometheus(layout, found, binaries)
    yield _collector(layout, "gateway", (found.gateway,), binaries, {})
    http = layout.port(AGENT_HTTP_PORT)
    own = {"WATCHSPEC_HTTP": f"{HOST}:{http}", "WATCHSPEC_HMAC_KEY": hash_key(layout.data / "hash.key")}
    yield _collector(layout, "agent", (found.agent, http), binaries, own)


def _webhook(layout: Layout, found: Addresses) -> Part:
    url = f"http://{HOST}:{found.webhook}/"
    command = (sys.executable, str(LIBRARY / "webhook.py"), str(found.webhook), str(layout.notifications))
    return Part("webhook", command, layout.data, (found.webhook,), url, shown=f"{layout.notifications}")


def _store(layout: Layout, name: str, port: int, health: int, binaries: Binaries) -> Part:
    folder = layout.data / name
    variables = {
        "STORE_HTTP": f"{HOST}:{port}",
        "STORE_HEALTH": f"{HOST}:{health}",
        "STORE_TLS": str(layout.tls),
        "STORE_FOLDER": str(folder),
    }
    command = (str(binaries.store), "--config", str(LIBRARY / "store.yaml"))
    return Part(name, command, folder, (port, health), f"http://{HOST}:{health}/", variables, f"{folder}/*.jsonl")


def _alertmanager(layout: Layout, binaries: Binaries) -> Part:
    folder = layout.data / "alertmanager"
    port = layout.port(ALERTMANAGER_PORT)
    url = f"https://localhost:{port}"
    command = (
        str(binaries.alertmanager),
        f"--config.file={layout.rendered}/alertmanager/alertmanager.yaml",
        f"--web.config.file={_web(layout, folder, clients=False)}",
        f"--web.listen-address={HOST}:{port}",
        f"--web.external-url={url}",
        f"--storage.path={folder}/data",
        "--cluster.listen-address=",
    )
    return Part("alertmanager", command, folder, (port,), f"{url}/-/ready", shown=url)


def _prometheus(layout: Layout, found: Addresses, binaries: Binaries) -> Part:
    folder = layout.data / "prometheus"
    url = f"https://localhost:{found.prometheus}"
    _beside_rules(layout, folder / "config")
    command = (
        str(binaries.prometheus),
        f"--config.file={folder}/config/prometheus.yaml",
        f"--web.config.file={_web(layout, folder, clients=True)}",
        f"--web.listen-address={HOST}:{found.prometheus}",
        f"--web.external-url={url}",
        f"--storage.tsdb.path={folder}/data",
        "--web.enable-otlp-receiver",
    )
    return Part("prometheus", command, folder, (found.prometheus,), f"{url}/-/ready", shown=url)


def _beside_rules(layout: Layout, folder: Path) -> None:
    """Copy what is rendered for Prometheus, and put beside it what it finds by relative paths."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(layout.rendered / "prometheus", folder)
    (folder / "tls").symlink_to(layout.tls)
    (folder / "targets").mkdir()
    target = f'- targets: ["localhost:{layout.port(ALERTMANAGER_PORT)}"]\n'
    (folder / "targets/alertmanager.yaml").write_text(target, encoding="utf-8")


def _web(layout: Layout, folder: Path, *, clients: bool) -> Path:
    """Write the file that makes a server of Prometheus' family speak TLS 1.3, and ask clients for certificates."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = f", client_ca_file: {layout.tls}/ca.crt, client_auth_type: RequireAndVerifyClientCert" if clients else ""
    settings = f"cert_file: {layout.tls}/tls.crt, key_file: {layout.tls}/tls.key, min_version: TLS13{asked}"
    (folder / WEB).write_text(f"tls_server_config: {{{settings}}}\n", encoding="utf-8")
    return folder / WEB


def _runtime(layout: Layout, tier: str) -> dict[str, str]:
    """Return what Compose tells the runtime of a Collector about memory."""
    services = yaml.safe_load((layout.rendered / "compose.yaml").read_text("utf-8"))["services"]
    return {name: value for name, value in services[tier]["environment"].items() if name.startswith("GO")}


def _collector(layout: Layout, tier: str, ports: tuple[int, ...], binaries: Binaries, more: Mapping[str, str]) -> Part:
    folder = layout.data / tier
    health = layout.port(HEALTH_PORTS[tier])
    variables = {
        "WATCHSPEC_GRPC": f"{HOST}:{ports[0]}",
        "WATCHSPEC_HEALTH": f"{HOST}:{health}",
        "WATCHSPEC_STATE": str(folder / "state"),
        "WATCHSPEC_TLS": str(layout.tls),
        # Backends have certificates of the same authority, which Go takes for that of the system.
        "SSL_CERT_FILE": f"{layout.tls}/ca.crt",
        **_runtime(layout, tier),
        **more,
    }
    command = (str(binaries.collector), "--config", f"{layout.rendered}/collector/{tier}.yaml")
    ready, shown = f"http://{HOST}:{health}/", f"https://localhost:{ports[0]}"
    return Part(tier, command, folder, (*ports, health), ready, variables, shown)
