"""What this library says of itself in the log: each thing once, bounded, and nothing that may be personal."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

LOGGER: Final = logging.getLogger("otel")
"""Where this library says what went wrong inside it."""

MOST: Final = 100
"""Different things of which one part of the library speaks at most: what callers send must not fill the log."""

Emit: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Writes an OpenTelemetry log event: its name, and its attributes beyond those that all events of the model carry."""

T = TypeVar("T", bound=type)
F = TypeVar("F", bound=Callable[..., Any])


class Once:
    """Says each thing once in its life, and no more than so many things, so that no failure fills the log."""

    __slots__ = ("_most", "_said")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._said: set[str] = set()

    def warn(self, key: str, message: str, *arguments: object, error: BaseException | None = None) -> None:
        """Log a warning, with the traceback of ``error``, unless one with this key was logged before."""
        if key in self._said or len(self._said) > self._most:
            return
        self._said.add(key)
        if len(self._said) > self._most:
            LOGGER.warning("%d different warnings of this kind were logged; further ones are not", self._most)
        else:
            LOGGER.warning(message, *arguments, exc_info=error)


_FAILURES: Final = Once()

_INSTEAD: Final[Mapping[str, Any]] = {"bool": False, "int": 0}
"""What a method returns that failed, by the name of its return type; None for all others."""


_MARK: Final = "_guards_itself"


def guards_itself(function: F) -> F:
    """Leave a method out of `guarded`: it is called for every prediction, and catches by itself what goes wrong."""
    setattr(function, _MARK, True)
    return function


def report_failure(where: str, error: Exception) -> None:
    """Log once that something inside this library failed, and that nothing was recorded of it."""
    said = f"{where}: {type(error).__name__}"
    _FAILURES.warn(said, "%s failed inside, and nothing was recorded", where, error=error)


def guarded(cls: T) -> T:
    """Let no public method of a class raise: what goes wrong inside is logged once, and a service goes on.

    A method that failed returns False or 0 where it says that it returns such, else None.
    """
    for name, function in list(vars(cls).items()):
        if inspect.isfunction(function) and not name.startswith("_") and not hasattr(function, _MARK):
            setattr(cls, name, _guarded(function))
    return cls


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    instead = _INSTEAD.get(str(function.__annotations__.get("return")))

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        except Exception as error:
            report_failure(function.__qualname__, error)
            return instead

    return call
