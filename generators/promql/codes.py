"""The problems that PromQL can have: one entry a code, from which the reference pages are written.

``Q0xx`` is about the text and its types, ``Q1xx`` about labels, ``Q30x`` and ``Q31x`` about evaluations, ``Q32x`` about
conformance scripts. Those of rule files, ``Q5xx`` to ``Q7xx``, are in ``rules.codes``.
"""

from __future__ import annotations

from typing import Final

from generators.promql.evaluation_codes import EVALUATION_CODES
from generators.promql.problems import Code
from generators.promql.syntax_codes import SYNTAX_CODES
from generators.promql.type_codes import TYPE_CODES

__all__ = ["CODES", "Code"]

_LABELS = (
    Code(
        "Q101",
        "a matcher names a label that the metric does not have",
        "A missing label counts as empty, so a matcher that does not accept the empty string selects "
        "nothing: the rule stays silent for ever. Usually the label is misspelt.",
        'ml_prediction_count_total{modle_name="churn"}',
        'ml_prediction_count_total{model_name="churn"}',
    ),
    Code(
        "Q102",
        "the matchers exclude each other, or all series",
        "No series can satisfy all matchers at once, so the selector selects nothing.",
        'up{job="a", job="b"}',
        'up{job=~"a|b"}',
    ),
    Code(
        "Q103",
        "the sides of an operator can never match: one lacks a label",
        "Elements match when all labels that take part are equal. One side always has a label that the "
        "other never has, so nothing matches and the result is empty. Aggregate both sides by the same "
        "labels, or name the common ones with `on`.",
        "sum by (job) (errors_total) / sum by (job, instance) (requests_total)",
        "sum by (job) (errors_total) / sum by (job) (requests_total)",
    ),
    Code(
        "Q104",
        "the sides of an operator can never match: a label has two values",
        "Both sides have a label with a known value, and the values differ. Leave the label out with "
        "`ignoring` or aggregate it away.",
        'rate(requests_total{code="500"}[5m]) / rate(requests_total{code="200"}[5m])',
        'rate(requests_total{code="500"}[5m]) / ignoring (code) rate(requests_total{code="200"}[5m])',
    ),
    Code(
        "Q105",
        "a side cannot have a label that it is matched on",
        "The label counts as empty on that side. It matches only elements of the other side without the "
        "label, or does nothing at all.",
        "errors / on (job, zone) sum by (job) (requests)",
        "errors / on (job) sum by (job) (requests)",
    ),
    Code(
        "Q106",
        "`group_left` or `group_right` takes a label that the other side cannot have",
        "The label would be removed from the result instead of being added to it.",
        "up * on (instance) group_left (version) max by (instance) (build_info)",
        "up * on (instance) group_left (version) max by (instance, version) (build_info)",
    ),
    Code(
        "Q107",
        "both sides keep labels that are not matched on",
        "Several elements of both sides may share the labels that are matched on; many-to-many matching "
        "is an error when the rule runs. Aggregate the sides first.",
        "errors_total / on (job) requests_total",
        "sum by (job) (errors_total) / on (job) sum by (job) (requests_total)",
    ),
    Code(
        "Q108",
        "one side keeps labels that are not matched on",
        "Several elements of that side may match one element of the other. That is an error when the "
        "rule runs unless `group_left` or `group_right` says which side has many.",
        "errors_total / on (job) sum by (job) (requests_total)",
        "errors_total / on (job) group_left () sum by (job) (requests_total)",
    ),
    Code(
        "Q109",
        "`unless` never removes anything",
        "No element of the right side can match one of the left, so the operator does nothing and the "
        "exception that it was to make is not made.",
        "sum by (job) (errors) > 1 unless sum by (zone) (maintenance)",
        "sum by (job) (errors) > 1 unless sum by (job) (maintenance)",
    ),
    Code(
        "Q110",
        "`or` adds an element without labels",
        "The right side has no labels. It matches no element of the left side, so it is there always: a "
        "stray element without labels beside the others, and no default for them.",
        "sum by (job) (errors) or vector(0)",
        "sum by (job) (errors) or sum by (job) (requests) * 0",
    ),
    Code(
        "Q111",
        "an aggregation groups by a label that its input cannot have",
        "The label is empty in every element, and so is missing from the result.",
        "sum by (job, model) (sum by (job) (errors))",
        "sum by (job, model) (errors)",
    ),
    Code(
        "Q112",
        "a histogram function needs the label `le`",
        "Buckets are told apart by `le`. Without it no quantile can be computed: the result is empty or NaN.",
        "histogram_quantile(0.99, sum by (job) (rate(duration_seconds_bucket[5m])))",
        "histogram_quantile(0.99, sum by (job, le) (rate(duration_seconds_bucket[5m])))",
    ),
    Code(
        "Q120",
        "an alert on `absent` carries no labels",
        "`absent` knows only the labels that equality matchers name. Without one, the alert cannot be "
        "routed to the owner of what is missing.",
        "absent(sum by (job) (up))",
        'absent(up{job="scorer"})',
    ),
    Code(
        "Q121",
        "an alert whose expression always returns something",
        "An alert fires for every element of the result, whatever its value. A comparison with `bool` "
        "gives 0 or 1 instead of filtering.",
        "error_ratio > bool 0.01",
        "error_ratio > 0.01",
    ),
    Code(
        "Q122",
        "an alert without a condition",
        "Nothing in the expression filters, so the alert fires as long as the series exist.",
        "sum by (job) (rate(errors_total[5m]))",
        "sum by (job) (rate(errors_total[5m])) > 5",
    ),
    Code(
        "Q123",
        "an alert on the first few elements",
        "Which elements `topk`, `bottomk` and their like return changes from one evaluation to the "
        "next, so the alert resolves and fires again, and never passes a long `for`.",
        "topk(3, error_ratio) > 0.01",
        "error_ratio > 0.01",
    ),
)

_CONFORMANCE = (
    Code(
        "Q320",
        "a conformance case does not hold",
        "The engine gave another result than the script of Prometheus' own test suite expects. That is a fault of the "
        "engine, or of a script that was changed by hand.",
        "eval instant at 0 1 + 1\n  3",
        "eval instant at 0 1 + 1\n  2",
    ),
    Code(
        "Q321",
        "a conformance script cannot be read",
        "Scripts consist of `clear`, `load` and `eval` with their expectations, as in Prometheus' folder "
        "`promql/promqltest/testdata`.",
        "evaluate 1 + 1",
        "eval instant at 0 1 + 1\n  2",
    ),
)

CODES: Final[dict[str, Code]] = {
    code.code: code for code in (*SYNTAX_CODES, *TYPE_CODES, *_LABELS, *EVALUATION_CODES, *_CONFORMANCE)
}
"""Code → its page."""
