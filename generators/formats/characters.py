"""Characters that a reviewer cannot see, or that change the direction of text."""

from __future__ import annotations

import re

INVISIBLE_CLASS = (
    "\\x00-\\x1f\\x7f-\\xa0\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f"
    "\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3164\\ud800-\\udfff\\ue000-\\uf8ff\\ufe00-\\ufe0e\\ufeff"
    "\\uffa0\\ufff0-\\uffff\\U000110bd\\U000110cd\\U0001d173-\\U0001d17a\\U000e0000-\\U0010ffff"
)
"""Control, format, private and unpaired characters, and spaces other than U+0020 and U+3000, for use in a class.

The list is fixed, so that output does not change with the Unicode tables of the running Python.
"""

INVISIBLE = re.compile(f"[{INVISIBLE_CLASS}]")
"""One such character."""


def one_line(text: str) -> str:
    """Return text without line breaks, characters that do not show, and runs of white space."""
    return " ".join(INVISIBLE.sub(" ", text).split())
