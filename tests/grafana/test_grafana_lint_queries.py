"""Queries with variables of Grafana in them: what the variables stand for is allowed, nothing else is forgiven."""

from __future__ import annotations

from typing import Any

import pytest
from test_grafana_lint import asks, sound

from generators.grafana.lint import lint_all
from generators.grafana.lint.queries import read


@pytest.mark.parametrize(
    "expr",
    [
        "rate(x[$__rate_interval])",
        "rate(x[${__range_s}s])",
        "sum by (${label:csv}) (x)",
        "topk($n, x)",
        "rate($metric[5m])",
        "metric_$suffix",
        "${metric}_total",
        "x > $threshold",
        "$agg(x)",
        "$agg by (a) (x)",
        "x{$filter}",
        'x{a="b",$more}',
        'x{$label="$value"}',
        "histogram_quantile(0.$quantile, x)",
        "x @ ${__to:date:seconds}",
        'x{a=~"[[a:regex]]"} offset $offset',
        "${__user.login}",
        "rate([[metric]]_total[[[window]]])",
    ],
)
def test_variables_stand_anywhere_in_a_query(expr: str) -> None:
    assert read(expr).problem is None


@pytest.mark.parametrize("expr", ["rate(x)", "sum(x", "x{$filter", "$agg(x", "x[5m] > $threshold", "sum by $label (x)"])
def test_variables_do_not_hide_what_prometheus_refuses(expr: str) -> None:
    assert read(expr).problem is not None


@pytest.mark.parametrize(
    ("source", "judged"),
    [
        ({"type": "prometheus", "uid": "x"}, True),
        ({"type": "elasticsearch", "uid": "x"}, False),
        ({"type": "loki", "uid": "x"}, False),
        ("${datasource}", True),
        ("Prometheus", True),
        (None, True),
    ],
)
def test_queries_are_judged_in_the_language_of_their_data_source(source: Any, judged: bool) -> None:
    data = sound()
    asks("sum(hits")(data)
    data["panels"][0]["datasource"] = data["panels"][0]["targets"][0]["datasource"] = source
    assert ("D810" in {finding.code for finding in lint_all([data])}) == judged
