"""A place in a regular expression, and the error that a pattern may raise there."""

from __future__ import annotations

import re
from typing import NoReturn


class RegexError(ValueError):
    """A pattern that Go would refuse; with ``unsupported``, one that only this translation lacks."""

    def __init__(self, message: str, *, unsupported: bool = False) -> None:
        super().__init__(message)
        self.unsupported = unsupported


class Reader:
    """The pattern, a place in it, and the names of the groups that opened before it (empty for one without)."""

    __slots__ = ("groups", "pattern", "place")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.groups: list[str] = []

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.place >= len(self.pattern)

    def peek(self, text: str) -> bool:
        """Whether ``text`` comes next."""
        return self.pattern.startswith(text, self.place)

    def take(self, text: str) -> bool:
        """Take ``text`` if it comes next; whether it did."""
        if not self.peek(text):
            return False
        self.place += len(text)
        return True

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take what ``pattern`` matches here."""
        match = pattern.match(self.pattern, self.place)
        if match:
            self.place = match.end()
        return match

    def stop(self, message: str, *, unsupported: bool = False) -> NoReturn:
        """Refuse the pattern."""
        raise RegexError(f"{message} in the regular expression `{self.pattern}`", unsupported=unsupported)
