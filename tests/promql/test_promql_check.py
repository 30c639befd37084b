from __future__ import annotations

import pytest
from hypothesis import given, settings
from promql_strategies import expressions

from generators.diagnostics import Severity, Span, TextFinding
from generators.diagnostics.catalogue import codes
from generators.formats.re2 import RegexError
from generators.promql import PROMETHEUS_2, PROMETHEUS_3, check, parse, type_of
from generators.promql.profiles import Profile
from generators.promql.syntax.ast import Expr, VectorSelector
from generators.promql.syntax.functions import AGGREGATES, FUNCTIONS

CODES = codes(("generators.promql",))
EXPERIMENTAL = PROMETHEUS_3.with_experimental()


def problems(text: str, profile: Profile = PROMETHEUS_3, *, template: bool = False) -> tuple[TextFinding, ...]:
    expr, syntax = parse(text, template=template)
    assert expr is not None, (text, syntax)
    return check(expr, profile)


@pytest.mark.parametrize(
    ("text", "code", "place", "message", "help_"),
    [
        (
            *("rate(up)", "Q022", "up", "`rate` takes a range vector, but got an instant vector"),
            "add a range, such as `up[5m]`",
        ),
        (
            *("rate(sum(up))", "Q022", "sum(up)", "`rate` takes a range vector, but got an instant vector"),
            "turn it into a range with a subquery, such as `(…)[30m:1m]`",
        ),
        (
            *("abs(up[5m])", "Q022", "up[5m]", "`abs` takes an instant vector, but got a range vector"),
            "delete the range, or put it into a function such as `rate(…)`",
        ),
        (
            *("clamp(up, 1, up)", "Q022", "up", "argument 3 of `clamp` takes a scalar, but got an instant vector"),
            "make it a scalar with `scalar(…)`",
        ),
        ("rates(up[5m])", "Q020", "rates(up[5m])", "unknown function `rates`", "did you mean `rate`?"),
        (
            "RATE(up[5m])",
            "Q020",
            "RATE(up[5m])",
            "unknown function `RATE`",
            "names of functions are in lower case: `rate`",
        ),
        ("round()", "Q021", "round()", "`round` takes at least 1 argument, but got 0", ""),
        ("round(up, 1, 2)", "Q021", "round(up, 1, 2)", "`round` takes at most 2 arguments, but got 3", ""),
        ("time(1)", "Q021", "time(1)", "`time` takes 0 arguments, but got 1", ""),
        ("sum(1)", "Q024", "1", "`sum` takes an instant vector, but got a scalar", "make it a vector with `vector(…)`"),
        ("topk(up, up)", "Q024", "up", "the parameter of `topk` takes a scalar, but got an instant vector", None),
        ("count_values(1, up)", "Q024", "1", "the parameter of `count_values` takes a string, but got a scalar", None),
        (
            "up[5m] + 1",
            "Q025",
            "up[5m]",
            "operator `+` takes scalars and instant vectors, but got a range vector",
            None,
        ),
        ("up + bool 1", "Q026", " + bool ", "`bool` belongs to comparisons, not to `+`", "delete `bool`"),
        ("1 > 2", "Q027", " > ", "a comparison of two scalars needs `bool`: `> bool`", None),
        ("up or 0", "Q028", "up or 0", "`or` works on instant vectors, not on scalars", None),
        (
            *("up and on (a) group_left () b", "Q029", " and on (a) group_left () "),
            *("`and` is always many-to-many and takes no `group_left`", "delete `group_left`"),
        ),
        ("up + on (a) 1", "Q030", " + on (a) ", "`on` works between two instant vectors only", "delete it"),
        ("a * on (x) group_left (x) b", "Q031", None, "label `x` stands in both `on` and `group_left`", None),
        ("-'x'", "Q032", "'x'", "the sign `-` takes a scalar or an instant vector, but got a string", None),
        (
            "sum_over_time(up[5m][1h:])",
            "Q033",
            "up[5m]",
            "a subquery takes an instant vector, but got a range vector",
            None,
        ),
        (
            "up{__name__='b'}",
            "Q034",
            "__name__='b'",
            "the metric name is set twice: `up` and `b`",
            "delete one of them",
        ),
        ("{a=~'.*',b!='c'}", "Q035", "{a=~'.*',b!='c'}", None, None),
        ("{}", "Q035", "{}", None, None),
        ("up{a=~'('}", "Q036", "a=~'('", "missing `)` in the regular expression `(`", ""),
        ("up{a=~'(?!b)'}", "Q036", "a=~'(?!b)'", None, None),
        ("sum by ('') (up)", "Q037", "sum by ('') (up)", "a label cannot have an empty name", None),
        ("rate(up[0s])", "Q038", "0s", "the range must be longer than 0, but is 0s", ""),
        ("sum_over_time(up[5m:-5m])", "Q038", "-5m", "the step must be longer than 0, but is -5m", ""),
        ("rate(up[5m / 0])", "Q039", "5m / 0", "`/ 0` in a duration", ""),
        ("rate(up[5m + min(1m, 2m)])", "Q041", "min(1m, 2m)", None, "it is called `min_of` since Prometheus 3.13"),
        ("sum_over_time(up[step():1m])", "Q042", "step()", None, "add `+ 0s` to it"),
    ],
)
def test_what_prometheus_refuses_is_a_problem(
    text: str, code: str, place: str | None, message: str | None, help_: str | None
) -> None:
    (found,) = problems(text)
    assert found.code == code
    assert found.severity is Severity.ERROR
    assert place is None or text[found.span.start : found.span.end] == place
    assert message is None or found.message == message
    assert help_ is None or found.help == help_


