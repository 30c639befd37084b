"""A range holds too few samples."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.formats.durations import format_duration
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.lint.context import selectors_in_calls
from generators.promql.syntax.ast import Duration

_NEED_TWO = frozenset(("rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"))
NEEDED, WANTED = 2, 4


def find(subject: Subject) -> Iterator[Finding]:
    """Find ranges shorter than two (error) or four (warning) intervals of the metric, for functions that need two."""
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    for selector, ranged, call in selectors_in_calls(subject.expr):
        series = subject.catalogue.find(selector)
        if ranged is None or call is None or call.function not in _NEED_TWO or series is None:
            continue
        interval = series.metric.interval
        if not interval or not isinstance(ranged.range, Duration):
            continue
        samples = ranged.range.milliseconds / interval
        if samples < WANTED:
            few = samples < NEEDED
            length, step = format_duration(ranged.range.milliseconds), format_duration(interval)
            why = "holds no two samples" if few else "is empty as soon as a sample or two are late"
            message = f"`[{length}]` of `{selector.name}`, which has a sample every {step}, {why}"
            wanted = format_duration(WANTED * interval)
            kind = SHORT_RANGE.as_(Severity.ERROR) if few else SHORT_RANGE
            yield Finding(message, span=ranged.span, help=f"use at least `[{wanted}]`", kind=kind)


SHORT_RANGE = Code(
    "Q705",
    "a range of fewer than four samples",
    "`rate` and its kin need two samples in the range. A range is open on the left, so one of exactly two intervals "
    "often holds a single sample; four intervals survive a late or lost one.",
    "rate(http_requests_total[1m])  # scraped every 30s",
    "rate(http_requests_total[2m])",
    Severity.WARNING,
)
CHECK = Check("short-range", SHORT_RANGE, find, needs_catalogue=True)
