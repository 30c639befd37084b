from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from promql_strategies import expressions, strings, templates, typed

from generators.promql import check, format, parse, pretty, type_of  # noqa: A004
from generators.promql.syntax.ast import (
    Aggregate,
    Binary,
    Duration,
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationUnary,
    Expr,
    Group,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    NumberLiteral,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from generators.promql.syntax.literals import format_number, parse_number, quote, unquote

A, B, C = VectorSelector("a"), VectorSelector("b"), VectorSelector("c")


def read(text: str, *, template: bool = False) -> Expr:
    expr, problems = parse(text, template=template)
    assert expr is not None, (text, problems)
    return expr


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_what_is_printed_reads_back_as_the_same_tree(expr: Expr) -> None:
    text = format(expr)
    assert read(text) == expr
    assert format(read(text)) == text


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_what_is_laid_out_over_lines_reads_back_as_the_same_tree(expr: Expr) -> None:
    for width in (1, 20, 60):
        assert read(pretty(expr, width)) == expr


@settings(derandomize=True, deadline=None)
@given(templates)
def test_templates_read_back_with_their_holes(expr: Expr) -> None:
    assert read(format(expr), template=True) == expr
    assert read(pretty(expr, 20), template=True) == expr


@settings(derandomize=True, deadline=None)
@given(typed)
def test_well_typed_trees_have_no_problems_before_and_after_printing(expr: Expr) -> None:
    assert check(expr) == ()
    assert check(read(format(expr))) == ()
    assert type_of(expr) == "vector"


@settings(derandomize=True, deadline=None)
@given(strings)
def test_every_string_survives_quoting(value: str) -> None:
    assert unquote(quote(value)) == value


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_text_that_fits_stays_on_one_line(expr: Expr) -> None:
    assert pretty(expr, 10_000) == format(expr)


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Binary("^", NumberLiteral(-2), NumberLiteral(2)), "(-2) ^ 2"),
        (Unary("-", Binary("^", NumberLiteral(2), NumberLiteral(2))), "-2 ^ 2"),
        (Binary("^", Unary("-", A), B), "(-a) ^ b"),
        (Binary("^", A, Unary("-", B)), "a ^ -b"),
        (Binary("^", Binary("^", A, B), C), "(a ^ b) ^ c"),
        (Binary("^", A, Binary("^", B, C)), "a ^ b ^ c"),
        (Binary("*", Unary("-", A), B), "-a * b"),
        (Unary("-", Binary("*", A, B)), "-(a * b)"),
        (Unary("-", NumberLiteral(5)), "-(5)"),
        (Unary("-", Unary("+", A)), "-+a"),
        (Binary("-", A, Binary("-", B, C)), "a - (b - c)"),
        (Binary("-", A, NumberLiteral(-1)), "a - -1"),
        (Binary("+", Binary("*", A, B), C), "a * b + c"),
        (Binary("*", Binary("+", A, B), C), "(a + b) * c"),
        (Binary("or", Binary("and", A, B), C), "a and b or c"),
        (Binary("and", Binary("or", A, B), C), "(a or b) and c"),
    ],
)
def test_parentheses_stand_where_the_shape_needs_them(expr: Expr, text: str) -> None:
    assert format(expr) == text
    assert read(text) == expr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a and b > 1", "a and (b > 1)"),
        ("a > 1 unless b", "(a > 1) unless b"),
        ("a > b > c", "(a > b) > c"),
        ("a == bool b != c", "(a == bool b) != c"),
        ("a + b > c", "a + b > c"),
    ],
)
def test_comparisons_inside_comparisons_and_set_operators_are_set_off(before: str, after: str) -> None:
    assert format(read(before)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SUM(foo{b=\"c\" , a='d',}) BY (x,y,)", 'sum by (x, y) (foo{b="c",a="d"})'),
        ("sum without(x)(a)", "sum without (x) (a)"),
        ("sum by()(a)", "sum by () (a)"),
        ("topk(3,a)by(x)", "topk by (x) (3, a)"),
        ("a*on(x)group_left b", "a * on (x) group_left () b"),
        ("a*ignoring()group_right(y)b", "a * ignoring () group_right (y) b"),
        ("a * ignoring() b", "a * b"),
        ("a + fill_right(1) fill_left(1) b", "a + fill (1) b"),
        ("a + fill_right(1) fill_left(2) b", "a + fill_left (2) fill_right (1) b"),
        ("a OFFSET 90m", "a offset 1h30m"),
        ("a offset -5m @ 10.5", "a @ 10.500 offset -5m"),
        ("a[300] @ start()", "a[5m] @ start()"),
        ("a[28d] - b[30d]", "a[4w] - b[30d]"),
        ("a[1d:] offset 1w", "a[1d:] offset 1w"),
        ("(a offset 1w)[1d:1h]", "(a offset 1w)[1d:1h]"),
        ("a anchored[5m]", "a[5m] anchored"),
        ("a[5m+step()*2]", "a[5m + step() * 2]"),
        ("(a offset (5m+1m)) + 2", "(a offset (5m + 1m)) + 2"),
        ('{"a.b","c d"="e"}', '{"a.b","c d"="e"}'),
        ('{"up"}', "up"),
        ('{"on"}', '{"on"}'),
        ('sum by ("a.b", job) (x)', 'sum by ("a.b", job) (x)'),
        ("-Inf + NaN + 1e3 + 0x1F + 1_000", "-Inf + NaN + 1000 + 31 + 1000"),
        ("1h + 90", "1h + 90"),
        ("1e-7 + 1e21", "0.0000001 + 1000000000000000000000"),
        ("'it\\'s' ", '"it\'s"'),
        ("`raw\\n\n`", '"raw\\\\n\\n"'),
    ],
)
def test_text_is_brought_to_its_canonical_form(before: str, after: str) -> None:
    assert format(read(before)) == after


