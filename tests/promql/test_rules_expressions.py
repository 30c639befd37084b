from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.promql import Expr, TextFinding
from generators.promql.checks.expressions import check
from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Profile
from generators.promql.rules.expressions import parse_and_check
from generators.promql.syntax.parser import parse

PATTERNS = (
    'up{{model="{a}"}} == 0',
    'sum by (model) (rate(x{{model="{a}",cell=~"{b}",at!="{c}"}}[5m])) / y{{model="{a}"}} offset 5m > 1',
    'label_replace(x{{a="{a}"}}, "to", "{b}", "from", "{c}=") and {{"m",a="{b}"}}',
    'x{{a= "{a}", b="{b}"}} # "{c}"',
    'histogram_quantile(2, x{{a="{a}"}}) + rate(x{{a!="{b}"}})',
    'x{{__name__="{a}",b="{b}"}}',
    '"{a}="x"{b}"',
    'x{{a="{a}}}',
    "x{{a='{a}',b=\"{b}\"}}",
)
PIECES = st.sampled_from(
    [
        *('x{a="', '"}', '",b!="', '",c=~"', '",__name__="', "'", '"', "\\", "#", "\n", "a", "="),
        *("rate(", "[5m])", " or ", "é"),
    ]
)
VALUES = ("", "x", "xx", "a", "model-1", "model-12", "a}b", "é", "a=", ".*", "\\d", "a,b")


def alone(text: str, profile: Profile) -> tuple[Expr | None, tuple[TextFinding, ...]]:
    expr, problems = parse(text)
    return (None, problems) if expr is None else (expr, (*problems, *check(expr, profile)))


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_looks_like_values_but_is_none_changes_nothing(text: str) -> None:
    assert repr(parse_and_check(text, PROMETHEUS_3)) == repr(alone(text, PROMETHEUS_3))


@pytest.mark.parametrize("profile", [PROMETHEUS_3, PROMETHEUS_2])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_that_are_alike_have_the_trees_and_problems_that_each_would_have_alone(
    pattern: str, profile: Profile
) -> None:
    random = Random(pattern)  # noqa: S311 - test data
    for _ in range(60):
        text = pattern.format(**{name: random.choice(VALUES) for name in "abc"})
        assert repr(parse_and_check(text, profile)) == repr(alone(text, profile))
