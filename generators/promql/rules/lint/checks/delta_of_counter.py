"""A function for gauges is given a counter."""

from __future__ import annotations

from collections.abc import Iterator

from generators.diagnostics import Code, Severity
from generators.promql.rules.lint.check import Check, Finding, Subject
from generators.promql.rules.lint.context import selectors_in_calls

_FOR_GAUGES = frozenset(("delta", "idelta", "deriv", "predict_linear", "holt_winters", "double_exponential_smoothing"))


def find(subject: Subject) -> Iterator[Finding]:
    """Find counters under ``delta``, ``deriv`` and the like."""
    assert subject.catalogue is not None  # noqa: S101 - the check needs one
    for selector, ranged, call in selectors_in_calls(subject.expr):
        series = subject.catalogue.find(selector)
        if ranged is None or call is None or call.function not in _FOR_GAUGES or series is None:
            continue
        if series.is_counter:
            message = f"`{selector.name}` is a counter: `{call.function}` turns each restart into a deep fall"
            yield Finding(message, span=call.span, help="use `increase` or `rate`")


DELTA_OF_COUNTER = Code(
    "Q703",
    "`delta` of a counter",
    "`delta`, `idelta`, `deriv` and `predict_linear` know nothing of restarts: where a counter starts again from "
    "zero they see a fall.",
    "delta(http_requests_total[1h])",
    "increase(http_requests_total[1h])",
    Severity.WARNING,
)
CHECK = Check("delta-of-counter", DELTA_OF_COUNTER, find, needs_catalogue=True)
