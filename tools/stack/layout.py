"""Where everything is: folders below the checkout, and addresses, which rendered files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

ROOT: Final = Path(__file__).parents[2]
HOST: Final = "127.0.0.1"


class LayoutError(Exception):
    """Something that has to be rendered first is not there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """An environment's rendered folder, and the folder that holds everything that a run writes."""

    rendered: Path = ROOT / "rendered/local"
    data: Path = ROOT / ".stack"

    @property
    def tls(self) -> Path:
        """The folder of the authority, and of the one certificate that everybody shows."""
        return self.data / "tls"

    @property
    def notifications(self) -> Path:
        """What receivers would have been told: a line of JSON each."""
        return self.data / "notifications.jsonl"

    def log(self, name: str) -> Path:
        """The log of a process."""
        return self.data / "logs" / f"{name}.log"

    def store(self, name: str, signal: str) -> Path:
        """What a store was sent, a line of OTLP JSON for each request."""
        return self.data / name / f"{signal}.jsonl"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Ports on loopback that rendered files name; ``stores`` by the name of the backend."""

    agent: int
    gateway: int
    prometheus: int
    webhook: int
    stores: Mapping[str, int]


def addresses(layout: Layout) -> Addresses:
    """Read the ports from the rendered configurations of Collectors and of Alertmanager."""
    agent = _read(layout.rendered / "collector/agent.yaml")
    gateway = _read(layout.rendered / "collector/gateway.yaml")
    told = _read(layout.rendered / "alertmanager/alertmanager.yaml")
    settings = next(iter(sorted(layout.rendered.glob("sdk/*/*.env"))), None)
    if settings is None:
        raise LayoutError(f"there is no model in {layout.rendered}; run `make render`")
    backends = {
        name.partition("/")[2]: _port(exporter["endpoint"])
        for name, exporter in gateway["exporters"].items()
        if "endpoint" in exporter
    }
    return Addresses(
        agent=_port(environment(settings)["OTEL_EXPORTER_OTLP_ENDPOINT"]),
        gateway=_port(f"//{agent['exporters']['otlp_grpc/gateway']['endpoint']}"),
        prometheus=backends.pop("prometheus"),
        webhook=_port(told["receivers"][0]["webhook_configs"][0]["url"]),
        stores=dict(sorted(backends.items())),
    )


def environment(file: Path) -> dict[str, str]:
    """Read a rendered file of environment variables."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise LayoutError(f"there is no {file}; run `make render`")
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def _port(url: str) -> int:
    parts = urlsplit(url)
    if parts.port is None or parts.hostname not in (HOST, "localhost"):
        raise LayoutError(f"`{url}` is no port of loopback, so nothing that is started here would listen to it")
    return parts.port
