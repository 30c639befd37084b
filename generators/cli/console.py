"""Printing: the only place that knows about terminals, colours, and formats of output."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from generators.diagnostics import Problem

FORMATS: Final = ("text", "json", "github")
GREEN: Final = "32"
RED: Final = "31"


class UsageError(Exception):
    """What a person asked for cannot be done as it was asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Console:
    """Where a command prints, and how: results to ``out``, progress and failures to ``err``."""

    out: TextIO
    err: TextIO
    format: str
    colour: bool
    quiet: bool
    width: int

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Console:
        """Return the console that the options and the terminal ask for; output is plain when piped."""
        out, err = _usable(sys.stdout), _usable(sys.stderr)
        choice = getattr(arguments, "colour", "auto")
        terminal = out.isatty() and "NO_COLOR" not in os.environ
        annotates = os.environ.get("GITHUB_ACTIONS") == "true" and "github" in getattr(arguments, "formats", ())
        default = "github" if annotates else "text"
        return cls(
            out=out,
            err=err,
            format=getattr(arguments, "format", None) or default,
            colour=choice == "always" or (choice == "auto" and terminal),
            quiet=getattr(arguments, "quiet", False),
            width=_width(out),
        )

    @property
    def json(self) -> bool:
        """Whether results are printed as JSON."""
        return self.format == "json"

    def say(self, text: str) -> None:
        """Print a result, unless quiet or JSON was asked for."""
        if not self.quiet and not self.json:
            self.out.write(f"{text}\n")

    def write(self, text: str) -> None:
        """Print a text as it is."""
        self.out.write(text if text.endswith("\n") else f"{text}\n")

    def data(self, value: Mapping[str, Any] | list[Any]) -> None:
        """Print data as JSON."""
        import json  # noqa: PLC0415 - keeps the start fast

        self.out.write(f"{json.dumps(value, indent=2, ensure_ascii=False)}\n")

    def progress(self, text: str) -> None:
        """Show what a long run is doing; only on a terminal."""
        if self.err.isatty() and not self.quiet:
            self.err.write(f"\r\x1b[K{text}")
            self.err.flush()

    def problems(self, problems: Iterable[Problem], sources: Mapping[str, str]) -> None:
        """Print problems in the format that was asked for; JSON is left to the command's own document."""
        from generators.diagnostics.machine_report import render_github  # noqa: PLC0415 - keeps --help fast
        from generators.diagnostics.text_report import render_text  # noqa: PLC0415 - as above

        found = tuple(problems)
        self.progress("")
        if not found or self.json:
            return
        if self.format == "github":
            self.write(render_github(found))
        else:
            self.write(render_text(found, sources, self.colour, self.width))

    def paint(self, text: str, colour: str) -> str:
        """Return a text in a colour, where colours are shown."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text

    def fail(self, message: str, code: int = 1) -> int:
        """Print why a command could not do its work, and return its exit code."""
        self.err.write(f"watchspec: {message}\n")
        return code

    def closed(self) -> int:
        """Take note that nobody reads on; the interpreter would complain about it at exit."""
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.fileno())
        return 1


def _width(out: TextIO) -> int:
    if not out.isatty():
        return 120
    from shutil import get_terminal_size  # noqa: PLC0415 - keeps the start fast

    return get_terminal_size((100, 24)).columns


def _usable(stream: TextIO | None) -> TextIO:
    """Return a stream that can be written to, whatever a text holds: what it cannot encode becomes an escape.

    Where there is none (``watchspec check >&-``), what is written is lost.
    """
    if stream is None or stream.closed:
        return io.StringIO()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream
