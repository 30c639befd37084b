"""The command ``render``."""

from __future__ import annotations

import argparse

from generators.cli.console import GREEN, RED, Console
from generators.cli.history import against_committed
from generators.cli.parser import add_base_argument, add_rendered_argument, add_specs_argument
from generators.cli.workspace import Workspace, open_workspace, problems_data
from generators.output.writing import Changes, compare, write
from generators.pipeline import Compiled, compile_artifacts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    add_specs_argument(parser)
    add_rendered_argument(parser)
    add_base_argument(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is missing or stale")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compile, compare, and write what changed."""
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    compiled = workspace.compile(
        lambda sources: against_committed(compile_artifacts(sources), workspace.rendered, arguments.base), console
    )
    if not compiled.ok:
        if console.json:
            console.data({"ok": False, "problems": problems_data(compiled.problems)})
        return 1
    if arguments.check:
        return _check(workspace, compiled, console)
    changes, problems = write(compiled.artifacts, workspace.rendered)
    workspace.report(problems, console)
    _report(changes, compiled, console, ok=not problems, done="written")
    return 1 if problems else 0


def _check(workspace: Workspace, compiled: Compiled, console: Console) -> int:
    changes = compare(compiled.artifacts, workspace.rendered)
    clean = not (changes.added or changes.changed or changes.removed)
    _report(changes, compiled, console, ok=clean, done="out of date")
    if not clean and not console.json:
        console.say("run `watchspec render` and commit the result")
    return 0 if clean else 1


def _report(changes: Changes, compiled: Compiled, console: Console, *, ok: bool, done: str) -> None:
    if console.json:
        listed = {name: list(getattr(changes, name)) for name in ("added", "changed", "removed", "foreign")}
        console.data({"ok": ok, "problems": problems_data(compiled.problems), **listed})
        return
    for sign, paths in (("+", changes.added), ("~", changes.changed), ("-", changes.removed)):
        for path in paths:
            console.say(f"{sign} {path}" + (", which no render wrote" if path in changes.foreign else ""))
    touched = len(changes.added) + len(changes.changed) + len(changes.removed)
    colour = GREEN if ok else RED
    console.say(console.paint(f"{len(compiled.artifacts)} artefacts, {touched} {done}", colour))
