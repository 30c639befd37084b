from __future__ import annotations

import pytest
from engine_data import ask, load

from generators.diagnostics import Code
from generators.promql.checks.expressions import check
from generators.promql.engine import results
from generators.promql.profiles import PROMETHEUS_3
from generators.promql.syntax.parser import parse

CODES = [value for value in vars(results).values() if isinstance(value, Code)]


@pytest.mark.parametrize("code", [code for code in CODES if code != results.BAD_SERIES], ids=str)
def test_the_examples_of_a_page_are_promql(code: Code) -> None:
    right, problems = parse(code.right)
    assert right is not None
    assert check(right, PROMETHEUS_3.with_experimental()) == ()
    assert parse(code.wrong)[0] is not None
    assert problems == ()


def test_examples_of_problems_in_the_query_alone_have_that_problem() -> None:
    storage = load('up{instance="a:1"} 1x9', "requests_total 1x9")
    for code in (results.BAD_LABELS, results.BAD_DURATION, results.BAD_SELECTOR, results.BAD_TYPE):
        wrong, right = (ask(storage, text, 300_000) for text in (code.wrong, code.right))
        assert wrong.error is not None
        assert wrong.error.kind == code
        assert right.error is None
