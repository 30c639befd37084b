"""The command ``baseline``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

from generators.baseline.codes import ACCEPTABLE
from generators.baseline.document import About, document, usual_version, windows
from generators.baseline.engines import DataError, Table
from generators.baseline.findings import findings, window_findings
from generators.baseline.profile import Profile
from generators.baseline.profiling import WINDOWS, profile
from generators.cli.commands.baseline.comparing import compare
from generators.cli.console import GREEN, Console
from generators.cli.drift_report import add_question_arguments
from generators.cli.models_data import (
    Watched,
    add_data_arguments,
    assigned,
    data_problem,
    names_of,
    opened,
    refused,
    watched,
)
from generators.cli.parser import add_specs_argument
from generators.cli.tables import plural
from generators.cli.workspace import Workspace, open_workspace
from generators.diagnostics import Problem

_FOLDER: Final = "baselines"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument(
        "what", nargs="+", metavar="MODEL", help="NAME or TENANT/NAME; or `diff OLD NEW` with two files"
    )
    add_specs_argument(parser)
    add_data_arguments(parser)
    add_question_arguments(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="file that is written (default: baselines/MODEL.yaml)")
    parser.add_argument("--version", metavar="TEXT", help="version of the baseline (default: from data and question)")
    parser.add_argument(
        "--source", metavar="TEXT", help="where the data came from, in words (default: the file's name)"
    )
    help_ = f"lengths of windows whose usual drift is told, with --time: {', '.join(WINDOWS)} (default: what fits)"
    parser.add_argument("--windows", metavar="LIST", type=_windows, default=None, help=help_)
    help_ = "problems that are accepted and recorded, such as N906,N913"
    parser.add_argument("--accept", metavar="CODES", type=_codes, default=(), help=help_)


def _windows(text: str) -> tuple[str, ...]:
    return _among(text, tuple(WINDOWS), "window", "1d" if "24h" in text else "")


def _codes(text: str) -> tuple[str, ...]:
    return tuple(sorted(_among(text.upper(), tuple(ACCEPTABLE), "code that can be accepted")))


def _among(text: str, known: tuple[str, ...], what: str, near: str = "") -> tuple[str, ...]:
    """Return the words of a list; raises an argparse error for one that is not known."""
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        if word not in known:
            help_ = f"; did you mean `{near}`?" if near else f"; there are {', '.join(known)}"
            raise argparse.ArgumentTypeError(f"`{word}` is no {what}{help_}")
    return words


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Profile data, or compare two baselines."""
    if arguments.what[0] == "diff" and len(arguments.what) > 1:
        if len(arguments.what) != 3:
            return console.fail("write `watchspec baseline diff OLD NEW` with two files", code=2)
        return compare(Path(arguments.what[1]), Path(arguments.what[2]), arguments, console)
    if len(arguments.what) != 1 or arguments.data is None:
        return console.fail(
            "write `watchspec baseline MODEL --data FILE`, or `watchspec baseline diff OLD NEW`", code=2
        )
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    name = arguments.what[0].rpartition("/")[2]
    out = arguments.out or workspace.named / _FOLDER / f"{name}.yaml"
    found = watched(arguments.what[0], workspace, _own_file(out, workspace), console)
    if isinstance(found, int):
        return found
    table = opened(arguments, workspace, console)
    return table if isinstance(table, int) else _made(found, table, out, workspace, arguments, console)


def _own_file(out: Path, workspace: Workspace) -> str:
    """Return the name, among the sources, of the file that is about to be written; empty outside of the specs."""
    try:
        return out.resolve().relative_to(workspace.specs.parent).as_posix()
    except ValueError:
        return ""


def _made(
    found: Watched, table: Table, out: Path, workspace: Workspace, arguments: argparse.Namespace, console: Console
) -> int:
    roles, missing = assigned(found, table, names_of(arguments))
    if missing:
        return _refused(missing, workspace, console)
    try:
        counted = profile(table, found.model, roles, progress=console.progress)
    except DataError as error:
        return _refused((data_problem(error, arguments.data),), workspace, console)
    told = windows(counted, arguments.windows or WINDOWS) if roles.time is not None else {}
    problems = findings(counted, found.model, roles, found.places, time.time())
    if arguments.windows:
        problems += window_findings(told, arguments.windows, found.places[""])
    open_ = tuple(each for each in problems if each.code not in arguments.accept)
    if open_:
        return _refused(open_, workspace, console)
    accepted = tuple(sorted({each.code for each in problems}))
    about = About(arguments.version or usual_version(counted), arguments.source or _named(arguments.data), accepted)
    _write(out, document(counted, found.model, told, about))
    return _said(counted, about, out, accepted, console)


def _refused(problems: tuple[Problem, ...], workspace: Workspace, console: Console) -> int:
    codes = sorted({each.code for each in problems if each.code in ACCEPTABLE})
    hint = f"; what is meant to be so is accepted with `--accept {','.join(codes)}`" if codes else ""
    return refused(problems, workspace, console, f"nothing was written{hint}")


def _said(counted: Profile, about: About, out: Path, accepted: tuple[str, ...], console: Console) -> int:
    console.progress("")
    if console.json:
        facts = {"rows": counted.rows, "features": len(counted.features), "accepted": list(accepted)}
        console.data({"ok": True, "file": str(out), "version": about.version, "content": counted.content, **facts})
        return 0
    extent = f"{plural(counted.rows, 'row')}, {plural(len(counted.features), 'feature')}"
    console.say(console.paint(f"+ {out}: {extent}, version {about.version}", GREEN))
    if accepted:
        console.say(f"accepted: {', '.join(accepted)}")
    return 0


def _named(data: str) -> str:
    """Return the last part of what was read, without a folder, a server or who asked."""
    database, sign, table = data.rpartition("::")
    if sign:
        return f"{Path(database).name if '://' not in database else 'PostgreSQL'}, {table}"
    return Path(data).name


def _write(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
