"""An explanation, and what there is none for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from generators.language.problems import did_you_mean


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is printed for people, and the same as data."""

    text: str
    data: Any


class UnknownNameError(Exception):
    """Nothing goes by that name; the message says what does."""


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error about a name that nothing has."""
    names = sorted(set(known))
    listed = ", ".join(names[:20]) + (f", … ({len(names)} in all)" if len(names) > 20 else "")
    help_ = did_you_mean(name, names) or f"there are: {listed or 'none'}"
    return UnknownNameError(f"there is no {what} `{name}`; {help_}")
