"""The label algebra by example: bounds, problems, reasons."""

from __future__ import annotations

import pytest

from generators.diagnostics import Code, Severity, Span, TextFinding
from generators.diagnostics.catalogue import codes
from generators.promql import parse
from generators.promql.labels.algebra import METRIC_NAME, LabelSet, label_set, labels_of, why_missing
from generators.promql.rules.lint.checks.alert_expression import alert_problems
from generators.promql.syntax.ast import Expr, VectorSelector

METRICS = {
    "up": label_set("job", "instance"),
    "errors": label_set("job", "model", "instance", maybe=["error_type"]),
    "requests": label_set("job", "model", "instance"),
    "errors_total": label_set("job", "model", "instance", "code"),
    "requests_total": label_set("job", "model", "instance", "code"),
    "ml_prediction_count_total": label_set("job", "instance", "model_name"),
    "duration_seconds_bucket": label_set("job", "instance", "le"),
    "duration_seconds": label_set("job", "instance"),
    "build_info": label_set("job", "instance", "version"),
    "maintenance": label_set("job", "zone"),
    "error_ratio": label_set("job", "model", constant={"team": "growth"}),
    "target_info": label_set("job", "instance", "k8s_pod_name"),
}


def schema(selector: VectorSelector) -> LabelSet | None:
    return METRICS.get(selector.name or "")


def tree(text: str) -> Expr:
    expr, problems = parse(text, template=True)
    assert expr is not None, problems
    return expr


def analysed(text: str) -> tuple[LabelSet, tuple[TextFinding, ...]]:
    return labels_of(tree(text), schema, text)


def bounds(text: str) -> tuple[set[str], set[str], bool]:
    """Sure and possible labels, and whether others may be there."""
    found, _ = analysed(text)
    return set(found.sure), set(found.maybe), found.open


NAME = METRIC_NAME


