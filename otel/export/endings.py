"""Ends of processes of which neither atexit nor a signal tells: telemetry is flushed around methods of their servers.

uvicorn raises the signal that it has caught again when it has shut down, and its workers end by it; a worker of
billiard (Celery's prefork) ends by `os._exit`.  Nothing is imported here: who is served by one of these has it loaded.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Ending:
    """A method that is called once at the end of a process: after a coroutine, and before a function, it is flushed."""

    module: str
    owner: str
    method: str


ENDINGS: Final = (
    Ending("uvicorn.server", "Server", "shutdown"),
    Ending("billiard.pool", "Worker", "_do_exit"),
)

_MARK: Final = "_watchspec_flushes"


def install(flush: Callable[[], object]) -> None:
    """Call ``flush`` at the ends of the servers that are loaded; again, where more of them may be by now."""
    for ending in ENDINGS:
        owner = getattr(sys.modules.get(ending.module), ending.owner, None)
        method = getattr(owner, ending.method, None)
        if method is not None and not hasattr(method, _MARK):
            wrapped = _after(method, flush) if inspect.iscoroutinefunction(method) else _before(method, flush)
            setattr(wrapped, _MARK, True)
            setattr(owner, ending.method, wrapped)


def _before(method: Callable[..., Any], flush: Callable[[], object]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        flush()
        return method(*arguments, **options)

    return wrapped


def _after(method: Callable[..., Any], flush: Callable[[], object]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def wrapped(*arguments: Any, **options: Any) -> Any:
        try:
            return await method(*arguments, **options)
        finally:
            await asyncio.to_thread(flush)

    return wrapped
