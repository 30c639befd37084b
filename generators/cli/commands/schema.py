"""The command ``schema``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from generators.cli.console import Console
from generators.cli.unknown_names import unknown
from generators.formats.json_printer import format_json
from generators.targets.editor import document_schema

FORMATS = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument("kind", nargs="?", metavar="KIND", help="only of documents of this kind, such as Model")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it to a file")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print or write the schema, which is JSON in every format."""
    schema = document_schema()
    if arguments.kind is not None:
        kinds: list[str] = schema["properties"]["kind"]["enum"]
        kind = next((name for name in kinds if name.lower() == arguments.kind.lower()), None)
        if kind is None:
            return console.fail(str(unknown("kind", arguments.kind, kinds)), code=2)
        schema = _of_kind(schema, kind)
    text = format_json(schema)
    if arguments.output is None:
        console.write(text)
        return 0
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    console.say(f"wrote {arguments.output}")
    return 0


def _of_kind(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the schema of one kind, with the definitions that it refers to."""
    definitions: dict[str, Any] = schema["$defs"]
    needed: dict[str, None] = {}
    waiting = [kind]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = None
            waiting += _references(definitions[name])
    return {
        "$schema": schema["$schema"],
        "title": f"Watchspec {kind}",
        "$ref": f"#/$defs/{kind}",
        "$defs": {name: definitions[name] for name in sorted(needed)},
    }


def _references(node: Any) -> list[str]:
    """Return the names of the definitions that a schema refers to."""
    if isinstance(node, dict):
        own = [node["$ref"].removeprefix("#/$defs/")] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for item in node for name in _references(item)] if isinstance(node, list) else []
