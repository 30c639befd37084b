"""``match`` and ``reReplaceAll``: RE2 patterns, unanchored, with Go's replacement syntax."""

from __future__ import annotations

import re

from generators.promql.regex import RegexError, translate
from generators.promql.templates.humanize import CallError

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")
LONGEST_TEXT = 100_000
"""Characters that a pattern is tried on; Python's matching, unlike RE2's, is not linear."""


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(translate(pattern, dot_all=False))
    except (RegexError, re.error, OverflowError, RecursionError) as error:
        raise CallError(f"error parsing regexp: {error}") from None


def matches(pattern: str, text: str) -> bool:
    """Tell whether the pattern is found anywhere in the text."""
    return _compile(pattern).search(_short(text)) is not None


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Replace every match; ``$1`` and ``${name}`` stand for groups, a group that is not there for nothing."""
    compiled = _compile(pattern)
    return compiled.sub(lambda match: _expand(replacement, match), _short(text))


def _expand(replacement: str, match: re.Match[str]) -> str:
    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        groups = match.re.groups if name.isascii() and name.isdigit() else 0
        if (groups and int(name) <= groups) or name == "0":
            return match[int(name)] or ""
        return match.groupdict().get(name) or ""

    return _REFERENCE.sub(group, replacement)


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise CallError(f"text of more than {LONGEST_TEXT} characters")
    return text
