"""Checks selectors: names, matchers, regular expressions, labels."""

from __future__ import annotations

import re

from generators.diagnostics import Code, Severity, Span, TextFinding
from generators.formats.re2 import RegexError, compile_regex, translate
from generators.promql.checks.durations import check_offset
from generators.promql.checks.report import Report
from generators.promql.profiles import Feature
from generators.promql.syntax.ast import Matcher, MatchOp, VectorSelector
from generators.promql.syntax.literals import quote
from generators.promql.syntax.selector_parser import METRIC_NAME

NAME_TWICE = Code(
    "Q034",
    "a metric name that is set twice",
    "A name before the braces and a matcher on `__name__` exclude each other.",
    'up{__name__="down"}',
    '{__name__=~"up|down"}',
)
SELECTOR_OF_EVERYTHING = Code(
    "Q035",
    "a selector of everything",
    "Without a metric name, one matcher must refuse the empty string; otherwise all series would be read.",
    '{job=~".*"}',
    '{job=~".+"}',
)
BROKEN_PATTERN = Code(
    "Q036",
    "a broken regular expression",
    "Prometheus uses RE2: there is no lookaround and no backreference. Patterns match whole values, so `^` "
    "and `$` are not needed.",
    'up{job=~"(?!test).*"}',
    'up{job!~"test.*"}',
)
LABEL_NAME = Code(
    "Q037",
    "an impossible label name",
    "Names of labels are not empty and are valid UTF-8.",
    'sum by ("") (up)',
    "sum by (job) (up)",
)


_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*")
_REGEXES = (MatchOp.REGEX, MatchOp.NOT_REGEX)


def check_selector(report: Report, selector: VectorSelector, *, may_be_empty: bool = False) -> None:
    """Report the problems of a selector; ``may_be_empty`` allows one that selects everything."""
    if selector.offset is not None:
        check_offset(report, selector.offset)
    if selector.modifier:
        report.need(Feature.EXTENDED_RANGES, selector.span)
    if selector.name is not None and not _METRIC.fullmatch(selector.name):
        report.need(Feature.UTF8_NAMES, selector.span)
    sound = True
    for matcher in selector.matchers:
        if not _LABEL.fullmatch(matcher.label):
            report.need(Feature.UTF8_NAMES, matcher.span)
        if matcher.op in _REGEXES:
            sound &= _check_regex(report, matcher)
        if matcher.label == METRIC_NAME and selector.name is not None:
            message = f"the metric name is set twice: `{selector.name}` and `{matcher.value}`"
            report.add(NAME_TWICE, message, matcher.span, "delete one of them")
    if not selector.name and sound and not may_be_empty and not _selects_something(report, selector):
        message = "the selector has no matcher that refuses the empty string, so it would select all series"
        report.add(SELECTOR_OF_EVERYTHING, message, selector.span, 'name a metric, or write label!="" or label=~".+"')


def _check_regex(report: Report, matcher: Matcher) -> bool:
    """Report a regular expression that RE2 refuses; return whether it can be used."""
    try:
        translate(matcher.value, report.profile.dot_all)
    except RegexError as error:
        kind = BROKEN_PATTERN.as_(Severity.WARNING) if error.unsupported else BROKEN_PATTERN
        report.problems.append(TextFinding(kind, str(error), matcher.span))
        return False
    return True


def _selects_something(report: Report, selector: VectorSelector) -> bool:
    return any(not _accepts_empty(report, matcher) for matcher in selector.matchers)


def _accepts_empty(report: Report, matcher: Matcher) -> bool:
    if matcher.op in _REGEXES:
        matches = compile_regex(matcher.value, report.profile.dot_all).match("") is not None
    else:
        matches = matcher.value == ""
    return matches == (matcher.op in (MatchOp.EQUAL, MatchOp.REGEX))


def check_labels(report: Report, labels: tuple[str, ...], span: Span) -> None:
    """Report labels of a grouping clause that cannot be labels."""
    for label in labels:
        if not label:
            report.add(LABEL_NAME, "a label cannot have an empty name", span, "delete it")
        elif any("\ud800" <= character <= "\udfff" for character in label):
            report.add(LABEL_NAME, f"label {quote(label)} is not valid UTF-8", span, "use characters, not bytes")
        elif not _LABEL.fullmatch(label):
            report.need(Feature.UTF8_NAMES, span)
