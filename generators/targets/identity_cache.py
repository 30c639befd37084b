"""A cache by identity: work that several targets share is done once for each value of the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar

Value = TypeVar("Value")
Result = TypeVar("Result")

MOST: Final = 2_000
"""Results that are kept; then all are forgotten. Models are rendered one by one, and a model has some hundred rules."""


def cached_by_identity(function: Callable[[Value], Result]) -> Callable[[Value], Result]:
    """Remember the results of a function by the identity of its argument.

    The argument is kept alive, so its identity stays its own; hashing a syntax tree would take as long as printing it.
    """
    known: dict[int, tuple[Value, Result]] = {}

    @wraps(function)
    def remembered(value: Value) -> Result:
        found = known.get(id(value))
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[id(value)] = (value, function(value))
        return found[1]

    return remembered
