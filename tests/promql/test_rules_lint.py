"""Every check on a rule that it is about, and on the same rule mended."""

import time
from datetime import date
from textwrap import indent

import pytest

from generators.promql.rules import read_rules
from generators.promql.rules.lint import Catalogue, Metric, MetricType, Settings, all_checks, lint

CATALOGUE = Catalogue(
    {
        metric.name: metric
        for metric in (
            Metric("errors_total", MetricType.COUNTER, labels=frozenset({"job", "code"}), interval=30_000),
            Metric("requests_total", MetricType.COUNTER, labels=frozenset({"job", "code"}), interval=30_000),
            Metric("queue_length", MetricType.GAUGE, labels=frozenset({"job"}), sure=frozenset({"job"})),
            Metric("memory_used", MetricType.GAUGE, "bytes"),
            Metric("accuracy", MetricType.GAUGE, "ratio"),
            Metric("latency_seconds", MetricType.HISTOGRAM, "seconds", buckets=(0.1, 0.5, 1.0, 5.0)),
        )
    }
)
QUANTILE = "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))"

CASES = [
    (
        "counter-without-rate",
        "alert: A\nexpr: sum(errors_total) > 5",
        "alert: A\nexpr: sum(increase(errors_total[5m])) > 5",
    ),
    ("rate-of-gauge", "record: a\nexpr: rate(queue_length[5m])", "record: a\nexpr: deriv(queue_length[5m])"),
    ("delta-of-counter", "record: a\nexpr: delta(errors_total[5m])", "record: a\nexpr: increase(errors_total[5m])"),
    ("rate-of-aggregate", "record: a\nexpr: rate(sum(x)[5m:])", "record: a\nexpr: sum(rate(x[5m]))"),
    ("short-range", "record: a\nexpr: rate(errors_total[1m])", "record: a\nexpr: rate(errors_total[2m])"),
    (
        "labels",
        "record: a\nexpr: sum by (job) (queue_length) / sum(queue_length)",
        "record: a\nexpr: sum by (job) (queue_length) / on () group_left sum(queue_length)",
    ),
    (
        "lost-label",
        "alert: A\nexpr: sum by (job) (up) == 0\nannotations: {s: '{{ $labels.pod }}'}",
        "alert: A\nexpr: sum by (job) (up) == 0\nannotations: {s: '{{ $labels.job }}'}",
    ),
    ("absent-without-for", 'alert: A\nexpr: absent(up{job="a"})', 'alert: A\nexpr: absent(up{job="a"})\nfor: 5m'),
    ("constant-comparison", "alert: A\nexpr: count(up) < 1", "alert: A\nexpr: count(up) < 3"),
    ("beyond-buckets", f"alert: A\nexpr: {QUANTILE} > 5", f"alert: A\nexpr: {QUANTILE} > 4.5"),
    ("le-text", 'record: a\nexpr: x_bucket{le="1"}', 'record: a\nexpr: x_bucket{le="1.0"}'),
    (
        "unguarded-division",
        "record: a\nexpr: sum(rate(x[5m])) / sum(rate(y[5m]))",
        "record: a\nexpr: sum(rate(x[5m])) / (sum(rate(y[5m])) > 0)",
    ),
    ("regex", 'record: a\nexpr: up{job=~"^a.b$"}', 'record: a\nexpr: up{job=~"a.b"}'),
    (
        "fragile-join",
        "record: a\nexpr: sum without (a) (x) / sum without (b) (y)",
        "record: a\nexpr: sum without (a) (x) / sum without (a) (y)",
    ),
    ("units", f"alert: A\nexpr: {QUANTILE} > memory_used", f"alert: A\nexpr: {QUANTILE} > 0.5"),
    ("external-labels", "record: a\nexpr: x\nlabels: {cluster: b}", "record: a\nexpr: x\nlabels: {scope: b}"),
    (
        "value-in-labels",
        "alert: A\nexpr: x > 1\nlabels: {v: '{{ $value }}'}",
        "alert: A\nexpr: x > 1\nannotations: {v: '{{ $value }}'}",
    ),
    ("alert-expression", "alert: A\nexpr: x > bool 1", "alert: A\nexpr: x > 1"),
    (
        "overwritten-label",
        "record: a\nexpr: sum by (job) (queue_length)\nlabels: {job: all}",
        "record: a\nexpr: sum(queue_length)\nlabels: {job: all}",
    ),
    ("window-name", "record: a:b:rate5m\nexpr: rate(x[1h])", "record: a:b:rate1h\nexpr: rate(x[1h])"),
    (
        "window-name",
        "record: a:b:increase5m\nexpr: increase(x[5m15s]) / 2",
        "record: a:b:increase5m\nexpr: increase(x[5m15s]) / 1.05",
    ),
    (
        "window-name",
        "record: a:cost:mean30d\nexpr: avg_over_time(x[1w])",
        "record: a:cost:forecast30d\nexpr: avg_over_time(x[1w]) * 8640",
    ),
    (
        "window-name",
        "record: a:share:ratio7d\nexpr: a:cases:sum7d / max_over_time(x[1h])",
        "record: a:share:ratio7d\nexpr: a:cases:sum7d / last_over_time(x[1h])",
    ),
]
WHOLE_FILES = {
    "cross-group": (
        "groups: [{name: a, rules: [{record: r, expr: x}]}, {name: b, rules: [{alert: B, expr: r > 1}]}]",
        "groups: [{name: a, rules: [{record: r, expr: x}, {alert: B, expr: r > 1}]}]",
    ),
    "short-for": (
        "groups: [{name: a, interval: 1m, rules: [{alert: A, expr: x > 1, for: 10s}]}]",
        "groups: [{name: a, rules: [{alert: A, expr: x > 1, for: 10s}]}]",
    ),
    "slow-group": (
        "groups: [{name: a, interval: 10m, rules: [{record: r, expr: x}]}]",
        "groups: [{name: a, interval: 5m, rules: [{record: r, expr: x}]}]",
    ),
}


