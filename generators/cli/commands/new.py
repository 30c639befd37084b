"""The command ``new``: parts of specs that nobody has to write by hand."""

from __future__ import annotations

import argparse

from generators.cli.console import Console
from generators.cli.parser import add_specs_argument
from generators.cli.unknown_names import unknown
from generators.cli.workspace import open_workspace
from generators.formats.yaml.nodes import plain
from generators.formats.yaml_printer import format_yaml
from generators.language.documents import load
from generators.language.resolve.packs import packs
from generators.language.sources import read_library

FORMATS = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    kinds = "external: the series of other systems that a pack reads, for `external` of the platform"
    parser.add_argument("what", choices=("external",), metavar="WHAT", help=kinds)
    parser.add_argument("pack", metavar="PACK", help="a pack of the library or of the specs, such as resources")
    add_specs_argument(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what the platform has to declare, as it stands in its spec."""
    workspace = open_workspace(arguments, console)
    if workspace is None:
        return 2
    own = [each for each in load(workspace.sources).loaded if each.kind == "Pack"]
    available = packs(load(read_library()).loaded, own, frozenset(), [])
    if arguments.pack not in available:
        return console.fail(str(unknown("pack", arguments.pack, available)), code=2)
    external = {name: _declared(plain(each.node)) for name, each in available[arguments.pack].external.items()}
    if not external:
        return console.fail(f"pack `{arguments.pack}` reads no series of other systems", code=1)
    if console.json:
        console.data({"external": external})
    else:
        comment = "Below `spec` of the platform. Leave out what the platform does not have."
        console.write(format_yaml({"external": external}, comment))
    return 0


def _declared(series: dict[str, object]) -> dict[str, object]:
    """Leave out what only a pack says of a series."""
    return {key: value for key, value in series.items() if key != "optional"}
