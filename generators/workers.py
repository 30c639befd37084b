"""Independent work on one large value, spread over the machine's processors by forking.

Forked processes see the value without its being sent to them; only results travel.  Where there is no fork, where
threads run that a fork would leave behind, or for little work, everything runs here.  Results do not depend on which
it was.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, TypeVar

Value = TypeVar("Value")
Result = TypeVar("Result")

_shared: dict[str, Any] = {}
"""What forked processes work on; set just before they start, so that they inherit it."""

FORKS: Final = sys.platform == "linux"
"""Elsewhere forking is missing, or unsafe beside system libraries."""


def spread(functions: Sequence[Callable[[Value], Result]], value: Value, *, worth_it: bool) -> list[Result]:
    """Return the results of all functions, in their order."""
    workers = min(os.cpu_count() or 1, len(functions))
    if not (worth_it and FORKS and workers > 1 and threading.active_count() == 1):
        return [function(value) for function in functions]
    _shared.update(functions=functions, value=value)
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            return list(pool.map(_run, range(len(functions))))
    finally:
        _shared.clear()


def _run(index: int) -> Any:
    return _shared["functions"][index](_shared["value"])
