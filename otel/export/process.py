"""What happens to telemetry when the process forks, ends, or is told to end."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, Final, Protocol

from otel.export import endings

_logger: Final = logging.getLogger("otel")

Reference = Callable[[], Callable[[Any], object] | None]


class Life(Protocol):
    """Something that has to know about forks and the end of the process."""

    def before_fork(self) -> None:
        """Called in the thread that forks, before; must be bounded in time."""

    def forked(self) -> None:
        """Called in a child, before the callbacks of `on_child`."""

    def has_forked(self, *, helper: bool) -> None:
        """Called in the parent; ``helper`` if the child helps instead of serving like the parent."""

    def drain(self) -> None:
        """Called before the end, from the main thread: send what waits, in bounded time."""

    def close(self) -> None:
        """Called at the end."""


_HELPED: Final = frozenset({"multiprocessing", "pty", "subprocess"})
"""Packages that fork children which do not serve."""

_lives: list[Life] = []
_callbacks: list[tuple[Callable[[], Any], Reference]] = []
_finals: list[weakref.WeakMethod[Callable[[], object]]] = []
_installed: set[str] = set()


def on_child(subject: Callable[[], Any], callback: Callable[[Any], object]) -> None:
    """Call ``callback(subject())`` in every child that this process forks; a bound method is held weakly."""
    _install_forking()
    reference: Reference = weakref.WeakMethod(callback) if hasattr(callback, "__self__") else lambda: callback
    _callbacks.append((subject, reference))


def before_end(callback: Callable[[], object]) -> None:
    """Call a bound method, which is held weakly, before telemetry is sent for the last time."""
    _finals.append(weakref.WeakMethod(callback))


def watch(life: Life) -> None:
    """Tell ``life`` about forks and the end of the process."""
    _install_forking()
    _install_ending()
    _lives.append(life)


def forget(life: Life) -> None:
    """Tell ``life`` no more."""
    if life in _lives:
        _lives.remove(life)


def _install_forking() -> None:
    if "fork" not in _installed and hasattr(os, "register_at_fork"):
        _installed.add("fork")
        os.register_at_fork(before=_before, after_in_child=_in_child, after_in_parent=_in_parent)


def _before() -> None:
    for life in list(_lives):
        _safely(life.before_fork)


def _in_child() -> None:
    for life in list(_lives):
        _safely(life.forked)
    for subject, reference in list(_callbacks):
        callback = reference()
        if callback is not None:
            _safely(partial(_call, callback, subject))
    _callbacks[:] = [entry for entry in _callbacks if entry[1]() is not None]
    _install_finalizer()
    endings.install(drain)


def _call(callback: Callable[[Any], object], subject: Callable[[], Any]) -> None:
    callback(subject())


def _in_parent() -> None:
    # The frame above is the one that called os.fork.
    caller = str(sys._getframe(1).f_globals.get("__name__", "")).partition(".")[0]
    for life in list(_lives):
        _safely(partial(life.has_forked, helper=caller in _HELPED))


def _install_ending() -> None:
    if "exit" not in _installed:
        _installed.add("exit")
        atexit.register(_end)
    _install_finalizer()
    endings.install(drain)
    if (
        "signal" not in _installed
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        _installed.add("signal")
        signal.signal(signal.SIGTERM, _terminated)


def _install_finalizer() -> None:
    """Have `_end` called in children of multiprocessing, which end without running what atexit holds.

    Whether this process is one of them shows late: a forkserver's child imports its program before it is told what to
    do.  Therefore it is asked for when the child begins, after multiprocessing has cleared its finalizers.
    """
    module = sys.modules.get("multiprocessing.util")
    if module is None:
        return
    if "finalizer" not in _installed:
        _installed.add("finalizer")
        module.register_after_fork(_finalizing, lambda _: module.Finalize(None, _end, exitpriority=-100))
    if sys.modules["multiprocessing.process"].parent_process() is not None:
        module.Finalize(None, _end, exitpriority=-100)


def _finalizing() -> None:
    """Only an object that lives as long as the process, for multiprocessing's registry."""


def drain() -> None:
    """Send what waits, in bounded time: the process is about to end."""
    for final in list(_finals):
        callback = final()
        if callback is not None:
            _safely(callback)
    _finals[:] = [each for each in _finals if each() is not None]
    for life in list(_lives):
        _safely(life.drain)


def _end() -> None:
    drain()
    for life in list(_lives):
        _safely(life.close)


def _terminated(number: int, _frame: FrameType | None) -> None:
    """SIGTERM where nobody else handles it: send what waits, then end as the signal would have."""
    drain()
    if os.getpid() != 1:  # the first process of a container ignores what it does not handle, and goes on
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _safely(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        _logger.exception("telemetry: %r failed", call)
