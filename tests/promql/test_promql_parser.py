from __future__ import annotations

import random
import re

import pytest

from generators.diagnostics import Span, TextFinding
from generators.promql import check, format, parse  # noqa: A004
from generators.promql.syntax.ast import (
    Aggregate,
    At,
    Binary,
    Call,
    Duration,
    DurationBinary,
    DurationCall,
    DurationHole,
    DurationNumber,
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
from generators.promql.syntax.cursor import MAX_NESTING
from generators.promql.syntax.parser import MAX_HEIGHT
from generators.promql.syntax.walk import walk

A, B, C = VectorSelector("a"), VectorSelector("b"), VectorSelector("c")
MINUTE = 60_000


def read(text: str, *, template: bool = False) -> Expr:
    expr, problems = parse(text, template=template)
    assert problems == (), text
    assert expr is not None
    return expr


def problem(text: str, *, template: bool = False) -> TextFinding:
    expr, problems = parse(text, template=template)
    assert expr is None
    (only,) = problems
    return only


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a ^ b ^ c", Binary("^", A, Binary("^", B, C))),
        ("a or b and c", Binary("or", A, Binary("and", B, C))),
        ("a unless b and c", Binary("and", Binary("unless", A, B), C)),
        ("a > b + c", Binary(">", A, Binary("+", B, C))),
        ("a atan2 b * c", Binary("*", Binary("atan2", A, B), C)),
        ("-a ^ b", Unary("-", Binary("^", A, B))),
        ("-a * b", Binary("*", Unary("-", A), B)),
        ("2 ^ -b * c", Binary("*", Binary("^", NumberLiteral(2), Unary("-", B)), C)),
        ("--2", NumberLiteral(2)),
        ("-2 ^ 2", Unary("-", Binary("^", NumberLiteral(2), NumberLiteral(2)))),
        ("-(2)", Unary("-", NumberLiteral(2))),
        ("a </ b >/ c", Binary(">/", Binary("</", A, B), C)),
        ("and and and", Binary("and", VectorSelector("and"), VectorSelector("and"))),
    ],
)
def test_operators_group_as_in_prometheus(text: str, expr: Expr) -> None:
    assert read(text) == expr


@pytest.mark.parametrize(
    ("text", "matching"),
    [
        ("a + on (x, y) b", Matching(True, ("x", "y"))),
        ("a + on () b", Matching(True)),
        ("a + ignoring (x) group_right b", Matching(False, ("x",), Group.RIGHT)),
        ("a + on (x) group_left (y, 'z z') b", Matching(True, ("x",), Group.LEFT, ("y", "z z"))),
        ("a + fill (1) b", Matching(fill_left=1, fill_right=1)),
        ("a + on (x) fill_right (-5m) b", Matching(True, ("x",), fill_right=-300)),
        ("a + ignoring () b", None),
    ],
)
def test_vector_matching_is_read(text: str, matching: Matching | None) -> None:
    assert read(text) == Binary("+", A, B, matching=matching)


def test_selectors_are_read() -> None:
    assert read("""up{a="b", c!='d', e=~`f`, g!~"h",}""") == VectorSelector(
        "up",
        (
            Matcher("a", MatchOp.EQUAL, "b"),
            Matcher("c", MatchOp.NOT_EQUAL, "d"),
            Matcher("e", MatchOp.REGEX, "f"),
            Matcher("g", MatchOp.NOT_REGEX, "h"),
        ),
    )
    assert read('{"a.b", "my label"="x"}') == VectorSelector("a.b", (Matcher("my label", MatchOp.EQUAL, "x"),))
    assert read('{__name__="up"}') == VectorSelector(None, (Matcher("__name__", MatchOp.EQUAL, "up"),))
    two = (Matcher("__name__", MatchOp.EQUAL, "a"), Matcher("__name__", MatchOp.EQUAL, "b"))
    assert read('{"a", "b"}') == VectorSelector(None, two)


def test_modifiers_are_read_in_any_order() -> None:
    expected = VectorSelector("a", offset=Duration(-5 * MINUTE), at=1_500)
    assert read("a offset -5m @ 1.5") == read("a @ 1.5 offset -5m") == expected
    assert read("a @ start()") == VectorSelector("a", at=At.START)
    selector = VectorSelector("a", offset=Duration(1000), at=At.END, modifier="smoothed")
    assert read("a[5m] smoothed offset 1s @ end()") == MatrixSelector(selector, Duration(5 * MINUTE))
    inner = VectorSelector("a", offset=Duration(1000))
    outer = Subquery(inner, Duration(MINUTE), Duration(2000), Duration(3000))
    assert read("a offset 1s[1m:2s] offset 3s") == outer


def test_numbers_are_durations_in_seconds_and_the_other_way_round() -> None:
    assert read("a[300]") == MatrixSelector(A, Duration(5 * MINUTE))
    assert read("a offset 1.5") == VectorSelector("a", offset=Duration(1_500))
    assert read("5m") == NumberLiteral(300)
    assert format(read("a > 5m")) == "a > 5m"


