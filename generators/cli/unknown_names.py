"""Names that a person gave and that nothing has, with what there is instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from generators.diagnostics import did_you_mean

_MOST: Final = 20
"""Names that are listed where none is near."""


class UnknownNameError(Exception):
    """Nothing goes by that name; the message says what does."""


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error about a name that nothing has."""
    names = sorted(set(known))
    listed = ", ".join(names[:_MOST]) + (f", … ({len(names)} in all)" if len(names) > _MOST else "")
    help_ = did_you_mean(name, names) or f"there are: {listed or 'none'}"
    return UnknownNameError(f"there is no {what} `{name}`; {help_}")
