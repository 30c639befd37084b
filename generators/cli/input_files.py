"""Files that a person names on the command line: read as text, or refused with a reason."""

from __future__ import annotations

import sys
from typing import Final

STDIN: Final = "-"
LARGEST: Final = 20_000_000
"""Bytes of a configuration file; more is almost always the wrong file, and would be read for minutes."""


class UnreadableError(Exception):
    """A file cannot be read; the text says why, for people."""


def read_text(name: str, largest: int = LARGEST) -> str:
    """Return the text of a file, or of standard input for ``-``, without a byte-order mark.

    Raises UnreadableError.
    """
    try:
        data = _read(name, largest)
    except OSError as error:
        raise UnreadableError(f"{name}: {error.strerror or error}") from error
    except ValueError as error:
        raise UnreadableError(f"{name!r}: {error}") from error
    if len(data) > largest:
        raise UnreadableError(f"{name}: larger than {largest // 1_000_000} MB, which is not read; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{name}: not text in UTF-8 (byte {error.start + 1:,})") from error


def _read(name: str, largest: int) -> bytes:
    if name == STDIN:
        return sys.stdin.buffer.read(largest + 1)
    with open(name, "rb") as stream:  # noqa: PTH123 - pathlib takes a while to import
        return stream.read(largest + 1)