def test_durations_are_computed_inside_brackets_and_parentheses() -> None:
    assert read("a[5m + step() * 2]") == MatrixSelector(
        A, DurationBinary("+", Duration(5 * MINUTE), DurationBinary("*", DurationCall("step"), DurationNumber(2)))
    )
    low = DurationCall("min_of", (DurationCall("range"), Duration(MINUTE)))
    assert read("a offset min_of(range(), 1m)") == VectorSelector("a", offset=low)
    assert read("a offset 5m ^ 2") == Binary("^", VectorSelector("a", offset=Duration(5 * MINUTE)), NumberLiteral(2))
    assert read("a offset (5)") == VectorSelector("a", offset=Duration(5_000))


def test_calls_and_aggregations_are_read() -> None:
    assert read("time()") == Call("time")
    assert read("clamp(a, 1, 'x')") == Call("clamp", (A, NumberLiteral(1), StringLiteral("x")))
    assert read("sum(a)") == Aggregate("sum", A)
    assert read("sum by () (a)") == Aggregate("sum", A, labels=())
    assert read("TOPK(5, a) without (x)") == Aggregate("topk", A, NumberLiteral(5), ("x",), True)
    assert read("sum by (by, on, 'x y') (a)") == Aggregate("sum", A, labels=("by", "on", "x y"))


@pytest.mark.parametrize(
    "word", ["sum", "by", "offset", "start", "range", "fill", "anchored", "limitk", "min_of", "or"]
)
def test_keywords_are_metric_names_where_an_operand_stands(word: str) -> None:
    assert read(word) == VectorSelector(word)
    assert read(f"{word} + {word}") == Binary("+", VectorSelector(word), VectorSelector(word))


def test_holes_stand_for_expressions_durations_and_labels() -> None:
    hole = VectorSelector("errors", (Matcher("code", MatchOp.REGEX, "5.."),), offset=Duration(1000), hole=True)
    expected = Aggregate("sum", Call("rate", (MatrixSelector(hole, DurationHole("window")),)), labels=("$by", "le"))
    text = 'sum by ($by, le) (rate($errors{code=~"5.."}[$window] offset 1s))'
    assert read(text, template=True) == expected
    assert format(expected) == text
    assert problem(text).code == "Q011"


def test_every_node_knows_its_place() -> None:
    text = "sum by (x) (rate(up{a='b'}[5m] offset 1h)) / (a - -1) > bool b"
    found = {text[node.span.start : node.span.end] for node in walk(read(text))}
    assert found == {
        text,
        "sum by (x) (rate(up{a='b'}[5m] offset 1h)) / (a - -1)",
        "sum by (x) (rate(up{a='b'}[5m] offset 1h))",
        "rate(up{a='b'}[5m] offset 1h)",
        "up{a='b'}[5m] offset 1h",
        "up{a='b'}",
        "a - -1",
        "a",
        "-1",
        "b",
    }


@pytest.mark.parametrize(
    ("text", "code", "span", "message", "help_"),
    [
        ("", "Q007", (0, 0), "the expression is empty", ""),
        (" # x", "Q007", (0, 4), "the expression is empty", ""),
        ("sum()", "Q010", (0, 5), "`sum` takes one vector, but got 0 argument(s)", ""),
        ("a + )", "Q001", (4, 5), "unexpected `)`; expected an expression", ""),
        ("a)", "Q004", (1, 2), "unexpected `)`; nothing is open here", "delete it"),
        ("sum(a", "Q004", (3, 4), "`(` is never closed; expected `,`, `)` or an operator", "add the missing `)`"),
        ("a[5m", "Q004", (1, 2), "`[` is never closed; expected `]` or `:`", "add the missing `]`"),
        ("a{x='1'", "Q004", (1, 2), "`{` is never closed; expected `,` or `}`", "add the missing `}`"),
        (
            *("a = b", "Q008", (2, 3), "unexpected `=`; expected an operator or the end of the expression"),
            "compare with `==`; a single `=` belongs inside braces",
        ),
        (
            *("sum(x) by", "Q001", (9, 9), "unexpected end of the expression; expected `(`"),
            "write the labels in parentheses: `by (job)`, or `by ()` for none",
        ),
        (
            *("a * group_left (x) b", "Q008", (4, 14)),
            *(
                "unexpected `group_left`; expected `on (…)` or `ignoring (…)` first",
                "write `on (labels) group_left ()`",
            ),
        ),
        (
            *("a{x=y}", "Q001", (4, 5), "unexpected name `y`; expected a string in quotes"),
            'put the value in quotes: x="y"',
        ),
        (
            *("rate(a)[5m]", "Q009", (7, 11), "a range must follow a selector"),
            "put the range right after the metric, or write a subquery such as `[5m:]`",
        ),
        (
            *("rate(a) offset 5m", "Q009", (8, 14), "`offset` must follow a selector or a subquery"),
            "move it right after the metric or its range",
        ),
        ("(a) offset 5m", "Q009", (4, 10), "`offset` must follow a selector or a subquery", None),
        ("a offset 5m[1h]", "Q009", (11, 15), "`offset` must come after the range", None),
        ("a offset 1m offset 2m", "Q009", (12, 21), "`offset` is set twice", "add the two"),
        ("a @ 1 @ 2", "Q009", (6, 9), "`@` is set twice", None),
        ("a[5m:] anchored", "Q009", (7, 15), "`anchored` is not possible on a subquery", None),
        ("a anchored smoothed", "Q009", (11, 19), "`anchored` and `smoothed` exclude each other", None),
        ("a offset", "Q001", (8, 8), "unexpected end of the expression; expected a duration such as `5m`", None),
        ("a ** b", "Q008", (3, 4), "unexpected `*`; expected an expression", "write `^` for powers"),
        ("f(a,)", "Q008", (4, 5), "unexpected `)`; expected an expression", "delete the comma before `)`"),
        ("topk(a)", "Q010", (0, 7), "`topk` takes a parameter and a vector, but got 1 argument(s)", ""),
        ("a b", "Q001", (2, 3), "unexpected name `b`; expected an operator or the end of the expression", None),
        ("1e309", "Q005", (0, 5), "number `1e309` is too large for a float", ""),
        ("a[300y]", "Q006", (2, 6), "the duration `300y` is longer than 292 years", "write a shorter one"),
        ("a[1m1h]", "Q006", (5, 6), "the duration `1m1h` has `h` after `m`", "name each unit once, largest first"),
        ("a @ Inf", "Q009", (4, 7), "the time after `@` is out of range", ""),
        (r'"\d"', "Q003", (0, 4), r"unknown escape `\d`; write `\\d` for a backslash", ""),
        ("a + &", "Q002", (4, 5), "unexpected character `&`", "write `and`"),
        ("sum(a &", "Q002", (6, 7), "unexpected character `&`", "write `and`"),
    ],
)
def test_syntax_errors_have_a_place_and_a_remedy(
    text: str, code: str, span: tuple[int, int], message: str, help_: str | None
) -> None:
    found = problem(text)
    assert (found.code, found.span, found.message) == (code, Span(*span), message)
    assert help_ is None or found.help == help_


