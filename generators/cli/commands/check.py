"""The command ``check``."""

from __future__ import annotations

import argparse
from pathlib import Path

from generators.cli.console import GREEN, Console
from generators.cli.history import against_committed
from generators.cli.parser import add_base_argument, add_specs_argument
from generators.cli.tables import plural
from generators.cli.workspace import open_workspace, problems_data
from generators.pipeline import compile_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    help_ = "folder of the specs, or one that holds `specs`; the same as --specs"
    parser.add_argument("path", nargs="?", type=Path, default=None, metavar="PATH", help=help_)
    add_base_argument(parser)
    add_specs_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compile and report."""
    if arguments.path is not None and arguments.specs is not None:
        return console.fail("give either PATH or --specs", code=2)
    arguments.specs = arguments.specs or arguments.path
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    compiled = workspace.compile(
        lambda sources: against_committed(compile_plan(sources), workspace.rendered, arguments.base), console
    )
    if console.json:
        console.data({"ok": compiled.ok, "problems": problems_data(compiled.problems)})
    elif compiled.ok and compiled.catalog is not None:
        models = {(each.model.tenant, each.model.name) for each in compiled.catalog.deployments}
        environments = len(compiled.catalog.environments)
        console.say(
            console.paint(f"ok: {plural(len(models), 'model')} in {plural(environments, 'environment')}", GREEN)
        )
    return 0 if compiled.ok else 1
