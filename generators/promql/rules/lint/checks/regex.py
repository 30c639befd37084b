"""A regular expression that is none, or says more than it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Matcher, MatchOp
from generators.promql.syntax.walk import selectors

_SPECIAL = re.compile(r"[.*+?()|\\[\]{}^$]")
_EVERYTHING = frozenset((".*", "(.*)", "^.*$"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find redundant anchors, patterns without special characters, patterns that match everything."""
    for selector in selectors(subject.expr):
        for matcher in selector.matchers:
            if matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
                yield from _findings(matcher)


def _findings(matcher: Matcher) -> Iterator[Finding]:
    pattern = matcher.value
    if pattern in _EVERYTHING:
        result = "everything" if matcher.op is MatchOp.REGEX else "nothing"
        yield Finding(f'`{matcher.label}{matcher.op}"{pattern}"` selects {result}', span=matcher.span, help="remove it")
        return
    if pattern.startswith("^") or (pattern.endswith("$") and not pattern.endswith("\\$")):
        message = "patterns are anchored at both ends already"
        yield Finding(message, span=matcher.span, help="leave out `^` and `$`")
        return
    if pattern and not _SPECIAL.search(pattern):
        plain = "=" if matcher.op is MatchOp.REGEX else "!="
        message = f"`{matcher.op}` with a pattern that is plain text"
        yield Finding(message, span=matcher.span, help=f'write `{matcher.label}{plain}"{pattern}"`')


REGEX = Code(
    "Q713",
    "a regular expression that is none",
    "A pattern must match the whole value, so anchors do nothing. A pattern without special characters is an equality, "
    "which is faster and says so, and which `absent` and the label algebra understand. `.*` matches everything.",
    'up{job=~"^scorer$"}',
    'up{job="scorer"}',
    Severity.WARNING,
)
CHECK = Check("regex", REGEX, find)