def test_a_list_of_labels_swallowed_by_group_left_is_explained() -> None:
    assert "group_left ()" in problem("a * on (x) group_left (b)").help


def test_the_first_error_in_the_text_wins() -> None:
    assert problem("a = & b").code == "Q008"


def test_depth_is_limited_without_a_traceback() -> None:
    assert problem("(" * 5000 + "a" + ")" * 5000).code == "Q012"
    assert problem("-" * 5000 + "a").code == "Q012"
    assert problem("a[" + "(" * 5000).code == "Q012"
    assert problem(" + ".join("a" * 5000)).code == "Q012"
    assert problem("a ^ " * 5000 + "a").code == "Q012"
    nested = "abs(" * (MAX_NESTING - 1) + "a" + ")" * (MAX_NESTING - 1)
    assert format(read(nested)) == nested
    chain = " + ".join("a" * MAX_HEIGHT)
    assert format(read(chain)) == chain
    assert check(read(chain)) == ()
    assert read(chain) == read(chain)


_SEEDS = (
    'sum by (job) (rate(requests_total{code=~"5..",job!="x"}[5m] offset 1h)) / on (job) group_left () b > bool 0.5',
    "histogram_quantile(0.99, sum without (instance) (rate(x_bucket[10m:1m] @ end()))) and -a ^ 2 or absent(up) == 1",
    '{"a.b","c d"!~`x`}[5m + step() * min_of(1m, 2)] offset (5m / 2) + fill_left (1) y </ 0x1F unless ignoring () z',
)
_PIECES = re.compile(r"\w+|\s+|.")
_NOISE = (
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    '"',
    "'",
    "`",
    "\\",
    "$",
    "#",
    "@",
    "^",
    "=",
    "=~",
    "5m",
    "by",
    "on",
    "\x00",
    "é",
    "\udcff",
    "::",
    "1e999",
    "offset",
    "-",
    "fill(",
)


def test_random_text_is_read_or_refused_but_never_crashes() -> None:
    random_ = random.Random(7)  # noqa: S311
    accepted = 0
    for number in range(20_000):
        if number % 4 == 0:
            text = "".join(random_.choices(_NOISE + tuple("ab1 \n+*<>:!~."), k=random_.randint(0, 25)))
        else:
            pieces = _PIECES.findall(random_.choice(_SEEDS))
            for _ in range(random_.randint(1, 4)):
                place = random_.randrange(len(pieces))
                pieces[place : place + random_.randint(0, 2)] = random_.choices(
                    (*_NOISE, *pieces), k=random_.randint(0, 2)
                )
                pieces = pieces or [""]
            text = "".join(pieces)
        expr, problems = parse(text, template=number % 2 == 0)
        assert (expr is None) == (len(problems) == 1)
        if expr is None:
            span = problems[0].span
            assert 0 <= span.start <= span.end <= len(text)
            assert problems[0].message
        else:
            accepted += 1
            assert isinstance(check(expr), tuple)
            assert parse(format(expr), template=True)[0] == expr
    assert accepted > 500
