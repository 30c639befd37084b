"""``commands.md``: the command line, from its parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from generators.cli.parser import DESCRIPTION, EPILOG, build_parser
from generators.formats.markdown import bullets, code, document, escape, fence, heading, table


def page() -> str:
    """Return the page."""
    commands = _commands(build_parser(complete=True))
    contents = bullets(
        f"[{code(name)}](#{name}): {escape(child.description or '')}" for name, child in commands.items()
    )
    sections = (block for name, child in commands.items() for block in _command(name, child, 2))
    return document((heading(1, "Commands"), escape(DESCRIPTION), escape(EPILOG), contents, *sections))


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    subparsers = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return {name: child for action in subparsers for name, child in sorted(action.choices.items())}


def _command(name: str, parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    yield heading(level, name)
    yield escape(parser.description or "")
    actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    plain = [each for each in actions if not isinstance(each, argparse._HelpAction | argparse._SubParsersAction)]
    positional = " ".join(_placeholder(each) for each in plain if not each.option_strings)
    yield fence(f"watchspec {name} {positional} [options]".replace("  ", " "), "text")
    rows = [(_written(each), escape(_help(each)), _default(each)) for each in plain]
    yield table(("Argument", "What it does", "Default"), rows) if rows else ""
    for inner, child in _commands(parser).items():
        yield from _command(f"{name} {inner}", child, min(level + 1, 6))


def _placeholder(action: argparse.Action) -> str:
    shown = action.metavar or action.dest
    name = shown if isinstance(shown, str) else " ".join(shown)
    return {"?": f"[{name}]", "*": f"[{name} …]", "+": f"{name} …"}.get(str(action.nargs), name)


def _written(action: argparse.Action) -> str:
    if not action.option_strings:
        return code(_placeholder(action))
    takes = "" if action.nargs == 0 else f" {_choices(action)}"
    return ", ".join(code(f"{option}{takes}") for option in action.option_strings)


def _choices(action: argparse.Action) -> str:
    if action.choices:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _help(action: argparse.Action) -> str:
    return (action.help or "") % {"default": action.default, "prog": "watchspec"}


def _default(action: argparse.Action) -> str:
    default = action.default
    hidden = default is None or default is False or default == argparse.SUPPRESS or "default" in (action.help or "")
    return "" if hidden or default == [] else code(str(default))
