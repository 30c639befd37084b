"""The command line: one module or folder a command (``commands``), imported only when it runs.

Exit codes: 0 clean, 1 problems, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from generators.cli.console import Console, UsageError
from generators.cli.parser import build_parser, load
from generators.cli.process import prepare


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if arguments is None:
        prepare(words)
    parsed = build_parser(words).parse_args(words)
    console = Console.of(parsed)
    try:
        return load(parsed.command).run(parsed, console)
    except BrokenPipeError:
        return console.closed()
    except UsageError as error:
        return console.fail(str(error), code=2)
    except OSError as error:
        return console.fail(f"{error.filename or 'file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return console.fail("stopped", code=130)
