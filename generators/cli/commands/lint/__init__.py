"""The command ``lint``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final, Protocol

from generators.cli.commands.lint import alertmanager, collector, dashboards, rules
from generators.cli.console import Console
from generators.diagnostics import did_you_mean

IGNORE: Final = "problems to leave out, such as Q701,D832 (`watchspec explain code CODE` tells what each means)"


class Subject(Protocol):
    """What can be linted; ``SUMMARY`` is its line of ``--help``."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options of its own, in a group."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Look at the files and return the exit code."""


SUBJECTS: Final[Mapping[str, Subject]] = {
    "alertmanager": alertmanager,
    "collector": collector,
    "dashboards": dashboards,
    "rules": rules,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options; those of every subject, since they are read before the subject is known."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(map(len, SUBJECTS))
    lines = "\n".join(f"  {name.ljust(width)}  {subject.SUMMARY}" for name, subject in SUBJECTS.items())
    codes = "Exit codes: 0 nothing wrong, 1 errors (with --strict warnings too), 2 wrong\nusage."
    parser.epilog = f"what to lint:\n{lines}\n\n{codes}\n"
    parser.add_argument("subject", choices=tuple(SUBJECTS), metavar="SUBJECT", help=" or ".join(SUBJECTS))
    parser.add_argument("files", nargs="+", metavar="FILE", help="the files; - is standard input")
    parser.add_argument("--strict", action="store_true", help="let warnings fail, too")
    parser.add_argument("--ignore", metavar="CODES", type=_codes, default=frozenset(), help=IGNORE)
    for subject in SUBJECTS.values():
        subject.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lint."""
    return SUBJECTS[arguments.subject].run(arguments, console)


def _codes(text: str) -> frozenset[str]:
    """Return the codes of a list; raises an argparse error for one that does not exist."""
    from generators.cli.commands.explain.codes import all_codes  # noqa: PLC0415 - only for this option

    named = [word.strip().upper() for word in text.split(",") if word.strip()]
    known = all_codes()
    for name in named:
        if name not in known:
            near = did_you_mean(name, known)
            raise argparse.ArgumentTypeError(f"there is no code `{name}`{f'; {near}' if near else ''}")
    return frozenset(named)
