"""Programs that the stack runs, built on first use by the scripts beside this package."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack.layout import ROOT, LayoutError

TOOLS: Final = ROOT / "tools"


@dataclass(frozen=True, slots=True)
class Binaries:
    """Paths of programs."""

    prometheus: Path
    alertmanager: Path
    collector: Path
    store: Path


def binaries() -> Binaries:
    """Return programs from the folder WATCHSPEC_TOOLS, or have them built; what is missing is an error."""
    folder = Path(os.environ.get("WATCHSPEC_TOOLS") or _output(TOOLS / "install"))
    store = Path(_output(TOOLS / "collector", TOOLS / "store/manifest.yaml"))
    found = Binaries(folder / "prometheus", folder / "alertmanager", folder / "otelcol", store)
    missing = [each.name for each in (found.prometheus, found.alertmanager, found.collector) if not each.exists()]
    if missing:
        raise LayoutError(f"{folder} has no {', '.join(missing)}; tools/install says why")
    return found


def _output(*command: Path) -> str:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise LayoutError(f"{command[0].name} could not build what the stack runs")
    return done.stdout.strip()
