"""What looks personal wherever it stands: mail addresses, card and phone numbers."""

from __future__ import annotations

from typing import Final

from generators.planning.collector.ottl import quoted

MASK: Final = "****"
MAIL: Final = r"[\w.%+-]+@[\w.-]+\.[A-Za-z]{2,}"
CARD: Final = r"\b\d(?:[ -]?\d){12,18}\b"
PHONE: Final = r"(?:\+|\b00)\d{1,3}(?:[ .()-]{0,2}\d){6,12}\b"
PATTERN: Final = "|".join(f"(?:{each})" for each in (MAIL, CARD, PHONE))
"""One pattern, since several are tried in random order: a card before a phone, whose digits it would lose."""


def masked(path: str) -> str:
    """Return the statement that masks it in a text."""
    return f"replace_pattern({path}, {quoted(PATTERN)}, {quoted(MASK)})"


def all_masked(path: str) -> str:
    """Return the statement that masks it in the texts of a map."""
    return f'replace_all_patterns({path}, "value", {quoted(PATTERN)}, {quoted(MASK)})'
