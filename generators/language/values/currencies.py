"""Money of models that pay in different currencies: what is told of them together has none of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

CURRENCY: Final = "{currency}"
"""What packs write in units for the currency of a model's price list."""

_CODE: Final = re.compile(r"\{[A-Z]{3}\}")


def shared_unit(units: Iterable[str]) -> str:
    """Return the unit of what several models have: the first's, with `{currency}` where their currencies differ."""
    found = tuple(dict.fromkeys(units))
    return found[0] if len(found) == 1 or not comparable(*found) else _CODE.sub(CURRENCY, found[0])


def comparable(*units: str) -> bool:
    """Whether units are the same but for the currency in them."""
    return len({_CODE.sub(CURRENCY, unit) for unit in units}) == 1
