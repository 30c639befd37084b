from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from promql_strategies import expressions, templates

from generators.promql import children, fill, format, holes, parse, selectors, transform, walk  # noqa: A004
from generators.promql.syntax.ast import Duration, Expr, NumberLiteral, VectorSelector
from generators.promql.syntax.holes import Filling


def read(text: str, *, template: bool = False) -> Expr:
    expr, problems = parse(text, template=template)
    assert expr is not None, (text, problems)
    return expr


def filled(text: str, **fillings: Filling) -> str:
    return format(fill(read(text, template=True), fillings))


def test_walking_goes_from_parents_to_children_in_the_order_of_the_text() -> None:
    names = [type(node).__name__ for node in walk(read("topk(5, rate(a[5m])) + -b[1h:] > bool 1"))]
    assert names == [
        *("Binary", "Binary", "Aggregate", "NumberLiteral", "Call", "MatrixSelector", "VectorSelector"),
        *("Unary", "Subquery", "VectorSelector", "NumberLiteral"),
    ]


def test_selectors_are_found_everywhere() -> None:
    found = selectors(read("sum(a) / on (x) max_over_time(b[5m]) or abs(c)[1h:] and d"))
    assert [selector.name for selector in found] == ["a", "b", "c", "d"]


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_a_transformation_that_changes_nothing_returns_the_same_tree(expr: Expr) -> None:
    assert transform(expr, lambda node: node) is expr


def test_a_transformation_shares_what_it_does_not_change() -> None:
    expr = read("sum(a) + sum(b)")
    changed = transform(expr, lambda node: VectorSelector("z") if node == VectorSelector("b") else node)
    assert format(changed) == "sum(a) + sum(z)"
    assert changed is not expr
    assert children(changed)[0] is children(expr)[0]


def test_ranges_keep_their_selectors() -> None:
    expr = transform(
        read("rate(a[5m])"), lambda node: VectorSelector("b") if isinstance(node, VectorSelector) else node
    )
    assert format(expr) == "rate(b[5m])"
    with pytest.raises(TypeError, match="a range needs a selector"):
        transform(expr, lambda node: NumberLiteral(1) if isinstance(node, VectorSelector) else node)


def test_holes_are_named_wherever_they_stand() -> None:
    text = "sum by ($by) ($a[$b + 1m] offset -$c) * on ($on) group_left ($d) (x[$e:$f] offset $g) + $h"
    assert holes(read(text, template=True)) == {"by", "a", "b", "c", "on", "d", "e", "f", "g", "h"}
    assert holes(read("sum by (x) (a[5m])")) == frozenset()


def test_selectors_fill_holes_and_keep_what_the_holes_add() -> None:
    up = read('up{job="a"} offset 1h')
    assert filled('rate($x{code="5..",job="a"}[5m])', x=up) == 'rate(up{job="a",code="5.."}[5m] offset 1h)'
    assert filled("$x @ end()", x=up) == 'up{job="a"} @ end() offset 1h'
    assert filled("$x offset $w", x=VectorSelector("a"), w=Duration(60_000)) == "a offset 1m"


def test_any_expression_fills_a_bare_hole() -> None:
    assert filled("$x * 2", x=read("a + b")) == "(a + b) * 2"
    assert filled("rate($x)", x=read("a[5m]")) == "rate(a[5m])"
    assert filled("$x > 0 or $x < 5", x=NumberLiteral(1)) == "(1 > 0) or (1 < 5)"


def test_durations_fill_holes_everywhere() -> None:
    window = Duration(300_000)
    text = "sum_over_time(a[$w:$w] offset -$w) / $w + rate(b[$w + step()])"
    assert filled(text, w=window) == "sum_over_time(a[5m:5m] offset -5m) / 5m + rate(b[5m + step()])"


def test_labels_fill_lists_and_are_not_repeated() -> None:
    text = "sum by (job, $by) (a) * on ($by) group_left ($more) b"
    assert filled(text, by=("le", "job"), more=()) == "sum by (job, le) (a) * on (le, job) group_left () b"


def test_holes_without_a_filling_stay() -> None:
    assert filled("rate($x[$w])", w=Duration(1000)) == "rate($x[1s])"
    assert filled("sum by ($by) (a)") == "sum by ($by) (a)"


@pytest.mark.parametrize(
    ("text", "fillings", "message"),
    [
        ("rate($x[5m])", {"x": read("a + b")}, "hole `$x` has a range"),
        ("$x{a='b'}", {"x": NumberLiteral(1)}, "hole `$x` has matchers or modifiers"),
        ("$x offset 5m", {"x": read("a offset 1h")}, "both hole `$x` and the selector that fills it have `offset`"),
        ("$x", {"x": ("job",)}, "hole `$x` is an expression and cannot be filled with labels"),
        ("a[$x]", {"x": NumberLiteral(1)}, "hole `$x` is a duration"),
        ("sum by ($x) (a)", {"x": Duration(1)}, "hole `$x` is a list of labels"),
    ],
)
def test_fillings_that_do_not_fit_are_errors(text: str, fillings: dict[str, Filling], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        fill(read(text, template=True), fillings)


@settings(derandomize=True, deadline=None)
@given(templates)
def test_filling_nothing_returns_the_same_tree(expr: Expr) -> None:
    assert fill(expr, {}) is expr
    assert fill(expr, {"nosuch": Duration(1)}) is expr
