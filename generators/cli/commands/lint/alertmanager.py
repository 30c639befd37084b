"""What ``lint alertmanager`` looks at."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from generators.cli.commands.lint.files import lint_files
from generators.cli.console import Console
from generators.diagnostics import Problem

SUMMARY = (
    "Alertmanager configurations: what amtool refuses, and routes, inhibitions and receivers that never do anything."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: all checks are always made."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lint every file and report what was found, all together."""
    return lint_files(arguments, console, _look)


def _look(sources: Mapping[str, str]) -> list[Problem]:
    from generators.alertmanager.load import load  # noqa: PLC0415 - `lint rules` does not need it

    return [problem for name, text in sources.items() for problem in load(text, name)[1]]