@pytest.mark.parametrize(
    ("text", "sure", "maybe", "is_open"),
    [
        # selectors
        ("up", {NAME, "job", "instance"}, set(), False),
        ("errors", {NAME, "job", "model", "instance"}, {"error_type"}, False),
        ('errors{error_type="timeout"}', {NAME, "job", "model", "instance", "error_type"}, set(), False),
        ('errors{error_type!=""}', {NAME, "job", "model", "instance", "error_type"}, set(), False),
        ('errors{error_type=~".+"}', {NAME, "job", "model", "instance", "error_type"}, set(), False),
        ('errors{error_type!~"a|"}', {NAME, "job", "model", "instance", "error_type"}, set(), False),
        ('errors{error_type=~"a|"}', {NAME, "job", "model", "instance"}, {"error_type"}, False),
        ('errors{error_type=""}', {NAME, "job", "model", "instance"}, set(), False),
        ('unknown{a="1", b!="", c=""}', {NAME, "a", "b"}, set(), True),
        # functions
        ("rate(errors[5m])", {"job", "model", "instance"}, {"error_type"}, False),
        ("last_over_time(up[5m])", {NAME, "job", "instance"}, set(), False),
        ("max_over_time(rate(up[1m])[5m:1m])", {"job", "instance"}, set(), False),
        ("quantile_over_time(0.5, up[5m])", {"job", "instance"}, set(), False),
        ("-up", {"job", "instance"}, set(), False),
        ("+up", {NAME, "job", "instance"}, set(), False),
        ("sort_desc(up)", {NAME, "job", "instance"}, set(), False),
        ("vector(1)", set(), set(), False),
        ("time()", set(), set(), False),
        ("hour()", set(), set(), False),
        ("vector(scalar(up))", set(), set(), False),
        ("scalar(up) > bool 1", set(), set(), False),
        ('absent(up{job="a", instance=~"b"})', {"job"}, set(), False),
        ('absent(up{job="a", job="b"})', set(), set(), False),
        ('absent_over_time(up{job="a"}[5m])', {"job"}, set(), False),
        ('absent(sum(up{job="a"}))', set(), set(), False),
        # aggregations
        ("sum(up)", set(), set(), False),
        ("sum by (job, error_type) (errors)", {"job"}, {"error_type"}, False),
        ("sum without (instance) (errors)", {"job", "model"}, {"error_type"}, False),
        ("sum by (job) (unknown)", set(), {"job"}, False),
        ("sum without (job) (unknown)", set(), set(), True),
        ("topk(3, errors)", {NAME, "job", "model", "instance"}, {"error_type"}, False),
        ('count_values by (job) ("value", up)', {"job", "value"}, set(), False),
        ('count_values without (job) ("job", up)', {"instance"}, set(), False),
        ("quantile by (job) (0.9, up)", {"job"}, set(), False),
        # operators
        ("up * 2", {"job", "instance"}, set(), False),
        ("up > 2", {NAME, "job", "instance"}, set(), False),
        ("up > bool 2", {"job", "instance"}, set(), False),
        ("errors / requests", {"job", "model", "instance"}, set(), False),
        ("errors > on (job) sum by (job) (errors)", {"job"}, set(), False),
        ("errors > ignoring (model) sum without (model) (errors)", {NAME, "job", "instance"}, {"error_type"}, False),
        ("unknown / up", {"job", "instance"}, set(), False),
        ("unknown / on (job) other", set(), {"job"}, False),
        (
            "up * on (job, instance) group_left (version) build_info",
            {"job", "instance", "version"},
            set(),
            False,
        ),
        (
            "build_info * on (instance) group_right (version) up",
            {"job", "instance", "version"},
            set(),
            False,
        ),
        ("errors and requests", {NAME, "job", "model", "instance"}, set(), False),
        ("errors and on (job) up", {NAME, "job", "model", "instance"}, {"error_type"}, False),
        ("unknown and on (job) up", {NAME, "job"}, set(), True),
        ("errors unless on (job) up", {NAME, "job", "model", "instance"}, {"error_type"}, False),
        ("sum by (job) (up) or sum by (model) (errors)", set(), {"job", "model"}, False),
        ("errors + on (job) fill_left (0) sum by (job) (up)", {"job"}, set(), False),
        # labels from labels
        ('label_replace(up, "a", "x", "job", ".*")', {NAME, "job", "instance", "a"}, set(), False),
        ('label_replace(up, "a", "$1", "job", "(.*)")', {NAME, "job", "instance", "a"}, set(), False),
        ('label_replace(up, "a", "$1", "job", "x(.*)")', {NAME, "job", "instance"}, {"a"}, False),
        ('label_replace(up, "job", "", "instance", ".*")', {NAME, "instance"}, set(), False),
        ('label_replace(up, "a", "$1", "none", "(.*)")', {NAME, "job", "instance"}, set(), False),
        ('label_replace(up, "a", "x", "none", "y")', {NAME, "job", "instance"}, set(), False),
        ('label_join(up, "a", "-", "job", "none")', {NAME, "job", "instance", "a"}, set(), False),
        ('label_join(up, "job", "")', {NAME, "instance"}, set(), False),
        ('label_join(errors, "a", "", "error_type")', {NAME, "job", "model", "instance"}, {"a", "error_type"}, False),
        # histograms and info metrics
        ("histogram_quantile(0.9, rate(duration_seconds_bucket[5m]))", {"job", "instance"}, set(), False),
        ("histogram_fraction(0, 1, rate(duration_seconds_bucket[5m]))", {"job", "instance"}, set(), False),
        ("info(up)", {NAME, "job", "instance"}, {"k8s_pod_name"}, False),
        ('info(up, {version=~".+"})', {NAME, "job", "instance", "version"}, set(), False),
    ],
)  # fmt: skip
def test_bounds(text: str, sure: set[str], maybe: set[str], is_open: bool) -> None:
    assert bounds(text) == (sure, maybe, is_open)


def test_a_label_dropped_from_an_unknown_metric_is_impossible() -> None:
    found, _ = analysed("sum without (instance) (unknown)")
    assert not found.may_have("instance")
    assert not found.may_have(METRIC_NAME)
    assert found.may_have("anything")


