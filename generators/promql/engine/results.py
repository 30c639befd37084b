"""What an evaluation gives back, and what may stop it.

Inside the engine a problem travels as the exception `Failure`; `evaluate` turns it into a value, so that no caller
sees a traceback for a user's mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from generators.diagnostics import Code, Span, TextFinding
from generators.promql.engine.go_text import format_general
from generators.promql.engine.series.labels import Labels

DUPLICATE_LABELS = Code(
    "Q301",
    "two elements of a vector would have the same labels",
    "An operation removed the label that told two series apart, most often the metric name. Prometheus fails the "
    "whole query, and a rule that does so writes nothing. Keep the label, or aggregate.",
    'rate({__name__=~"requests_total|errors_total"}[5m])',
    'sum by (job) (rate({__name__=~"requests_total|errors_total"}[5m]))',
)
MANY_TO_MANY = Code(
    "Q302",
    "elements match many to many, or ambiguously",
    "Several elements of one side share the labels that are matched on, so it is not known which belongs to "
    "which. Aggregate that side, or say with `group_left` or `group_right` which side has many.",
    "errors_total / on (job) requests_total",
    "sum by (job) (errors_total) / on (job) sum by (job) (requests_total)",
)
BAD_PARAMETER = Code(
    "Q303",
    "a parameter has a value that its function cannot use",
    "Smoothing factors lie between 0 and 1, and the number of elements that `topk` keeps must fit 64 bits. "
    "The value may come from a metric and be wrong only at some times.",
    "topk(scalar(missing), latency)",
    "topk(5, latency)",
)
BAD_LABELS = Code(
    "Q304",
    "a label name, a regular expression or info series do not work out",
    "The regular expression of `label_replace` is checked only when the query runs, as are the names of the labels "
    "that it writes. `info` fails when two info series of one age describe the same series.",
    'label_replace(up, "host", "$1", "instance", "(.*")',
    'label_replace(up, "host", "$1", "instance", "(.*):.*")',
)
LIMIT = Code(
    "Q305",
    "the evaluation would take too much memory or time",
    "The number of series times the number of steps, or the samples that all windows read, exceeds the limit. "
    "Nothing is wrong with the expression: shorten the time range, lengthen the step, or select fewer series.",
    "rate(requests_total[30d:1s])",
    "rate(requests_total[30d:5m])",
)
NATIVE_HISTOGRAM = Code(
    "Q306",
    "the expression reads native histograms",
    "The data hold native histograms where the expression selects them. The engine evaluates floats and classic "
    "histograms, so nothing reliable can be said of the result.",
    "rate(duration_seconds[5m])",
    "rate(duration_seconds_bucket[5m])",
)
BAD_DURATION = Code(
    "Q307",
    "a duration expression has no usable value",
    "Ranges and steps must be greater than zero once `step()` and `range()` are known; in an instant query both "
    "are zero.",
    "rate(requests_total[step()])",
    "rate(requests_total[max_of(step(), 5m)])",
)
BAD_SELECTOR = Code(
    "Q308",
    "a selector cannot be evaluated where it stands",
    "A range vector must be given to a function that takes one; extended ranges work with few functions; a hole of "
    "a template must be filled first.",
    "sum_over_time(requests_total[5m] anchored)",
    "increase(requests_total[5m] anchored)",
)
BAD_SERIES = Code(
    "Q309",
    "series data cannot be read",
    "Values are numbers, `_` for a missing sample, `stale`, or repetitions such as `0+10x5`. Files are load "
    "notation, an answer of query_range as JSON, or CSV with the columns timestamp and value.",
    "requests_total{code=500} 1 2 three",
    'requests_total{code="500"} 1 2 3',
)
BAD_TYPE = Code(
    "Q310",
    "an expression has the wrong type for its place",
    "A function or an operator got a scalar, a vector or a string where it needs another type. Check the "
    "expression before it is evaluated; that reports all such places at once.",
    "rate(requests_total)",
    "rate(requests_total[5m])",
)


Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]
Indices: TypeAlias = NDArray[np.intp]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class SeriesResult:
    """One series of a matrix: timestamps in ms and the values at them."""

    labels: Labels
    timestamps: Times
    values: Floats


@dataclass(frozen=True, slots=True)
class ScalarValue:
    """The result of an instant query for a scalar."""

    value: float


@dataclass(frozen=True, slots=True)
class StringValue:
    """The result of a query for a string."""

    value: str


@dataclass(frozen=True, slots=True)
class VectorValue:
    """The result of an instant query for a vector, in the order that sorting functions gave it."""

    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class MatrixValue:
    """The result of a range query (or of an instant query for a range vector), ordered by labels."""

    series: tuple[SeriesResult, ...]


Value: TypeAlias = ScalarValue | StringValue | VectorValue | MatrixValue


@dataclass(frozen=True, slots=True)
class Result:
    """Value, warnings and infos of an evaluation; ``error`` is set, and ``value`` None, when it failed.

    Warnings and infos are Prometheus' texts, each with its position as ``(line:column)`` when the text of the
    query was given.
    """

    value: Value | None
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    error: TextFinding | None = None


class Failure(Exception):  # noqa: N818 - it never leaves the engine
    """Stops an evaluation; carries the problem that `evaluate` returns."""

    def __init__(self, kind: Code, message: str, span: Span, remedy: str = "") -> None:
        super().__init__(message)
        self.problem = TextFinding(kind, message, span, remedy)


@dataclass(frozen=True, slots=True)
class Repair:
    """How buckets were made monotonic: between which bounds, by how much at most, in how many samples, when (ms)."""

    lowest: float
    highest: float
    difference: float
    samples: int
    first: int
    last: int

    def merged(self, other: Repair) -> Repair:
        """Both repairs as one."""
        return Repair(
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            max(self.difference, other.difference),
            self.samples + other.samples,
            min(self.first, other.first),
            max(self.last, other.last),
        )

    def text(self) -> str:
        """As Prometheus appends it to the info."""
        first, last = (datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for ms in self.times)
        return (
            f", from buckets {format_general(self.lowest)} to {format_general(self.highest)}, "
            f"with a max diff of {self.difference:.2g}, over {self.samples} samples from {first} to {last}"
        )

    @property
    def times(self) -> tuple[int, int]:
        """When the first and the last repaired sample was, in ms."""
        return self.first, self.last


@dataclass(slots=True)
class Annotations:
    """Warnings and infos, one for each distinct text.

    Of equal ones the last one's position is shown, of repairs the first one's, as in Prometheus.
    """

    found: dict[str, Span] = field(default_factory=dict)
    repairs: dict[str, Repair] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def warn(self, text: str, span: Span) -> None:
        """Add a warning."""
        self.found["PromQL warning: " + text] = span

    def warn_often(self, text: str, span: Span, count: int) -> None:
        """Add a warning that tells how often it came up."""
        key = "PromQL warning: " + text
        self.found[key] = span
        self.counts[key] = self.counts.get(key, 0) + count

    def inform(self, text: str, span: Span, repair: Repair | None = None) -> None:
        """Add an info; repairs of equal infos are told as one."""
        key = "PromQL info: " + text
        known = self.repairs.get(key)
        if known is None:
            self.found[key] = span
        if repair is not None:
            self.repairs[key] = repair if known is None else known.merged(repair)

    def texts(self, query: str, prefix: str) -> tuple[str, ...]:
        """All texts that start with a prefix, each with its position in the query."""
        return tuple(
            text + self._detail(text) + _position(query, span)
            for text, span in self.found.items()
            if text.startswith(prefix)
        )

    def _detail(self, text: str) -> str:
        if text in self.repairs:
            return self.repairs[text].text()
        count = self.counts.get(text, 1)
        return f" ({count} occurrences)" if count > 1 else ""


def _position(query: str, span: Span) -> str:
    if not query or not 0 <= span.start <= len(query):
        return ""
    before = query[: span.start]
    return f" ({before.count(chr(10)) + 1}:{span.start - (before.rfind(chr(10)) + 1) + 1})"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use.

    ``cells`` bounds one intermediate table (series × steps, 9 bytes a cell); ``samples`` bounds the sum of samples
    that are read over the whole evaluation.
    """

    cells: int = 150_000_000
    samples: int = 2_000_000_000
