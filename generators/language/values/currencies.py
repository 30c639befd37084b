"""Units that depend on the model: the currency that it pays in, and what it predicts.

What is told of models together that pay in different currencies has none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

CURRENCY: Final = "{currency}"
"""What packs write in units for the currency of a model's price list."""

TARGET: Final = "{target}"
"""What packs write for the unit of what a model predicts, which errors are in, too."""

_CODE: Final = re.compile(r"\{[A-Z]{3}\}")


def shared_unit(units: Iterable[str]) -> str:
    """Return the unit of what several models have: the first's, with `{currency}` where their currencies differ."""
    found = tuple(dict.fromkeys(units))
    return found[0] if len(found) == 1 or not comparable(*found) else _CODE.sub(CURRENCY, found[0])


def comparable(*units: str) -> bool:
    """Whether units are the same but for the currency in them."""
    return len({_CODE.sub(CURRENCY, unit) for unit in units}) == 1


def units_of_model(currency: str, predicted: str) -> tuple[tuple[str, str], ...]:
    """Return the holes of units with a model's own; a prediction in no unit, or in 1, is an amount and no share."""
    target = (TARGET, predicted if predicted not in ("", "1") else "{value}")
    return ((CURRENCY, f"{{{currency}}}"), target) if currency else (target,)
