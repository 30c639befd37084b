"""What this library says of itself in the log: each thing once, and nothing that may be personal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

LOGGER: Final = logging.getLogger("otel")
"""Where this library says what went wrong inside it."""

Emit: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Writes an OpenTelemetry log event: its name, and its attributes beyond those that all events of the model carry."""


class Once:
    """Says each thing once in its life, so that a failure a request does not fill the log."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[str] = set()

    def warn(self, key: str, message: str, *arguments: object, error: BaseException | None = None) -> None:
        """Log a warning, with the traceback of ``error``, unless one with this key was logged before."""
        if key not in self._said:
            self._said.add(key)
            LOGGER.warning(message, *arguments, exc_info=error)
