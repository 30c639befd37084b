"""Lint rule files, dashboards, Alertmanager or Collector configurations, whoever wrote them."""

from __future__ import annotations

import argparse
import importlib
from os import listdir
from typing import Final, Protocol, cast

from generators.cli import linting
from generators.cli.console import Console
from generators.language.problems import did_you_mean

_FOLDER: Final = linting.__path__[0]
IGNORE: Final = "problems to leave out, such as Q701,D832 (`watchspec explain code CODE` tells what each means)"


class Subject(Protocol):
    """What a module of ``generators.cli.linting`` provides."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options of its own, in a group."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Look at the files and return the exit code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options; those of every subject, since they are read before the subject is known."""
    files = (file.removesuffix(".py") for file in listdir(_FOLDER) if file.endswith(".py"))  # noqa: PTH208 - fast
    subjects = tuple(sorted(name for name in files if name != "__init__"))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    described = {subject: (_load(subject).__doc__ or "").partition("\n")[0] for subject in subjects}
    lines = "\n".join(f"  {name.ljust(max(map(len, subjects)))}  {text}" for name, text in described.items())
    codes = "Exit codes: 0 nothing wrong, 1 errors (with --strict warnings too), 2 wrong\nusage."
    parser.epilog = f"what to lint:\n{lines}\n\n{codes}\n"
    parser.add_argument("subject", choices=subjects, metavar="SUBJECT", help=" or ".join(subjects))
    parser.add_argument("files", nargs="+", metavar="FILE", help="the files; - is standard input")
    parser.add_argument("--strict", action="store_true", help="let warnings fail, too")
    parser.add_argument("--ignore", metavar="CODES", type=_codes, default=frozenset(), help=IGNORE)
    for subject in subjects:
        _load(subject).add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Lint."""
    return _load(arguments.subject).run(arguments, console)


def _load(subject: str) -> Subject:
    return cast("Subject", importlib.import_module(f"generators.cli.linting.{subject}"))


def _codes(text: str) -> frozenset[str]:
    """Return the codes of a list; raises an argparse error for one that does not exist."""
    from generators.cli.explaining.codes import all_codes  # noqa: PLC0415 - only for this option

    named = [word.strip().upper() for word in text.split(",") if word.strip()]
    known = all_codes()
    for name in named:
        if name not in known:
            near = did_you_mean(name, known)
            raise argparse.ArgumentTypeError(f"there is no code `{name}`{f'; {near}' if near else ''}")
    return frozenset(named)
