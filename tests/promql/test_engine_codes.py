from __future__ import annotations

import pytest
from engine_data import ask, load

from generators.promql.checks.expressions import check
from generators.promql.engine import results
from generators.promql.evaluation_codes import EVALUATION_CODES
from generators.promql.profiles import PROMETHEUS_3
from generators.promql.syntax.parser import parse

PAGES = {page.code: page for page in EVALUATION_CODES}
CODES = {value for name, value in vars(results).items() if name.isupper() and str(value).startswith("Q3")}


def test_every_code_has_a_page() -> None:
    assert PAGES.keys() == CODES


@pytest.mark.parametrize("code", sorted(set(PAGES) - {results.BAD_SERIES}))
def test_the_examples_of_a_page_are_promql(code: str) -> None:
    page = PAGES[code]
    right, problems = parse(page.right)
    assert right is not None
    assert check(right, PROMETHEUS_3.with_experimental()) == ()
    assert parse(page.wrong)[0] is not None
    assert problems == ()


def test_examples_of_problems_in_the_query_alone_have_that_problem() -> None:
    storage = load('up{instance="a:1"} 1x9', "requests_total 1x9")
    for code in (results.BAD_LABELS, results.BAD_DURATION, results.BAD_SELECTOR, results.BAD_TYPE):
        wrong, right = (ask(storage, text, 300_000) for text in (PAGES[code].wrong, PAGES[code].right))
        assert wrong.error is not None
        assert wrong.error.code == code
        assert right.error is None
