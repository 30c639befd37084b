"""Personal data out of text: what looks like an address, a number of a card or account, or a secret becomes ``****``.

One alternation, tried from left to right at each place, in the syntax that Go's RE2 and Python's re share; it is at
least as strict as the one with which the Collector agent masks attributes.  Names of people cannot be found so: what
may hold them is not to be recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

MASK: Final = "****"
"""What stands where personal data stood; nothing here matches it."""

_BEYOND_ASCII = "\xa1-\U0010fffd"
_SEPARATOR = "[ .\xa0\u2010-\u2015-]"

# Repetitions that another character has to follow are bounded: Python's re would need quadratic time for long words.
# RFC 5321 allows 64 characters before the @ and 255 after it.
_PARTS: Final = {
    "e-mail address": rf"[\w.%+{_BEYOND_ASCII}-]{{1,64}}@[\w.{_BEYOND_ASCII}-]{{1,255}}\.[A-Za-z{_BEYOND_ASCII}]{{2,}}",
    "key of an interface": r"\b(?:sk|pk|rk|gh[opsu]|xox[abprs]|AKIA|AIza)[A-Za-z0-9_-]{14,}",
    "signed token": r"\beyJ[\w-]{8,512}\.[\w-]+(?:\.[\w-]*)?",
    "bank account": r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}",
    "card": rf"\d(?:{_SEPARATOR}?\d){{12,18}}",
    "telephone": r"(?:\+|\b00)\d{1,3}(?:[ ./()\xa0-]{0,3}\d){5,14}",
    "national telephone": rf"\b0\d{{2,4}}[ /]{{1,3}}\d(?:{_SEPARATOR}?\d){{4,9}}",
    "American telephone": r"(?:\(\d{3}\) ?|\b\d{3}[ .-])\d{3}[ .-]\d{4}\b",
    "social security": r"\b\d{3}-\d{2}-\d{4}\b",
    "network address": r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
}

PATTERN: Final = "|".join(f"(?:{each})" for each in _PARTS.values())
"""The alternation, for RE2 as for Python's re with re.ASCII."""

LIMIT: Final = 16_384
"""Characters of one text that are kept at most."""

_DEPTH: Final = 8


@cache
def _compiled() -> re.Pattern[str]:
    """Compile at first use: most services record no content."""
    return re.compile(PATTERN, re.ASCII)


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
