"""A function for counters is given a gauge."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.catalogue import MetricType
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.lint.context import selectors_in_calls

_FOR_COUNTERS = frozenset(("rate", "irate", "increase", "resets"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find gauges under ``rate``, ``irate``, ``increase`` and ``resets``."""
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    for selector, ranged, call in selectors_in_calls(subject.expr):
        series = subject.catalogue.find(selector)
        if ranged is None or call is None or call.function not in _FOR_COUNTERS or series is None:
            continue
        if series.metric.type is MetricType.GAUGE:
            message = f"`{selector.name}` is a gauge: `{call.function}` takes each fall for a restart"
            yield Finding(message, span=call.span, help="use `delta`, `deriv` or `avg_over_time`")


RATE_OF_GAUGE = Code(
    "Q702",
    "`rate` of a gauge",
    "`rate`, `irate`, `increase` and `resets` take every fall of a value for a restart of the process and add the "
    "value back. A gauge falls all the time.",
    "rate(queue_length[5m]) > 5",
    "deriv(queue_length[5m]) > 5",
    Severity.WARNING,
)
CHECK = Check("rate-of-gauge", RATE_OF_GAUGE, find, needs_catalogue=True)
