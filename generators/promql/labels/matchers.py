"""Which label values a matcher accepts."""

from __future__ import annotations

from functools import lru_cache

from generators.formats.re2 import RegexError, compile_regex
from generators.promql.syntax.ast import Matcher, MatchOp


def accepts_empty(matcher: Matcher) -> bool:
    """Whether a series without the label may match."""
    if matcher.op is MatchOp.EQUAL:
        return not matcher.value
    if matcher.op is MatchOp.NOT_EQUAL:
        return bool(matcher.value)
    return accepts(matcher, "")


def accepts(matcher: Matcher, value: str) -> bool:
    """Whether a series with this value of the label may match; True where a regular expression is not understood."""
    if matcher.op is MatchOp.EQUAL:
        return matcher.value == value
    if matcher.op is MatchOp.NOT_EQUAL:
        return matcher.value != value
    matches = matches_whole(matcher.value, value)
    return matches is None or matches is (matcher.op is MatchOp.REGEX)


@lru_cache(maxsize=4096)
def matches_whole(pattern: str, value: str) -> bool | None:
    """Whether the anchored pattern matches the value; None where the pattern cannot be used."""
    try:
        return compile_regex(pattern).match(value) is not None
    except RegexError:
        return None
