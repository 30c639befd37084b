"""A folder of specs as commands use it: read, compiled, its problems printed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.cli.console import RED, Console
from generators.cli.tables import plural
from generators.diagnostics import Problem, errors
from generators.diagnostics.machine_report import problem_fields
from generators.language.sources import Source, read_library, read_specs, texts
from generators.pipeline import Compiled


@dataclass(frozen=True, slots=True)
class Workspace:
    """Specs on disk, and the folder that is rendered from them."""

    specs: Path
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
        console.problems(problems, texts((*self.sources, *read_library())))
        if problems and console.format == "text":
            wrong = len(errors(problems))
            console.write(console.paint(f"{plural(wrong, 'error')}, {plural(len(problems) - wrong, 'warning')}", RED))


def open_workspace(arguments: argparse.Namespace, console: Console) -> Workspace | None:
    """Read the specs that the options name; None, with a message, where there are none."""
    specs: Path = arguments.specs
    if not specs.is_dir():
        console.fail(f"there is no folder {specs}; `watchspec init` makes one, `--specs` names another")
        return None
    rendered: Path | None = getattr(arguments, "rendered", None)
    resolved = specs.resolve()
    return Workspace(resolved, rendered or resolved.parent / "rendered", read_specs(resolved))


def problems_data(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Return problems as JSON data."""
    return [problem_fields(problem) for problem in problems]
