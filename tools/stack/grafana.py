"""Grafana with the rendered dashboards, where its program or a running Docker is found."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from generators.targets.compose.containers import GRAFANA, GRAFANA_PORT
from stack.layout import HOST, Addresses, Layout
from stack.parts import Part

MOUNTED: Final = "/etc/grafana/dashboards/local"
"""Where rendered provisioning expects dashboards."""


def grafana(layout: Layout, found: Addresses) -> Part | None:
    """Return how Grafana is started; None where it cannot be."""
    folder = layout.data / "grafana"
    program = next(filter(None, map(shutil.which, ("grafana", "grafana-server"))), None)
    if program is None and not _docker():
        return None
    _provision(layout, found, folder)
    port = layout.port(GRAFANA_PORT)
    settings = {
        "GF_SERVER_HTTP_ADDR": HOST,
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_PROVISIONING": str(folder / "provisioning"),
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    }
    url = f"http://{HOST}:{port}"
    command = _command(program) if program else _container(layout, folder, settings)
    return Part("grafana", command, folder, (port,), f"{url}/api/health", settings, url)


def _command(program: str) -> tuple[str, ...]:
    real = Path(program).resolve()
    homes = (Path("/usr/share/grafana"), real.parents[1])
    home = next((each for each in homes if (each / "conf/defaults.ini").is_file()), real.parents[1])
    return (program, *(("server",) if real.name == "grafana" else ()), f"--homepath={home}")


def _container(layout: Layout, folder: Path, settings: dict[str, str]) -> tuple[str, ...]:
    """Return a container in the host's network that sees the same paths as a process would."""
    given = (part for name, value in settings.items() for part in ("--env", f"{name}={value}"))
    seen = (part for path in (folder, layout.tls, layout.rendered) for part in ("--volume", f"{path}:{path}"))
    user = f"{os.getuid()}:{os.getgid()}"
    return ("docker", "run", "--rm", "--network", "host", "--user", user, *given, *seen, GRAFANA)


def _docker() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def _provision(layout: Layout, found: Addresses, folder: Path) -> None:
    """Write where Grafana finds dashboards, which are the rendered ones, and Prometheus."""
    for part in ("provisioning/dashboards", "provisioning/datasources", "data"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rendered = layout.rendered / "grafana"
    text = (rendered / "provisioning/dashboards.yaml").read_text(encoding="utf-8")
    dashboards = text.replace(MOUNTED, str(rendered / "dashboards"))
    (folder / "provisioning/dashboards/watchspec.yaml").write_text(dashboards, encoding="utf-8")
    source = f"""\
apiVersion: 1
datasources:
  - name: Prometheus
    type: prometheus
    url: https://localhost:{found.prometheus}
    isDefault: true
    jsonData: {{tlsAuth: true, tlsAuthWithCACert: true, httpMethod: POST}}
    secureJsonData:
      tlsCACert: $__file{{{layout.tls}/ca.crt}}
      tlsClientCert: $__file{{{layout.tls}/tls.crt}}
      tlsClientKey: $__file{{{layout.tls}/tls.key}}
"""
    (folder / "provisioning/datasources/prometheus.yaml").write_text(source, encoding="utf-8")
