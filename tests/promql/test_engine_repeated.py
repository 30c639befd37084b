from __future__ import annotations

import numpy as np
import pytest
from engine_data import load

from generators.promql.engine import MatrixValue, Result, Storage, evaluate, evaluator
from generators.promql.engine.repeated import repeated_parts
from generators.promql.syntax.parser import parse

PSI = (
    "sum by (job) ((increase(bins[5m]) / on (job) group_left () sum by (job) (increase(bins[5m])) - 0.25)"
    " * ln(increase(bins[5m]) / on (job) group_left () sum by (job) (increase(bins[5m])) / 0.25))"
)
EXPRESSIONS = [
    PSI,
    "rate(bins[5m]) - rate(bins[5m])",
    "rate(bins[5m]) * 0 + -rate(bins[5m]) * -0",
    "max_over_time((rate(bins[2m]) / rate(bins[2m]))[5m:1m]) + (rate(bins[2m]) / rate(bins[2m]))",
    "sort_desc(rate(bins[5m])) or sort_desc(rate(bins[5m] offset 1m))",
    "histogram_quantile(0.9, rate(bins[5m])) or histogram_quantile(0.9, rate(bins[5m]))",
    'label_replace(rate(bins[5m]), "x", "y", "", "") + ignoring (x) label_replace(rate(bins[5m]), "x", "y", "", "")',
    "rate(bins[5m] @ 300) + rate(bins[5m] @ 300) + rate(bins[5m])",
]


def storage() -> Storage:
    return load('bins{job="a",bin="0"} 0+3x20', 'bins{job="a",bin="1"} 0+1x10 2+5x10', 'bins{job="b",bin="0"} 0+2x20')


def run(text: str) -> Result:
    expr, problems = parse(text)
    assert expr is not None, problems
    return evaluate(expr, storage(), 0, 1_200_000, 60_000, query=text)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_remembering_parts_changes_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = run(text)
    monkeypatch.setattr(evaluator, "repeated_parts", lambda _: {})
    plain = run(text)
    assert isinstance(remembered.value, MatrixValue)
    assert isinstance(plain.value, MatrixValue)
    assert (remembered.warnings, remembered.infos, remembered.error) == (plain.warnings, plain.infos, plain.error)
    assert [series.labels for series in remembered.value.series] == [series.labels for series in plain.value.series]
    for left, right in zip(remembered.value.series, plain.value.series, strict=True):
        assert left.timestamps.tolist() == right.timestamps.tolist()
        assert np.array_equal(left.values.view(np.uint64), right.values.view(np.uint64))


def test_the_parts_of_a_statistic_are_found() -> None:
    expr, _ = parse(PSI)
    assert expr is not None
    assert len(set(repeated_parts(expr).values())) == 3


def test_nothing_is_looked_for_where_no_call_repeats() -> None:
    for text in ("a + a", "rate(a[5m]) + rate(b[5m])", "sum(a) / sum(a)"):
        expr, _ = parse(text)
        assert expr is not None
        assert repeated_parts(expr) == {}
