"""Where everything is: folders below the checkout, and addresses, which rendered files say.

With `PORTS=20000` in the environment all ports are 20,000 higher, so that two people can run the stack on one machine.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

ROOT: Final = Path(__file__).parents[2]
HOST: Final = "127.0.0.1"
_LISTENING: Final = re.compile(r"((?:localhost|127\.0\.0\.1):)([0-9]{2,5})\b")
_HIGHEST: Final = 50_000
"""With it, all ports are still below 65,536."""


class LayoutError(Exception):
    """Something that has to be rendered first is not there."""


@dataclass(frozen=True, slots=True)
class Layout:
    """An environment's rendered folder, and the folder that holds everything that a run writes."""

    rendered: Path = ROOT / "rendered/local"
    data: Path = ROOT / ".stack"
    higher: int = 0
    """How much higher ports are than the usual ones, which are those of the committed files."""

    def port(self, usual: int) -> int:
        """Return where something listens that usually does so on a port."""
        return usual + self.higher

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


def with_ports(layout: Layout, variables: Mapping[str, str]) -> Layout:
    """Return the layout with ports as high as the variable PORTS says, with a copy of the rendered files that agrees.

    Raises LayoutError.
    """
    asked = variables.get("PORTS", "")
    if not asked:
        return layout
    if not asked.isdecimal() or not 0 < int(asked) <= _HIGHEST:
        raise LayoutError(f"PORTS={asked}: a number from 1 to {_HIGHEST}, which is added to each port; such as 20000")
    copy = layout.data / "rendered"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(layout.rendered, copy)
    made = replace(layout, rendered=copy, higher=int(asked))
    for file in filter(Path.is_file, copy.rglob("*")):
        text = file.read_text(encoding="utf-8")
        file.write_text(_LISTENING.sub(lambda found: f"{found[1]}{made.port(int(found[2]))}", text), encoding="utf-8")
    return made


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
