"""What all of ``lint`` does alike: read the files, look at them together, print what is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from generators.cli.console import GREEN, Console
from generators.cli.input_files import UnreadableError, read_text
from generators.cli.reporting import as_data, count, report
from generators.cli.tables import plural
from generators.diagnostics import Problem, Severity

Look: TypeAlias = Callable[[Mapping[str, str]], list[Problem]]
"""The texts of files by name → what is wrong with them."""


def lint_files(arguments: argparse.Namespace, console: Console, look: Look) -> int:
    """Lint every file that is named and report what was found, all together; return the exit code."""
    sources: dict[str, str] = {}
    unreadable: list[str] = []
    for name in arguments.files:
        console.progress(f"reading {name}")
        try:
            sources[name] = read_text(name)
        except UnreadableError as error:
            unreadable.append(str(error))
    console.progress(f"checking {plural(len(sources), 'file')}")
    found = [each for each in look(sources) if each.code not in arguments.ignore]
    failed = bool(unreadable) or count(found, Severity.ERROR) > 0
    failed = failed or (arguments.strict and count(found, Severity.WARNING) > 0)
    for message in unreadable:
        console.fail(message)
    if console.json:
        data: dict[str, Any] = {"ok": not failed, "problems": as_data(found), "unreadable": unreadable}
        console.data(data)
        return int(failed)
    report(found, sources, console)
    if not found and not failed:
        console.say(console.paint(f"ok: {plural(len(sources), 'file')}", GREEN))
    return int(failed)
