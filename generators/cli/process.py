"""What a process of ours is told about memory and threads before a command is loaded; no result depends on it."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

GARBAGE: Final = (500_000, 20, 100)
"""How seldom garbage is looked for: trees of frozen values have no cycles, and a command is short."""

EVALUATING: Final = frozenset({"query", "test"})
"""Commands that evaluate expressions with numpy."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt`` in the C library of Linux."""


def prepare(words: Sequence[str]) -> None:
    """Settle how the process uses memory and threads, before numpy comes with the command that the words name."""
    gc.set_threshold(*GARBAGE)
    if not EVALUATING.isdisjoint(words):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads; no matrices are multiplied
        _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Keep the memory of tables of up to 32 MiB for the next ones.

    The C library gives each back to the system, which has to clear all of its pages before the next one is there.
    Where the library is another, nothing happens.
    """
    import ctypes  # noqa: PLC0415 - numpy, which comes next, imports it anyway

    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        mallopt(_TRIM_THRESHOLD, 256 << 20)
