"""What ``lint dashboards`` looks at."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from generators.cli.commands.lint.files import lint_files
from generators.cli.console import Console
from generators.diagnostics import Problem

SUMMARY = (
    "Grafana dashboards in classic JSON, in ConfigMaps too: queries that are refused, panels that mislead, dead links."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: all checks are always made; links and uids are compared between the files that are named."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lint the files as dashboards that are deployed together and report what was found."""
    return lint_files(arguments, console, _look)


def _look(sources: Mapping[str, str]) -> list[Problem]:
    from generators.grafana.lint import lint_files as lint_dashboards  # noqa: PLC0415 - other subjects do not need it

    return list(lint_dashboards(sources))
