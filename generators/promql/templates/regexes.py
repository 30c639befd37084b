"""``match`` and ``reReplaceAll``: RE2 patterns, unanchored, with Go's replacement syntax."""

from __future__ import annotations

import re

from generators.formats.re2 import RegexError, expand, group_names, search_regex
from generators.promql.templates.humanize import CallError

LONGEST_TEXT = 100_000
"""Characters that a pattern is tried on; Python's matching, unlike RE2's, is not linear."""


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return search_regex(pattern)
    except RegexError as error:
        raise CallError(f"error parsing regexp: {error}") from None


def matches(pattern: str, text: str) -> bool:
    """Tell whether the pattern is found anywhere in the text."""
    return _compile(pattern).search(_short(text)) is not None


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Replace every match; ``$1`` and ``${name}`` stand for groups, a group that is not there for nothing."""
    compiled, names = _compile(pattern), group_names(pattern)
    return compiled.sub(lambda match: expand(replacement, match, names), _short(text))


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise CallError(f"text of more than {LONGEST_TEXT} characters")
    return text
