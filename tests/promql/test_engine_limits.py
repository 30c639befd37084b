from __future__ import annotations

import pytest
from engine_data import MINUTE, ask, load

from generators.promql.engine import Limits, Storage, evaluate
from generators.promql.syntax.ast import Aggregate, Binary, Call, NumberLiteral, StringLiteral, VectorSelector


def test_an_expression_that_needs_too_much_stops_with_a_problem() -> None:
    storage = load(*(f'a{{x="{x}"}} 1x50' for x in range(20)))
    small = Limits(cells=1_000)
    result = ask(storage, "a", 0, 100 * MINUTE, MINUTE, limits=small)
    assert result.error is not None
    assert result.error.code == "Q305"
    assert "limit is 1,000" in result.error.message
    assert ask(storage, "a", 0, 10 * MINUTE, MINUTE, limits=small).error is None


def test_a_subquery_with_far_too_many_steps_stops_before_it_is_evaluated() -> None:
    result = ask(load("a 1"), "sum_over_time(vector(1)[100y:1ms])", 0)
    assert result.error is not None
    assert result.error.code == "Q305"


def test_samples_that_are_read_count_towards_the_limit() -> None:
    result = ask(load("a 1x500"), "sum_over_time(a[400m])", 400 * MINUTE, limits=Limits(samples=100))
    assert result.error is not None
    assert "more than 100 samples" in result.error.message


def test_native_histograms_are_refused_only_where_they_are_selected() -> None:
    storage = load("a 1 {{count:1}} 3", "b 1 2 3")
    assert ask(storage, "b", MINUTE).error is None
    assert ask(storage, "a", 0).error is None
    refused = ask(storage, "a", MINUTE).error
    assert refused is not None
    assert refused.code == "Q306"
    assert ask(storage, "rate(a[5m])", 2 * MINUTE).error is not None


A = VectorSelector("a")


@pytest.mark.parametrize(
    "tree",
    [
        Call("rate", (A,)),
        Call("abs", (NumberLiteral(1.0),)),
        Call("vector", (A,)),
        Call("label_join", (A, A, A)),
        Call("no_such_function", (A,)),
        Aggregate("sum", NumberLiteral(1.0)),
        Aggregate("topk", A),
        Aggregate("count_values", A, NumberLiteral(1.0)),
        Binary("and", NumberLiteral(1.0), A),
        Binary("+", A, StringLiteral("x")),
        VectorSelector("hole", hole=True),
    ],
    ids=str,
)
def test_a_tree_that_makes_no_sense_gives_a_problem_and_no_traceback(tree) -> None:
    storage = load("a 1")
    result = evaluate(tree, storage, 0)
    assert result.error is not None
    assert result.value is None


def test_evaluation_does_not_change_the_storage() -> None:
    storage = load('a_total{x="1"} 1 2 3', 'a_total{x="2"} 3 2 1')
    before = [(series.labels, series.values.copy()) for series in storage]
    for text in ("rate(a_total[5m])", "sort(a_total)", "-a_total", "sum(a_total)", "a_total + a_total"):
        ask(storage, text, 0, 3 * MINUTE, MINUTE)
    after = [(series.labels, series.values) for series in storage]
    assert all(one[0] == two[0] and (one[1] == two[1]).all() for one, two in zip(before, after, strict=True))


def test_an_empty_storage_answers_everything() -> None:
    for text in (
        "a",
        "rate(a[5m])",
        "sum(a)",
        "a + b",
        "a or b",
        "topk(3, a)",
        "histogram_quantile(0.9, a)",
        "info(a)",
    ):
        assert ask(Storage(), text, 0, 3 * MINUTE, MINUTE).error is None
