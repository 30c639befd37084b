"""What a matcher matches, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generators.alertmanager.config import Matcher
from generators.formats.re2 import compile_regex

_RESERVED = frozenset("{}!=~,\\\"'`")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def matches(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    """Whether a label set satisfies a matcher.

    A missing label is empty; a regular expression has to match the whole value. Raises RegexError for a
    pattern that Alertmanager would refuse (code M022).
    """
    value = labels.get(matcher.label, "")
    if matcher.op in {"=", "!="}:
        return (value == matcher.value) == (matcher.op == "=")
    found = compile_regex(matcher.value, dot_all=False).fullmatch(value) is not None
    return found == (matcher.op == "=~")


def matches_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether a label set satisfies every matcher; no matchers match everything."""
    return all(matches(matcher, labels) for matcher in matchers)


def format_matcher(matcher: Matcher) -> str:
    """Print a matcher so that the classic and the UTF-8 parser of Alertmanager read the same thing.

    The value is always quoted and escaped; a name is quoted only if it has to be, as only the UTF-8 parser
    knows quoted names.
    """
    label = matcher.label
    if not label or any(char in _RESERVED or char.isspace() for char in label):
        label = f'"{label.translate(_ESCAPES)}"'
    return f'{label}{matcher.op}"{matcher.value.translate(_ESCAPES)}"'


def format_matchers(matchers: Iterable[Matcher]) -> str:
    """Print matchers in braces and in Alertmanager's order (label, value, operator), as in its group keys."""
    ordered = sorted(matchers, key=lambda m: (m.label, m.value, ("=", "!=", "=~", "!~").index(m.op)))
    return "{" + ",".join(format_matcher(matcher) for matcher in ordered) + "}"
