"""How fast specs become artefacts."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fleet import SPECS, fleet
from benchmarks.rows import Row, measured, peak_memory, process
from generators.language.sources import Source
from generators.output.writing import write
from generators.pipeline import compile_artifacts, compile_plan
from generators.render import TARGETS, render

SPINE = (
    "alertmanager",
    "editor",
    "service/instruments",
    "kubernetes/prometheus_rules",
    "prometheus/rules",
    "docs/runbooks",
)
WATCHSPEC = (sys.executable, "-m", "generators.cli")


def measure() -> Iterator[Row]:
    """Measure rendering: a large fleet, its growth, the committed specs, and the start of the command."""
    small, seconds = _seconds(250, ""), _seconds(1000, "")
    yield Row("render 1,000 generated models in one environment, all targets, whole process", seconds, "s", 60)
    yield Row("… peak memory of all processes", peak_memory(_render(1000, "")), "MiB", 1536)
    yield Row("… time for a model, against 250 models", seconds / 1000 / (small / 250), "times", 1.3)
    again = float(measured((sys.executable, "-c", "from benchmarks.compiler import again; again(1000)"), 1).output)
    yield Row("… again after an edit of one of their specs, written over the first", again, "s", 3)
    yield Row("… rules, routes, runbooks and manifests only", _seconds(1000, ",".join(SPINE)), "s", 15)
    yield Row("… … peak memory of all processes", peak_memory(_render(1000, ",".join(SPINE))), "MiB", 1024)
    check = (*WATCHSPEC, "render", "--check", "--specs", str(SPECS))
    yield Row("render --check of the committed specs, whole process", process(check)[0], "s", 1.5)
    yield Row("watchspec --help, whole process", process((*WATCHSPEC, "--help"))[0] * 1000, "ms", 150)


def render_fleet(models: int, wanted: str) -> None:
    """Compile a fleet, with the targets named or all of them, and write it into a scratch folder."""
    names = wanted.split(",")
    chosen = [target for target in TARGETS if target.name in names] if wanted else TARGETS
    compiled = compile_plan(fleet(models))
    if compiled.plan is None or not compiled.ok:
        raise RuntimeError(compiled.problems[0])
    artifacts, _ = render(compiled.plan, chosen)
    with tempfile.TemporaryDirectory() as folder:
        write(artifacts, Path(folder) / "rendered")


def again(models: int) -> None:
    """Print the seconds that a fleet takes after one of its specs was edited; unchanged files are left alone."""
    sources = fleet(models)
    *others, last = sources
    edited = Source(last.file, last.data.replace(b"\n  version: ", b"\n  version: 9", 1))
    with tempfile.TemporaryDirectory() as folder:
        write(compile_artifacts(sources).artifacts, Path(folder) / "rendered")
        start = time.perf_counter()
        changes, _ = write(compile_artifacts((*others, edited)).artifacts, Path(folder) / "rendered")
        sys.stdout.write(f"{time.perf_counter() - start}")
    if not changes.changed:
        raise RuntimeError("the edit changed nothing")


def _seconds(models: int, wanted: str) -> float:
    return process(_render(models, wanted), 1)[0]


def _render(models: int, wanted: str) -> tuple[str, ...]:
    program = f"from benchmarks.compiler import render_fleet; render_fleet({models}, {wanted!r})"
    return sys.executable, "-c", program