def one_rule(rule: str) -> str:
    return "groups:\n- name: g\n  rules:\n  -\n" + indent(rule, "    ") + "\n"


def found(text: str, catalogue: Catalogue | None = CATALOGUE, today: date | None = None) -> list[str]:
    file, problems = read_rules(text)
    assert file is not None
    assert not problems, problems
    settings = Settings(external_labels=frozenset({"cluster"}))
    found = lint(file, text=text, catalogue=catalogue, settings=settings, today=today)
    ids = {check.code: check.id for check in all_checks()}
    passed = {"Q10": "labels", "Q11": "labels", "Q12": "alert-expression"}
    return [ids.get(problem.code) or passed.get(problem.code[:3], problem.code) for problem in found]


FILES = {**{name: (one_rule(bad), one_rule(good)) for name, bad, good in CASES}, **WHOLE_FILES}


@pytest.mark.parametrize("check", FILES)
def test_a_check_finds_the_mistake_and_not_its_correction(check: str) -> None:
    wrong, right = FILES[check]
    assert check in found(wrong)
    assert check not in found(right)


def test_every_check_has_a_case_and_a_page() -> None:
    assert set(FILES) == {check.id for check in all_checks()}
    for check in all_checks():
        assert check.kind.title
        assert check.kind.explanation.endswith(".")
        assert check.kind.wrong != check.kind.right
    codes = [check.code for check in all_checks()]
    assert len(set(codes)) == len(codes)


def test_checks_that_need_the_catalogue_are_quiet_without_one() -> None:
    needing = {check.id for check in all_checks() if check.needs_catalogue}
    for wrong, _ in FILES.values():
        assert needing.isdisjoint(found(wrong, catalogue=None))


SUPPRESSED = """\
groups:
- name: g
  rules:
  # watchspec disable regex until 2027-01-01: the migration needs it
  - record: a
    expr: up{job=~"^a$"}
  - record: b
    expr: up{job=~"^a$"}
"""


def test_a_suppression_covers_the_rule_below_it_until_its_end() -> None:
    assert found(SUPPRESSED, today=date(2026, 12, 31)) == ["regex"]
    assert found(SUPPRESSED, today=date(2027, 1, 2)) == ["Q792", "regex", "regex"]


def test_a_suppression_before_the_first_group_covers_the_file() -> None:
    comment = "# watchspec disable regex until 2027-01-01: all of them\n"
    assert found(comment + SUPPRESSED.replace("  # watchspec", "  # no")) == []


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("disable regex", "Q790"),
        ("disable regex until 2027-01-01", "Q790"),
        ("disable regex: because", "Q790"),
        ("disable regex until tomorrow: because", "Q790"),
        ("disable nonsense until 2027-01-01: because", "Q791"),
        ("disable units until 2027-01-01: because", "Q793"),
        ("frobnicate", "Q790"),
    ],
)
def test_a_suppression_without_end_reason_or_use_is_a_problem(comment: str, code: str) -> None:
    text = SUPPRESSED.replace("disable regex until 2027-01-01: the migration needs it", comment)
    assert found(text) == [code, "regex", "regex"]


