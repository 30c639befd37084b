"""Checks durations: sign, size, and arithmetic that a version may not know."""

from __future__ import annotations

from generators.diagnostics import Code
from generators.formats.durations import LONGEST, format_duration
from generators.promql.checks.report import NOT_IN_VERSION, Report
from generators.promql.profiles import Feature
from generators.promql.syntax.ast import (
    Duration,
    DurationBinary,
    DurationCall,
    DurationExpr,
    DurationHole,
    DurationNumber,
)
from generators.promql.syntax.duration_parser import DURATION_RANGE
from generators.promql.syntax.walk import walk_duration

DURATION_DIVIDED_BY_ZERO = Code(
    "Q039",
    "a division by zero in a duration",
    "The duration has no value.",
    "rate(errors_total[5m / 0])",
    "rate(errors_total[5m / 2])",
)
SUBQUERY_RANGE = Code(
    "Q042",
    "the range of a subquery without a literal duration",
    "Prometheus 3.15 cannot read a colon after a range of calls only, such as `step()`.",
    "max_over_time(load[range():1m])",
    "max_over_time(load[range() + 0s:1m])",
)


_LITERALS = (Duration, DurationHole, DurationNumber)
_RENAMED = {"min": "min_of", "max": "max_of"}


def check_positive(report: Report, duration: DurationExpr, what: str) -> None:
    """Report the problems of a range or step, which must be longer than nothing."""
    if isinstance(duration, Duration) and duration.milliseconds <= 0:
        message = f"the {what} must be longer than 0, but is {format_duration(duration.milliseconds)}"
        report.add(DURATION_RANGE, message, duration.span)
        return
    check_offset(report, duration)


def check_literal(report: Report, duration: DurationExpr) -> None:
    """Report the range of a subquery without any literal: the lexer of Prometheus stumbles over its colon."""
    if not any(isinstance(part, _LITERALS) for part in walk_duration(duration)):
        message = "the range of a subquery needs a literal duration"
        report.add(SUBQUERY_RANGE, message, duration.span, "add `+ 0s` to it")


def check_offset(report: Report, duration: DurationExpr | None) -> None:
    """Report the problems of a duration of any sign."""
    if duration is None or isinstance(duration, DurationHole):
        return
    if not isinstance(duration, Duration):
        report.need(Feature.DURATION_EXPRESSIONS, duration.span)
    for part in walk_duration(duration):
        match part:
            case Duration(milliseconds=length) if abs(length) > LONGEST:
                report.add(DURATION_RANGE, "duration is out of range; Prometheus holds up to 292 years", part.span)
            case DurationNumber(value=seconds) if abs(seconds) * 1000 > LONGEST:
                report.add(DURATION_RANGE, "duration is out of range; Prometheus holds up to 292 years", part.span)
            case DurationBinary(op="/" | "%", right=Duration(milliseconds=0) | DurationNumber(value=0)):
                report.add(DURATION_DIVIDED_BY_ZERO, f"`{part.op} 0` in a duration", part.span)
            case DurationCall():
                _check_call(report, part)
            case _:
                pass


def _check_call(report: Report, call: DurationCall) -> None:
    """Prometheus 3.13 renamed ``min`` and ``max``."""
    newer = report.profile.version >= (3, 13)
    if newer and call.function in _RENAMED:
        help_ = f"it is called `{_RENAMED[call.function]}` since Prometheus 3.13"
        report.add(NOT_IN_VERSION, f"`{call.function}` is not a function of durations", call.span, help_)
    elif not newer and call.function in _RENAMED.values():
        help_ = f"it was called `{call.function[:3]}` before Prometheus 3.13"
        report.add(
            NOT_IN_VERSION, f"{report.profile.name} does not know `{call.function}` of durations", call.span, help_
        )
