"""A bucket is selected by a text that no bucket has."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.syntax.ast import Matcher, MatchOp
from generators.promql.syntax.walk import selectors


def find(subject: Subject) -> Iterator[Finding]:
    """Find ``le`` matchers whose text is not how the bound is stored, or whose bound the histogram lacks."""
    for selector in selectors(subject.expr):
        series = None if subject.catalogue is None else subject.catalogue.find(selector)
        buckets = () if series is None else series.metric.buckets
        for matcher in selector.matchers:
            if matcher.label == "le" and matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
                yield from _findings(matcher, buckets, subject.settings.integer_le_suffix)


def _findings(matcher: Matcher, buckets: tuple[float, ...], suffix: bool) -> Iterator[Finding]:
    text, bound = matcher.value, _bound(matcher)
    if suffix and text.isdecimal():
        message = f'`le="{text}"` selects nothing: Prometheus 3 stores this bound as `{text}.0`'
        yield Finding(message, span=matcher.span, help=f'write `le=~"{text}(\\\\.0)?"` to fit all versions')
    elif bound is not None and buckets and not any(isclose(bound, known) for known in buckets):
        shown = ", ".join(f"{known:g}" for known in buckets)
        yield Finding(f"no bucket ends at {text}", span=matcher.span, help=f"the histogram's bounds are {shown}")


def _bound(matcher: Matcher) -> float | None:
    try:
        value = float(matcher.value)
    except ValueError:
        return None
    return None if value == float("inf") else value


LE_TEXT = Code(
    "Q711",
    "a bucket is selected by a bound that is not there",
    'The bound of a bucket is text. Since version 3 Prometheus stores whole numbers with `.0`, so `le="1"` selects '
    "nothing. And a bound between two buckets selects nothing at all.",
    'latency_seconds_bucket{le="1"}',
    'latency_seconds_bucket{le="1.0"}',
    Severity.WARNING,
)
CHECK = Check("le-text", LE_TEXT, find)
