"""The problems that an evaluation can have: one entry a code, from which the reference pages are written."""

from __future__ import annotations

from typing import Final

from generators.promql.problems import Code

EVALUATION_CODES: Final = (
    Code(
        "Q301",
        "two elements of a vector would have the same labels",
        "An operation removed the label that told two series apart, most often the metric name. Prometheus fails the "
        "whole query, and a rule that does so writes nothing. Keep the label, or aggregate.",
        'rate({__name__=~"requests_total|errors_total"}[5m])',
        'sum by (job) (rate({__name__=~"requests_total|errors_total"}[5m]))',
    ),
    Code(
        "Q302",
        "elements match many to many, or ambiguously",
        "Several elements of one side share the labels that are matched on, so it is not known which belongs to "
        "which. Aggregate that side, or say with `group_left` or `group_right` which side has many.",
        "errors_total / on (job) requests_total",
        "sum by (job) (errors_total) / on (job) sum by (job) (requests_total)",
    ),
    Code(
        "Q303",
        "a parameter has a value that its function cannot use",
        "Smoothing factors lie between 0 and 1, and the number of elements that `topk` keeps must fit 64 bits. "
        "The value may come from a metric and be wrong only at some times.",
        "topk(scalar(missing), latency)",
        "topk(5, latency)",
    ),
    Code(
        "Q304",
        "a label name, a regular expression or info series do not work out",
        "The regular expression of `label_replace` is checked only when the query runs, as are the names of the labels "
        "that it writes. `info` fails when two info series of one age describe the same series.",
        'label_replace(up, "host", "$1", "instance", "(.*")',
        'label_replace(up, "host", "$1", "instance", "(.*):.*")',
    ),
    Code(
        "Q305",
        "the evaluation would take too much memory or time",
        "The number of series times the number of steps, or the samples that all windows read, exceeds the limit. "
        "Nothing is wrong with the expression: shorten the time range, lengthen the step, or select fewer series.",
        "rate(requests_total[30d:1s])",
        "rate(requests_total[30d:5m])",
    ),
    Code(
        "Q306",
        "the expression reads native histograms",
        "The data hold native histograms where the expression selects them. The engine evaluates floats and classic "
        "histograms, so nothing reliable can be said of the result.",
        "rate(duration_seconds[5m])",
        "rate(duration_seconds_bucket[5m])",
    ),
    Code(
        "Q307",
        "a duration expression has no usable value",
        "Ranges and steps must be greater than zero once `step()` and `range()` are known; in an instant query both "
        "are zero.",
        "rate(requests_total[step()])",
        "rate(requests_total[max_of(step(), 5m)])",
    ),
    Code(
        "Q308",
        "a selector cannot be evaluated where it stands",
        "A range vector must be given to a function that takes one; extended ranges work with few functions; a hole of "
        "a template must be filled first.",
        "sum_over_time(requests_total[5m] anchored)",
        "increase(requests_total[5m] anchored)",
    ),
    Code(
        "Q309",
        "series data cannot be read",
        "Values are numbers, `_` for a missing sample, `stale`, or repetitions such as `0+10x5`. Files are load "
        "notation, an answer of query_range as JSON, or CSV with the columns timestamp and value.",
        "requests_total{code=500} 1 2 three",
        'requests_total{code="500"} 1 2 3',
    ),
    Code(
        "Q310",
        "an expression has the wrong type for its place",
        "A function or an operator got a scalar, a vector or a string where it needs another type. Check the "
        "expression before it is evaluated; that reports all such places at once.",
        "rate(requests_total)",
        "rate(requests_total[5m])",
    ),
)
