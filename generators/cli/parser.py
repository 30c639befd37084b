"""The parser of the command line: commands are found by discovery, and only the named one is imported."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from os import listdir
from os.path import dirname
from typing import Any, Final, Protocol, cast

from generators.cli.console import FORMATS, Console

DESCRIPTION: Final = "Compile model specs into rules, routes, runbooks and everything else that watches an AI model."
EPILOG: Final = "Exit codes: 0 clean, 1 problems, 2 wrong usage. Every command takes --help."
FOLDER: Final = f"{dirname(__file__)}/commands"  # noqa: PTH120 - pathlib takes a while to import


class Command(Protocol):
    """What a module of ``generators.cli.commands`` provides.

    It may also have ``FORMATS``, where it prints in others than the usual ones.
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and arguments."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do the work and return the exit code."""


class _CommandParser(argparse.ArgumentParser):
    """Takes options anywhere among arguments that may be left out, which argparse alone does not before Python 3.12."""

    mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse options first, then what is left; ``--`` says already which is which."""
        if self.mixing or (args is not None and "--" in args):
            return super().parse_known_args(args, namespace)
        self.mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixing = False


def names() -> tuple[str, ...]:
    """Return the names of all commands, sorted."""
    files = (file.removesuffix(".py") for file in listdir(FOLDER) if file.endswith(".py"))  # noqa: PTH208 - as above
    return tuple(sorted(name.replace("_", "-") for name in files if name != "__init__"))


def load(name: str) -> Command:
    """Import a command."""
    return cast("Command", importlib.import_module(f"generators.cli.commands.{name.replace('-', '_')}"))


def summary(name: str) -> str:
    """Return the first line of a command's docstring without importing it, which keeps ``--help`` fast."""
    with open(f"{FOLDER}/{name.replace('-', '_')}.py", encoding="utf-8") as source:  # noqa: PTH123 - as above
        return source.readline().strip().strip('"').rstrip(".")


def build_parser(words: Sequence[str] = (), *, complete: bool = False) -> argparse.ArgumentParser:
    """Return the parser; options are declared for the command among the words, or for all when ``complete``."""
    parser = argparse.ArgumentParser(prog="watchspec", description=DESCRIPTION, epilog=EPILOG)
    wanted = next((word for word in words if not word.startswith("-")), None)
    subparsers: Any = parser.add_subparsers(
        prog="watchspec", dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser
    )
    known = names()
    begun = not complete and words and words[0] in known  # then no other command is named, not even in a help text
    for name in words[:1] if begun else known:
        child = subparsers.add_parser(name, help=summary(name), description=f"{summary(name)}.")
        if complete or name == wanted:
            command = load(name)
            command.add_arguments(child)
            _add_output_options(child, getattr(command, "FORMATS", FORMATS))
    return parser


def add_specs_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where the specs are."""
    from pathlib import Path  # noqa: PLC0415 - keeps the start fast

    parser.add_argument("--specs", type=Path, default=Path("specs"), help="folder of the specs (default: specs)")


def add_rendered_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where artefacts are written."""
    from pathlib import Path  # noqa: PLC0415 - keeps the start fast

    help_ = "folder that is written (default: rendered, beside the specs)"
    parser.add_argument("--rendered", type=Path, default=None, help=help_)


def _add_output_options(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    group = parser.add_argument_group("output")
    help_ = "how to print; github annotates a pull request (default: text, github in its actions)"
    group.add_argument("--format", choices=formats, default=None, help=help_)
    group.add_argument("--colour", "--color", choices=("auto", "always", "never"), default="auto", help="use colours")
    group.add_argument("--quiet", "-q", action="store_true", help="print problems only")
