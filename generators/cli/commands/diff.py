"""The command ``diff``."""

from __future__ import annotations

import argparse

from generators.cli.committed import GitError, committed_tree, tree_on_disk
from generators.cli.console import Console
from generators.cli.parser import add_rendered_argument, add_specs_argument
from generators.cli.workspace import Workspace, open_workspace, problems_data
from generators.comparison import compare_artifacts
from generators.comparison.reports.data import data_report
from generators.comparison.reports.markdown import markdown_report
from generators.comparison.reports.text import text_report
from generators.pipeline import compile_artifacts

FORMATS = ("text", "json", "markdown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    help_ = "commit, branch or tag to compare with (default: HEAD, or the files on disk outside of git)"
    parser.add_argument("ref", nargs="?", default=None, metavar="REF", help=help_)
    parser.add_argument("--exit-code", action="store_true", help="exit 1 if anything differs, as git diff does")
    add_specs_argument(parser)
    add_rendered_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compile, read the other side, compare, and report."""
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    try:
        before = _before(workspace, arguments.ref)
    except GitError as error:
        return console.fail(str(error), code=2)
    compiled = workspace.compile(compile_artifacts, console)
    if not compiled.ok:
        if console.json:
            console.data({"ok": False, "problems": problems_data(compiled.problems)})
        return 1
    console.progress("comparing")
    comparison = compare_artifacts(before, {each.path: each.text for each in compiled.artifacts})
    console.progress("")
    if console.json:
        console.data({"ok": True, "problems": problems_data(compiled.problems), **data_report(comparison)})
    elif console.format == "markdown":
        console.write(markdown_report(comparison))
    else:
        console.write(text_report(comparison, console.paint))
    return 1 if arguments.exit_code and comparison else 0


def _before(workspace: Workspace, ref: str | None) -> dict[str, str]:
    """Return the other side: the tree at a commit, or on disk where no commit is asked for and there is none."""
    committed = committed_tree(workspace.rendered, ref or "HEAD", required=ref is not None)
    return tree_on_disk(workspace.rendered) if committed is None else committed