def test_names_that_are_keywords_are_printed_so_that_they_stay_names() -> None:
    assert format(VectorSelector("bool")) == '{"bool"}'
    assert format(VectorSelector("Inf")) == '{"Inf"}'
    assert format(VectorSelector("sum")) == "sum"
    assert format(Aggregate("sum", A, labels=("without", "by", "a b"))) == 'sum by ("without", by, "a b") (a)'


def test_matchers_on_the_name_stay_matchers() -> None:
    expr = VectorSelector(None, (Matcher("__name__", MatchOp.EQUAL, "up"),))
    assert format(expr) == '{__name__="up"}'
    assert read(format(expr)) == expr


def test_offsets_with_arithmetic_get_parentheses_that_protect_what_follows() -> None:
    offset = DurationBinary("+", Duration(60_000), DurationCall("step"))
    expr = Binary("+", VectorSelector("a", offset=offset), B)
    assert format(expr) == "(a offset (1m + step())) + b"
    signed = VectorSelector("a", offset=DurationUnary("-", DurationBinary("^", DurationNumber(2), DurationNumber(2))))
    assert format(signed) == "a offset -(2 ^ 2)"
    assert read(format(signed)) == signed


def test_matching_that_says_nothing_is_no_matching() -> None:
    assert Binary("+", A, B, matching=Matching()) == Binary("+", A, B)
    assert format(Binary("+", A, B, matching=Matching(group=Group.LEFT))) == "a + ignoring () group_left () b"


def test_not_a_number_equals_itself_in_trees() -> None:
    assert NumberLiteral(float("nan")) == NumberLiteral(-math.nan)
    assert read("a + fill (NaN) b") == read("a + fill_left (NaN) fill_right (NaN) b")


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_deep_equality_ignores_places(expr: Expr) -> None:
    assert hash(read(f"  ({format(expr)})  # comment")) == hash(expr)


@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, 123456789.123, 2.0**70, 0.0])
def test_numbers_print_all_their_digits_and_no_exponent(value: float) -> None:
    text = format_number(value)
    assert parse_number(text) == value
    assert "e" not in text


def test_long_expressions_are_laid_out_like_this() -> None:
    text = (
        'sum by (job) (rate(errors_total{code=~"5..",job="api"}[5m])) / on (job) '
        "sum by (job) (rate(requests_total[5m])) > 0.05 and on (job) max_over_time((up offset 1h)[1d:5m]) > bool 0"
    )
    assert pretty(read(text), 40) == LAID_OUT


LAID_OUT = """\
(
  sum by (job) (
    rate(
      errors_total{
        code=~"5..",
        job="api"
      }[5m]
    )
  )
  / on (job)
  sum by (job) (
    rate(requests_total[5m])
  )
  > 0.05
)
and on (job)
(
  max_over_time((up offset 1h)[1d:5m])
  > bool 0
)"""


def test_matrix_and_subquery_print_their_brackets() -> None:
    assert format(MatrixSelector(A, Duration(1))) == "a[1ms]"
    assert format(Subquery(A, Duration(60_000))) == "a[1m:]"
    assert format(Subquery(StringLiteral("x"), Duration(60_000), Duration(1000))) == '"x"[1m:1s]'