def test_findings_point_into_the_expression() -> None:
    text = one_rule('record: a\nexpr: |\n  sum(\n    up{job=~"^a$"}\n  )')
    file, _ = read_rules(text)
    assert file is not None
    (problem,) = lint(file, text=text)
    line, column = problem.place.line, problem.place.column
    assert text.splitlines()[line - 1][column - 1 :].startswith('job=~"^a$"')
    assert (problem.group, problem.rule, problem.name) == ("g", 1, "a")


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        # a comparison lets the vector through, on whichever side it stands
        ("alert: A\nexpr: 0 < x > 5", []),
        ("alert: A\nexpr: 3 <= days_left < 20", []),
        ("alert: A\nexpr: 10 > count(x) > 2", []),
        ("alert: A\nexpr: 1 > count(x) > 2", ["Q709"]),
        ("alert: A\nexpr: 0 > x > 5", ["Q709"]),
        # a native histogram has no `le`; what asks for buckets has
        ("record: a\nexpr: histogram_quantile(0.9, sum by (job) (rate(latency_seconds[5m])))", []),
        ("record: a\nexpr: histogram_fraction(0, 1, sum(rate(latency_seconds[5m])))", []),
        ("record: a\nexpr: histogram_quantile(0.9, sum by (job) (rate(latency_seconds_bucket[5m])))", ["Q112"]),
        ("record: a\nexpr: histogram_quantile(0.9, sum by (job) (job:latency_bucket:rate5m))", ["Q112"]),
        ("record: a\nexpr: 'histogram_quantile(0.9, max without (le) (x{le!=\"0.5\"}))'", ["Q112"]),
        # elements do not differ in a label that a matcher fixes
        ("record: a\nexpr: 'sum by (region) (x{region=\"eu\"})'\nlabels: {region: all}", []),
        ("record: a\nexpr: 'sum by (region) (x{region=~\"eu\"})'\nlabels: {region: all}", ["Q713"]),
        ("record: a\nexpr: 'sum by (region) (x{region=~\"eu|us\"})'\nlabels: {region: all}", ["Q721"]),
        # which elements are chosen matters only where their labels survive
        ("alert: A\nexpr: topk(5, x) > 1", ["Q123"]),
        ("alert: A\nexpr: sum by (job) (topk(5, x)) > 1", ["Q123"]),
        ("alert: A\nexpr: 'y and on (job) topk(5, x) > 1'", ["Q123"]),
        ("alert: A\nexpr: sum(topk(5, x)) > 1", []),
        ("alert: A\nexpr: count(topk(5, x) > 1) > 3", []),
        ("alert: A\nexpr: y > on () group_left () topk(1, x)", []),
        ("alert: A\nexpr: y and on () topk(1, x) > 1", []),
        ("alert: A\nexpr: y > scalar(topk(1, x))", []),
        ("alert: A\nexpr: topk(1, sum(x)) > 1", []),
        ("alert: A\nexpr: absent(topk(5, x))\nfor: 5m", ["Q120"]),
    ],
)
def test_what_is_right_in_rules_of_the_world_is_not_reported(rule: str, codes: list[str]) -> None:
    text = one_rule(rule)
    file, problems = read_rules(text)
    assert file is not None
    assert not problems, problems
    assert [problem.code for problem in lint(file, text=text)] == codes


def test_rules_that_cannot_be_read_count_where_rules_are_numbered() -> None:
    text = "groups: [{name: g, rules: [{record: a, expr: (}, {record: b}, {alert: B, expr: x > bool 1}]}]"
    file, problems = read_rules(text)
    assert file is not None
    assert [(problem.rule, problem.name) for problem in problems] == [(1, "a"), (2, "b")]
    assert [(problem.rule, problem.name) for problem in lint(file, text=text)] == [(3, "B")]


@pytest.mark.parametrize("operator", ["+", " or ", " and on (a) ", "^", " * on (a) group_left (b) "])
def test_generated_rules_of_hundreds_of_operands_are_linted_within_a_moment(operator: str) -> None:
    text = one_rule(f"alert: A\nexpr: {operator.join(['x'] * 490)}")
    file, problems = read_rules(text)
    assert file is not None
    assert not problems
    started = time.process_time()
    lint(file, text=text)
    assert time.process_time() - started < 5
