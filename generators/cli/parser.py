"""The parser of the command line: all commands, of which only the named one is imported."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

from generators.cli.console import FORMATS, Console

DESCRIPTION: Final = "Compile model specs into rules, routes, runbooks and everything else that watches an AI model."
EPILOG: Final = "Exit codes: 0 clean, 1 problems, 2 wrong usage. Every command takes --help."

COMMANDS: Final[Mapping[str, str]] = {
    "baseline": "Profile a model's reference data into a Baseline, or compare two",
    "check": "Check specs without writing anything",
    "completion": "Print a script that completes commands and options in a shell",
    "cost": "Show what monitoring costs: series, samples and rules, against budgets",
    "diff": "Say what a change of specs means, compared with what is committed",
    "drift": "Tell whether data have drifted away from a model's baseline, and which feature costs accuracy",
    "explain": "Explain a model, alert, rule, metric, route, Collector or problem code, and where it comes from",
    "init": "Start a folder of specs: a platform, two environments, a team, a model, and the Collectors' bases",
    "lint": "Lint rule files, dashboards, Alertmanager or Collector configurations, whoever wrote them",
    "new": "Print parts of specs, such as the series of other systems that a pack reads",
    "promql": "Check or format PromQL, or run conformance scripts, without a server",
    "query": "Evaluate PromQL over series from a file, without a server",
    "render": "Render all artefacts from the specs, or check that they are up to date",
    "schema": "Print the JSON Schema of specs, for editors and other tools",
    "test": "Run promtool's unit tests of rules, without promtool",
}
"""What each module of ``generators.cli.commands`` does; importing all of them for ``--help`` would take a second."""


class Command(Protocol):
    """What a module of ``generators.cli.commands`` provides.

    It may also have ``FORMATS``, where it prints in others than the usual ones.
    """

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare options and arguments."""

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do the work and return the exit code."""


class _Version(argparse.Action):
    """Prints the version of what is installed; looked up only when asked for, since that reads files."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - keeps the start fast

        print(f"{parser.prog} {version('watchspec')}")
        parser.exit()


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


def load(name: str) -> Command:
    """Import a command."""
    return cast("Command", importlib.import_module(f"generators.cli.commands.{name}"))


def build_parser(words: Sequence[str] = (), *, complete: bool = False) -> argparse.ArgumentParser:
    """Return the parser; options are declared for the command among the words, or for all when ``complete``."""
    parser = argparse.ArgumentParser(prog="watchspec", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", nargs=0, action=_Version, help="print the version and exit")
    wanted = next((word for word in words if not word.startswith("-")), None)
    subparsers: Any = parser.add_subparsers(
        prog="watchspec", dest="command", metavar="COMMAND", required=True, parser_class=_CommandParser
    )
    begun = not complete and words and words[0] in COMMANDS  # then no other command is named, not even in a help text
    for name in words[:1] if begun else COMMANDS:
        child = subparsers.add_parser(name, help=COMMANDS[name], description=f"{COMMANDS[name]}.")
        if complete or name == wanted:
            command = load(name)
            command.add_arguments(child)
            formats = getattr(command, "FORMATS", FORMATS)
            _add_output_options(child, formats)
            child.set_defaults(formats=formats)
    return parser


def add_specs_argument(parser: argparse.ArgumentParser) -> None:
    """Declare where the specs are."""
    from pathlib import Path  # noqa: PLC0415 - keeps the start fast

    help_ = "folder of the specs (default: specs here, or in a folder above)"
    parser.add_argument("--specs", type=Path, default=None, help=help_)


def add_base_argument(parser: argparse.ArgumentParser) -> None:
    """Declare with which commit telemetry is compared."""
    help_ = "commit, branch or tag that telemetry may not break, such as the base of a pull request (default: HEAD)"
    parser.add_argument("--base", metavar="REF", default="HEAD", help=help_)


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
