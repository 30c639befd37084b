"""Pages of the problems of well-formed expressions that Prometheus would refuse: ``Q020`` to ``Q049``."""

from __future__ import annotations

from typing import Final

from generators.promql.problems import Code

TYPE_CODES: Final = (
    Code(
        "Q020",
        "an unknown function",
        "No version of Prometheus has a function of this name. Names are in lower case.",
        "rates(errors_total[5m])",
        "rate(errors_total[5m])",
    ),
    Code(
        "Q021",
        "the wrong number of arguments",
        "The function takes more or fewer arguments.",
        "histogram_quantile(latency_bucket)",
        "histogram_quantile(0.99, latency_bucket)",
    ),
    Code(
        "Q022",
        "an argument of the wrong type",
        "Each argument of a function has one type: scalar, instant vector, range vector or string.",
        "rate(errors_total)",
        "rate(errors_total[5m])",
    ),
    Code(
        "Q023",
        "the second argument of `info` is no list of matchers",
        "It chooses labels of the info metric, so it has braces but no metric name.",
        "info(up, target_info)",
        'info(up, {__name__="target_info"})',
    ),
    Code(
        "Q024",
        "an aggregation over the wrong type",
        "Aggregations work on instant vectors; their parameter is a scalar, for count_values a string.",
        "sum(errors_total[5m])",
        "sum(rate(errors_total[5m]))",
    ),
    Code(
        "Q025",
        "an operand of the wrong type",
        "Operators work on scalars and instant vectors.",
        "errors_total[5m] / requests_total[5m]",
        "rate(errors_total[5m]) / rate(requests_total[5m])",
    ),
    Code(
        "Q026",
        "`bool` on an operator that does not compare",
        "`bool` makes a comparison return 0 or 1 instead of filtering.",
        "errors_total + bool 1",
        "errors_total + 1",
    ),
    Code(
        "Q027",
        "a comparison of scalars without `bool`",
        "A comparison filters the elements of a vector. Two scalars have none, so the result can only be 0 or 1.",
        "scalar(up) > 0.5",
        "scalar(up) > bool 0.5",
    ),
    Code(
        "Q028",
        "a set operator on a scalar",
        "`and`, `or` and `unless` compare the labels of elements; scalars have none.",
        "sum(errors_total) or 0",
        "sum(errors_total) or vector(0)",
    ),
    Code(
        "Q029",
        "`group_left`, `group_right` or `fill` on a set operator",
        "Set operators match many elements with many and compute nothing.",
        "up and on (job) group_left () build_info",
        "up and on (job) build_info",
    ),
    Code(
        "Q030",
        "vector matching with a scalar",
        "Elements are matched by labels, and a scalar has none.",
        "errors_total > on (job) 5",
        "errors_total > 5",
    ),
    Code(
        "Q031",
        "a label in both `on` and `group_left` or `group_right`",
        "Labels in `on` are in the result anyway.",
        "up * on (job) group_left (job) build_info",
        "up * on (job) group_left () build_info",
    ),
    Code(
        "Q032",
        "a sign before the wrong type",
        "Only scalars and instant vectors can be negated.",
        "-errors_total[5m]",
        "-rate(errors_total[5m])",
    ),
    Code(
        "Q033",
        "a subquery over the wrong type",
        "A subquery evaluates an instant vector again and again.",
        "max_over_time(errors_total[5m][1h:])",
        "max_over_time(rate(errors_total[5m])[1h:])",
    ),
    Code(
        "Q034",
        "a metric name that is set twice",
        "A name before the braces and a matcher on `__name__` exclude each other.",
        'up{__name__="down"}',
        '{__name__=~"up|down"}',
    ),
    Code(
        "Q035",
        "a selector of everything",
        "Without a metric name, one matcher must refuse the empty string; otherwise all series would be read.",
        '{job=~".*"}',
        '{job=~".+"}',
    ),
    Code(
        "Q036",
        "a broken regular expression",
        "Prometheus uses RE2: there is no lookaround and no backreference. Patterns match whole values, so `^` "
        "and `$` are not needed.",
        'up{job=~"(?!test).*"}',
        'up{job!~"test.*"}',
    ),
    Code(
        "Q037",
        "an impossible label name",
        "Names of labels are not empty and are valid UTF-8.",
        'sum by ("") (up)',
        "sum by (job) (up)",
    ),
    Code(
        "Q038",
        "a duration out of range",
        "Ranges and steps are longer than zero; no duration is longer than 292 years.",
        "rate(errors_total[0s])",
        "rate(errors_total[5m])",
    ),
    Code(
        "Q039",
        "a division by zero in a duration",
        "The duration has no value.",
        "rate(errors_total[5m / 0])",
        "rate(errors_total[5m / 2])",
    ),
    Code(
        "Q040",
        "an experimental part of the language",
        "It works only if Prometheus is started with the flag that the message names. Elsewhere the rule file is "
        "refused as a whole.",
        "max_of(1, 2)",
        "max(vector(1) or on () vector(2))",
    ),
    Code(
        "Q041",
        "something that this version of Prometheus does not have",
        "It came with a later version, or went away with an earlier one.",
        "holt_winters(load[1h], 0.5, 0.5)",
        "avg_over_time(load[1h])",
    ),
    Code(
        "Q042",
        "the range of a subquery without a literal duration",
        "Prometheus 3.15 cannot read a colon after a range of calls only, such as `step()`.",
        "max_over_time(load[range():1m])",
        "max_over_time(load[range() + 0s:1m])",
    ),
)