def test_known_values_are_carried_along() -> None:
    found, _ = analysed('sum by (job, team) (rate(error_ratio{job="a"}[5m]))')
    assert dict(found.constant) == {"job": "a", "team": "growth"}
    joined, _ = analysed('label_join(error_ratio{job="a"}, "both", "/", "team", "job")')
    assert joined.constant["both"] == "growth/a"


def test_a_hole_for_labels_makes_nothing_but_the_named_labels_sure() -> None:
    assert bounds("sum by (job, $by) (errors)") == ({"job"}, {NAME, "model", "instance", "error_type"}, False)
    assert bounds("errors / on ($by) errors")[0] == set()


def test_nothing_is_known_of_a_hole_for_an_expression_but_its_matchers() -> None:
    assert bounds('$requests{code="500"}') == ({"code"}, set(), True)


@pytest.mark.parametrize(
    "code", [code for name, code in codes(("generators.promql",)).items() if name.startswith("Q1")], ids=str
)
def test_the_examples_of_a_code_have_and_lack_the_problem(code: Code) -> None:

    def found(text: str) -> set[str]:
        return {problem.code for problem in (*analysed(text)[1], *alert_problems(tree(text)))}

    assert code.id in found(code.wrong)
    assert code.id not in found(code.right)


@pytest.mark.parametrize(
    ("text", "code", "fragments"),
    [
        (
            "sum by (job) (errors) / sum by (model) (requests)",
            "Q103",
            ["label `job`", "removed by `sum by (model)` at column 25"],
        ),
        ('rate(errors{modle="x"}[5m])', "Q101", ["metric `errors` has no label `modle`"]),
        (
            "histogram_quantile(0.9, sum by (job) (rate(duration_seconds_bucket[5m])))",
            "Q112",
            ["label `le` was removed by `sum by (job)` at column 25"],
        ),
        ("up\n* on (instance)\ngroup_left (x)\nbuild_info", "Q106", ["`x`", "at line 4, column 1"]),
        ("sum by (zone) (errors)", "Q111", ["metric `errors` has no label `zone` at column 16"]),
        ('up{job="a"} + up{job="b"}', "Q104", ['"a" on the left side and "b" on the right']),
    ],
)
def test_messages_name_the_labels_and_say_why_they_are_gone(text: str, code: str, fragments: list[str]) -> None:
    problem = next(problem for problem in analysed(text)[1] if problem.code == code)
    for fragment in fragments:
        assert fragment in problem.message


def test_a_misspelt_label_is_found_at_its_place_with_a_remedy() -> None:
    text = 'rate(errors{modle="x"}[5m])'
    (problem,) = analysed(text)[1]
    assert text[problem.span.start : problem.span.end] == 'modle="x"'
    assert problem.help == "did you mean `model`?"


@pytest.mark.parametrize(
    "text",
    [
        'up{job!="a", none=""}',
        "errors / requests",
        "sum by (job) (errors) / on (job) group_left () sum by (job) (up)",
        "up * on (job, instance) group_left (version) build_info",
        'errors{error_type="timeout"} / ignoring (error_type) requests',
        'rate(requests_total{code="500"}[5m]) / ignoring (code) sum without (code) (rate(requests_total[5m]))',
        "sum by (job) (errors) or on () vector(0)",
        "sum by (job) (up) == 0 or absent(up)",
        "unknown / sum by (job) (up)",
        "histogram_quantile(0.9, unknown)",
        "error_ratio > on (team) group_left () sum by (team) (error_ratio)",
        "up + fill (0) sum by (job) (up)",
        "up unless on () maintenance",
    ],
)
def test_correct_expressions_have_no_problem(text: str) -> None:
    assert analysed(text)[1] == ()


