"""Personal data out of text: what looks like an address, a number of a card or account, or a secret becomes ``****``.

The kinds stand in ``redaction.json``, as data.  They make one alternation, tried from left to right at each place, in
the syntax that Go's RE2 and Python's re share; it is at least as strict as the one with which the Collector agent masks
attributes.  Names of people cannot be found so: what
may hold them is not to be recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

MASK: Final = "****"
"""What stands where personal data stood; nothing here matches it."""


def _kinds() -> dict[str, str]:
    """Return the pattern of each kind, in the order of the table.

    Repetitions that another character has to follow are bounded there: Python's re would need quadratic time for long
    words.  RFC 5321 allows 64 characters before the @ of an address and 255 after it.
    """
    table = json.loads(resources.files("otel").joinpath("redaction.json").read_text("utf-8"))
    return {each["kind"]: each["pattern"] for each in table["kinds"]}


@cache
def pattern() -> str:
    """Return the alternation, for RE2 as for Python's re with re.ASCII."""
    return "|".join(f"(?:{each})" for each in _kinds().values())


LIMIT: Final = 16_384
"""Characters of one text that are kept at most."""

_DEPTH: Final = 8


@cache
def _compiled() -> re.Pattern[str]:
    """Compile at first use: most services record no content."""
    return re.compile(pattern(), re.ASCII)


def redact(text: str) -> str:
    """Return the text with personal data masked."""
    while True:
        masked = _compiled().sub(MASK, text)
        if masked == text:
            return text
        text = masked  # a mask may lay bare the beginning of something that was joined to what it hides


def redact_value(value: Any, depth: int = _DEPTH) -> Any:
    """Return what JSON can hold of a value of any kind, with personal data masked in texts, keys and numbers.

    Texts are cut at LIMIT characters; what is nested more deeply than eight levels is masked.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redact(value[: 4 * LIMIT])[:LIMIT]
    if isinstance(value, (int, float)):
        return value if redact(str(value)) == str(value) else MASK
    if depth == 0:
        return MASK
    if isinstance(value, Mapping):
        return {redact(str(key)): redact_value(each, depth - 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_value(each, depth - 1) for each in value]
    dump = getattr(value, "model_dump", None)
    return redact_value(dump() if callable(dump) else str(value), depth - 1)
