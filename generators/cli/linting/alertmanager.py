"""Alertmanager configurations: what amtool refuses, and routes, inhibitions and receivers that never do anything."""

from __future__ import annotations

import argparse
from typing import Any

from generators.cli.console import GREEN, Console
from generators.cli.input_files import UnreadableError, read_text
from generators.cli.reporting import as_data, count, of_alertmanager, report
from generators.cli.tables import plural
from generators.language.problems import Problem, Severity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: all checks are always made."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lint every file and report what was found, all together."""
    from generators.alertmanager.load import load  # noqa: PLC0415 - `lint rules` does not need it

    found: list[Problem] = []
    sources: dict[str, str] = {}
    unreadable = []
    for name in arguments.files:
        console.progress(f"checking {name}")
        try:
            text = read_text(name)
        except UnreadableError as error:
            unreadable.append(str(error))
            continue
        sources[name] = text
        found += of_alertmanager(load(text)[1], name)
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