def test_a_metric_without_le_may_be_a_native_histogram() -> None:
    (problem,) = analysed("histogram_quantile(0.9, rate(duration_seconds[5m]))")[1]
    assert (problem.code, problem.severity) == ("Q112", Severity.WARNING)
    (problem,) = analysed("histogram_quantile(0.9, sum(rate(duration_seconds_bucket[5m])))")[1]
    assert (problem.code, problem.severity) == ("Q112", Severity.ERROR)


@pytest.mark.parametrize(
    ("text", "label", "reason"),
    [
        ("sum by (job) (errors)", "model", "label `model` was removed by `sum by (job)`"),
        ("sum without (model) (errors)", "model", "label `model` was removed by `sum without (model)`"),
        ("rate(up[5m])", "model", "metric `up` has no label `model`"),
        ("rate(up[5m])", METRIC_NAME, "the metric name was removed by `rate()`"),
        ("up / up", METRIC_NAME, "the metric name was removed by `/`"),
        ("errors / on (job) requests", "model", "label `model` was removed by `/ on (job)`"),
        ('errors{error_type=""} * 2', "error_type", "the selector asks for series without label `error_type`"),
        ("2 * up", "zone", "metric `up` has no label `zone`"),
        ("rate(up[5m]) > up", METRIC_NAME, "the metric name was removed by `rate()`"),
        ("vector(1) > 0", "job", "`vector()` gives no labels"),
        ("absent(up)", "job", "label `job` was removed by `absent()`"),
        ("errors and sum by (job) (errors)", "error_type", "label `error_type` was removed by `sum by (job)`"),
        ("sum(up) or sum(errors)", "job", "label `job` was removed by `sum`"),
        (
            "up * on (job) group_left (version) max by (job) (build_info)",
            "version",
            "label `version` was removed by `max by (job)`",
        ),
        ('label_replace(up, "job", "", "instance", ".*")', "job", "label `job` was removed by `label_replace()`"),
        ("1 + 1", "job", "a number has no labels"),
    ],
)  # fmt: skip
def test_the_node_that_dropped_a_label_is_named(text: str, label: str, reason: str) -> None:
    found = why_missing(tree(text), schema, label, text)
    assert found is not None
    span, why = found
    assert why == reason
    assert Span(0, 0) < span <= Span(len(text), len(text)) or span.start == 0


def test_there_is_no_reason_for_a_label_that_may_be_there() -> None:
    assert why_missing(tree("errors"), schema, "error_type") is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("error_ratio > 0.1", []),
        ("error_ratio > bool 0.1", ["Q121"]),
        ("(error_ratio > bool 0.1) and on () (hour() > 8)", ["Q121"]),
        ("(error_ratio > bool 0.1) + (up > bool 1) > 1", []),
        ("sum by (job) (up == bool 0) > 3", []),
        ("sum by (job) (up)", ["Q122"]),
        ("sum by (job) (up) or error_ratio > 1", ["Q122"]),
        ("up unless errors", []),
        ("vector(1)", []),
        ('ALERTS{alertname="A"}', []),
        ("max_over_time((up > 5)[5m:1m])", []),
        ('absent(up{job="a"})', []),
        ("absent(up)", ["Q120"]),
        ("bottomk(1, up) == 0", ["Q123"]),
        ("-up", ["Q122"]),
    ],
)
def test_alerts_need_a_condition_and_labels(text: str, codes: list[str]) -> None:
    assert [problem.code for problem in alert_problems(tree(text))] == codes


def test_a_built_tree_without_positions_gives_messages_without_columns() -> None:
    from generators.promql.syntax.ast import Aggregate, Binary

    expr = Binary("/", Aggregate("sum", VectorSelector("errors")), VectorSelector("up"))
    (problem,) = labels_of(expr, schema)[1]
    assert "column" not in problem.message


@pytest.mark.parametrize(
    "text", ["label_replace(x)", 'label_join(x, "a")', "histogram_quantiles(x)", "info()", "rate()"]
)
def test_nothing_is_known_of_a_call_that_lacks_arguments(text: str) -> None:
    expr, _ = parse(text)
    assert expr is not None
    assert labels_of(expr, lambda _: None)[0].may_have("anything")
