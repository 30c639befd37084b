"""How fast specs become artefacts."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from benchmarks.fleet import SPECS, fleet
from benchmarks.rows import Row, process
from generators import render
from generators.output import write
from generators.pipeline import compile_artifacts

SPINE = ("alertmanager_config", "editor_schema", "instruments", "prometheus_rule_crd", "prometheus_rules", "runbooks")
WATCHSPEC = (sys.executable, "-m", "generators.cli")


def measure() -> Iterator[Row]:
    """Measure rendering: a large fleet, its growth, the committed specs, and the start of the command."""
    small, _ = _process(250, "")
    seconds, memory = _process(1000, "")
    yield Row("render 1,000 generated models in one environment, all targets, whole process", seconds, "s", 60)
    yield Row("… peak memory of a process", memory, "MiB", 1536)
    yield Row("… time for a model, against 250 models", seconds / 1000 / (small / 250), "times", 1.3)
    spine, _ = _process(1000, ",".join(SPINE))
    yield Row("… rules, routes, runbooks and manifests only", spine, "s", 15)
    check = (*WATCHSPEC, "render", "--check", "--specs", str(SPECS))
    yield Row("render --check of the committed specs, whole process", process(check)[0], "s", 1.5)
    yield Row("watchspec --help, whole process", process((*WATCHSPEC, "--help"))[0] * 1000, "ms", 150)


def render_fleet(models: int, wanted: str) -> None:
    """Compile a fleet, with the targets named or all of them, and write it into a scratch folder."""
    found = render.discover()
    chosen = {name: found[name] for name in wanted.split(",")} if wanted else found
    with mock.patch.object(render, "discover", return_value=chosen):
        compiled = compile_artifacts(fleet(models))
    if not compiled.ok:
        raise RuntimeError(compiled.problems[0])
    with tempfile.TemporaryDirectory() as folder:
        write(compiled.artifacts, Path(folder) / "rendered")


def _process(models: int, wanted: str) -> tuple[float, float]:
    program = f"from benchmarks.compiler import render_fleet; render_fleet({models}, {wanted!r})"
    return process((sys.executable, "-c", program), 1)
