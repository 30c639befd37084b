"""The command ``promql``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from generators import promql
from generators.cli.commands.promql.checking import Checked, as_data, check_text, checked_line
from generators.cli.console import GREEN, Console
from generators.cli.profile_options import add_profile_arguments, profile_of
from generators.cli.reporting import of_expression
from generators.promql.profiles import Profile

FORMATS = ("text", "json")
_STDIN: Final = "-"
_EPILOG: Final = """\
`-` reads the expression from standard input. With `check --file FILE --format json`, each line of the file is an
expression as a JSON string, and each is answered by one line of JSON as soon as it is read.

`conformance FILE...` runs promqltest scripts, Prometheus' own tests of the language, against this engine.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("action", choices=("check", "format", "conformance"), help="what to do")
    parser.add_argument("arguments", nargs="*", metavar="EXPR", help="the expression, or -; files for `conformance`")
    parser.add_argument("--file", metavar="FILE", help="read it from a file, or from - for standard input")
    parser.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    add_profile_arguments(parser)
    parser.add_argument("--width", type=int, default=100, help="longest line of `format` (default: 100)")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check or format one expression, check a stream of them, or run conformance scripts."""
    profile = profile_of(arguments)
    if arguments.action == "conformance":
        return _conformance(arguments, profile, console)
    if len(arguments.arguments) != (arguments.file is None):
        return console.fail("give either an expression or --file", code=2)
    if arguments.action == "check" and arguments.file is not None and console.json:
        return _stream(arguments.file, profile, console)
    text = next(iter(arguments.arguments), None)
    if text is None or text == _STDIN:
        data = b"".join(_lines(arguments.file or _STDIN))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return console.fail(f"{arguments.file or 'standard input'} is not text in UTF-8")
    return _check(text, profile, console) if arguments.action == "check" else _format(text, arguments.width, console)


def _conformance(arguments: argparse.Namespace, profile: Profile, console: Console) -> int:
    from generators.cli.commands.promql.conformance import run_conformance  # noqa: PLC0415 - the other actions evaluate nothing

    if not arguments.arguments or arguments.file is not None:
        return console.fail("`conformance` takes files: watchspec promql conformance operators.test", code=2)
    return run_conformance(arguments.arguments, profile, console)


def _stream(file: str, profile: Profile, console: Console) -> int:
    """Answer line by line, so that another program can hold a conversation."""
    ok = True
    for line in _lines(file):
        answer = checked_line(line, profile)
        ok = ok and answer["ok"]
        console.out.write(f"{json.dumps(answer)}\n")
        console.out.flush()
    return 0 if ok else 1


def _lines(file: str) -> Iterator[bytes]:
    """Yield the lines of a file or of standard input. Raises OSError where it cannot be read."""
    if file == _STDIN:
        yield from sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield from stream


def _check(text: str, profile: Profile, console: Console) -> int:
    checked = check_text(text, profile)
    if console.json:
        console.data(as_data(checked))
        return 0 if checked.ok else 1
    _report(text, checked.problems, console)
    if checked.ok:
        console.say(console.paint(f"ok: {_result(checked)}", GREEN))
    return 0 if checked.ok else 1


def _result(checked: Checked) -> str:
    if checked.labels is None:
        return f"{checked.type}"
    labels = [*sorted(checked.labels.sure), *(f"{name}?" for name in sorted(checked.labels.maybe))]
    more = ["…"] if checked.labels.open else []
    return f"{checked.type} with labels {{{', '.join([*labels, *more])}}}"


def _format(text: str, width: int, console: Console) -> int:
    expr, problems = promql.parse(text)
    if expr is None:
        if console.json:
            console.data({"ok": False, "problems": as_data(Checked(text, None, None, problems))["problems"]})
        _report(text, problems, console)
        return 1
    formatted = promql.pretty(expr, max(1, width))
    if console.json:
        console.data({"ok": True, "text": formatted})
    else:
        console.write(formatted)
    return 0


def _report(text: str, problems: tuple[promql.TextFinding, ...], console: Console) -> None:
    """Print problems with the lines of the expression that they are about."""
    file = "expression"
    console.problems(of_expression(problems, file, text), {file: text})
