"""Expansions against what Prometheus 3.15's own template package yields for the same input."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from generators.promql.templates import parse_template
from generators.promql.templates.expansion import expand

GOLDENS = json.loads(Path(__file__).with_name("template_goldens.json").read_text(encoding="utf-8"))


def stored(expression: str) -> Sequence[tuple[dict[str, str], float]]:
    if expression.startswith("none"):
        return []
    if expression.startswith("bad"):
        raise ValueError("bad query")
    return [
        ({"__name__": "up", "job": "b"}, 11.0),
        ({"__name__": "up", "job": "a", "__value__": "x"}, 2.5),
    ]


def run(case: dict[str, Any]) -> dict[str, str]:
    template, problems = parse_template(case["text"])
    if template is None:
        line = 1 + case["text"].count("\n", 0, problems[0].span.start)
        return {"unparsable": f"{line}: {problems[0].message}"}
    labels = case.get("labels", {"job": "abab", "x": "1"})
    text = expand(
        template,
        labels,
        float(case["value"]),
        {"e": "f"},
        "http://prom.example:9090/base",
        query=stored,
        timestamp=1600000000.123,
        alert="A",
    )
    failure = "<error expanding template: error executing template __alert_A: "
    return {"fails": text[len(failure) : -1]} if text.startswith(failure) else {"expands": text}


@pytest.mark.parametrize("case", GOLDENS, ids=range(len(GOLDENS)))
def test_a_template_does_what_it_does_in_prometheus(case: dict[str, Any]) -> None:
    got = run(case)
    assert got == {key: case[key] for key in ("unparsable", "fails", "expands") if key in case}
