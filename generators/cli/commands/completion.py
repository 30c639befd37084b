"""Print a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse

from generators.cli import shells
from generators.cli.console import Console
from generators.cli.parser import build_parser

FORMATS = ("text", "json")
_SCRIPTS = {"bash": shells.bash, "zsh": shells.zsh, "fish": shells.fish}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument("shell", choices=tuple(_SCRIPTS), help="which shell")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the script."""
    script = _SCRIPTS[arguments.shell](shells.commands(build_parser(complete=True)))
    if console.json:
        console.data({"shell": arguments.shell, "script": script})
    else:
        console.write(script)
    return 0
