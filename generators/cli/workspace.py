"""A folder of specs as commands use it: read, compiled, its problems printed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.cli.console import Console
from generators.cli.reporting import report
from generators.diagnostics import Problem
from generators.diagnostics.machine_report import problem_fields
from generators.language.sources import Source, read_library, read_specs, texts
from generators.pipeline import Compiled


@dataclass(frozen=True, slots=True)
class Workspace:
    """Specs on disk, and the folder that is rendered from them; ``named`` is the folder as it is written from here."""

    specs: Path
    named: Path
    rendered: Path
    sources: tuple[Source, ...]

    def compile(self, stage: Callable[[tuple[Source, ...]], Compiled], console: Console) -> Compiled:
        """Run the compiler up to a stage and print what it found."""
        console.progress(f"compiling {len(self.sources)} files")
        compiled = stage(self.sources)
        self.report(compiled.problems, console)
        return compiled

    def report(self, problems: tuple[Problem, ...], console: Console) -> None:
        """Print problems with the lines that they are about, and how many there are."""
        report(problems, texts((*self.sources, *read_library())), console)


def open_workspace(arguments: argparse.Namespace, console: Console) -> Workspace | None:
    """Read the specs that the options name; None, with a message, where there are none."""
    named: Path | None = arguments.specs
    specs = _nearest(Path()) if named is None else _given(named)
    if specs is None:
        where = "here, nor above" if named is None else f"at {named}"
        console.fail(f"there is no folder of specs {where}; `watchspec init` makes one, `--specs` names another")
        return None
    rendered: Path | None = getattr(arguments, "rendered", None)
    resolved = specs.resolve()
    return Workspace(resolved, specs, rendered or resolved.parent / "rendered", read_specs(resolved))


def _given(folder: Path) -> Path | None:
    """Return a folder that is named, or the folder ``specs`` in it."""
    inner = folder / "specs"
    return inner if inner.is_dir() else folder if folder.is_dir() else None


def _nearest(start: Path) -> Path | None:
    """Return the folder ``specs`` of a folder or of one above it, up to the top of the repository."""
    for folder in (start, *start.resolve().parents):
        if (folder / "specs").is_dir():
            return folder / "specs"
        if (folder / ".git").exists():
            break
    return None


def problems_data(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Return problems as JSON data."""
    return [problem_fields(problem) for problem in problems]
