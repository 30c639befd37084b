"""Programs that tests run in a process of their own, with only the variables of OpenTelemetry that they say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from otel.export.configure import shutdown, use

ROOT = Path(__file__).parents[2]


def run(code: str, variables: Mapping[str, str], *, stop: signal.Signals | None = None) -> CompletedProcess[str]:
    """Run a program; with ``stop``, send that signal once it has printed a line."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**clean, "PYTHONPATH": str(ROOT), **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    first = ""
    if stop is not None:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(stop)
    out, err = process.communicate(timeout=120)
    return CompletedProcess(code, process.returncode, first + out, err)


def without_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No variable of OpenTelemetry is set, nothing is configured yet, and whatever a test configures is shut down."""
    before = use(None)
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    yield monkeypatch
    shutdown(0.1)
    use(before)