def test_all_problems_are_found_at_once_in_the_order_of_the_text() -> None:
    found = problems('rate(up) + foo(1) > bool sum(1) and {a="", b=~"("}[0s]')
    assert [each.code for each in found] == ["Q022", "Q020", "Q024", "Q025", "Q036", "Q038"]
    assert [each.span.start for each in found] == sorted(each.span.start for each in found)


def test_one_mistake_causes_one_problem() -> None:
    assert len(problems("sum(rate(foo(bar))) + 1")) == 1
    assert len(problems("sum(-up[5m]) > 1")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "1 > bool 2",
        "-time() + 1",
        "vector(1) or up",
        'label_join(up, "a", ",")',
        'label_join(up, "a", ",", "b", "c", "d")',
        "hour()",
        "round(up, 5)",
        '{__name__=~".+"}',
        '{a!=""}',
        '{"a b"}',
        "rate(up[5m + step()])",
        "up offset -(5m)",
        "a + on (x) group_left () b",
        '"just a string"',
        "up[5m]",
        "scalar(up) + 1 > bool 0",
    ],
)
def test_what_prometheus_accepts_has_no_problems(text: str) -> None:
    assert problems(text) == ()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("max_of(1, 2)", "promql-experimental-functions"),
        ("mad_over_time(up[5m])", "promql-experimental-functions"),
        ("info(up, {})", "promql-experimental-functions"),
        ("limitk(2, up)", "promql-experimental-functions"),
        ("a + fill (0) b", "promql-binop-fill-modifiers"),
        ("rate(up[5m] anchored)", "promql-extended-range-selectors"),
    ],
)
def test_experimental_parts_need_their_flag(text: str, flag: str) -> None:
    (found,) = problems(text)
    assert found.code == "Q040"
    assert flag in found.help
    assert problems(text, EXPERIMENTAL) == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"a b"}',
        'up{"a b"="c"}',
        'sum by ("a b") (up)',
        "rate(up[5m + 1m])",
        "a + fill (0) b",
        "up smoothed",
        "up </ 5",
        "double_exponential_smoothing(up[5m], 0.5, 0.5)",
        "histogram_avg(up)",
        "limitk(2, up)",
        "up > 5m",
    ],
)
def test_parts_of_prometheus_3_are_unknown_to_2(text: str) -> None:
    assert {each.code for each in problems(text, PROMETHEUS_2.with_experimental())} == {"Q041"}
    assert problems(text, EXPERIMENTAL) == ()


def test_holt_winters_left_with_prometheus_3() -> None:
    text = "holt_winters(up[5m], 0.5, 0.5)"
    assert problems(text, PROMETHEUS_2) == ()
    (found,) = problems(text)
    assert (found.code, found.help) == ("Q041", "it is called `double_exponential_smoothing` now")


def test_first_over_time_became_stable() -> None:
    assert problems("first_over_time(up[5m])") == ()
    assert problems("first_over_time(up[5m])", Profile("3.13", (3, 13)))[0].code == "Q040"


def test_info_takes_matchers_only() -> None:
    assert problems("info(up, up)", EXPERIMENTAL)[0].code == "Q023"
    assert problems('info(up, {a=~".*"})', EXPERIMENTAL) == ()


def test_holes_fit_everywhere() -> None:
    text = "$scalar > bool 1 and rate($errors[$window]) > $limit + clamp(up, $low, 2)"
    codes = [each.code for each in problems(text, template=True)]
    assert codes == []
    assert problems("sum($errors) + rate($errors{a='b'})", template=True)[0].code == "Q022"


def test_problems_of_patterns_that_only_we_cannot_read_are_warnings() -> None:
    assert problems('up{a=~"\\\\p{Greek}"}') == ()
    (found,) = problems('up{a=~"' + "(" * 120 + ")" * 120 + '"}')
    assert (found.code, found.severity) == ("Q036", Severity.WARNING)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1 + time()", "scalar"),
        ("-1", "scalar"),
        ("up > 1", "vector"),
        ("1 + up", "vector"),
        ("up[5m]", "matrix"),
        ("up[5m:]", "matrix"),
        ("'a'", "string"),
        ("vector(1)", "vector"),
        ("sum(up)", "vector"),
        ("nosuch(1)", "vector"),
    ],
)
def test_every_expression_has_a_type(text: str, type_: str) -> None:
    expr, _ = parse(text)
    assert expr is not None
    assert type_of(expr) == type_


@settings(derandomize=True, deadline=None)
@given(expressions)
def test_every_tree_can_be_checked_under_every_version(expr: Expr) -> None:
    for profile in (PROMETHEUS_2, PROMETHEUS_3, EXPERIMENTAL):
        for found in check(expr, profile):
            assert found.code in CODES
            assert found.message


def test_built_trees_have_problems_without_a_place() -> None:
    (found,) = check(VectorSelector(None))
    assert found.span == Span(-1, -1)


def test_every_code_has_a_page_whose_examples_are_true() -> None:
    for code in CODES.values():
        assert code.title
        assert code.explanation.endswith(".")
        if code.id > "Q049":
            continue
        expr, syntax = parse(code.wrong)
        profile = PROMETHEUS_3 if code.id == "Q040" else EXPERIMENTAL
        found = syntax if expr is None else check(expr, profile)
        # The page on depth abbreviates its example, which is too long to show.
        assert {each.code for each in found} == {code.id} or code.id == "Q012", code.wrong
        right, syntax = parse(code.right)
        assert right is not None, (code.right, syntax)
        assert check(right, EXPERIMENTAL) == (), code.right


def test_tables_of_functions_are_consistent() -> None:
    assert {name for name, signature in FUNCTIONS.items() if signature.name != name} == set()
    assert all(signature.since < signature.until for signature in FUNCTIONS.values())
    assert not set(FUNCTIONS) & set(AGGREGATES)
    assert issubclass(RegexError, ValueError)
