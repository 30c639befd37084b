"""Whatever a spec says, dashboards show it and read nothing into it."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from grafana_dashboards import panels
from hypothesis import given, settings
from hypothesis import strategies as st

from generators import promql
from generators.grafana.lint import lint
from generators.grafana.text import inert
from generators.promql.syntax.ast import Matcher, MatchOp, StringLiteral, VectorSelector
from generators.promql.syntax.walk import selectors
from generators.targets.grafana.dashboards import dashboard_text
from generators.targets.grafana.text import prose, query_text, title

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))
from dashboards_plan import compiled, model

BAIT = "$datasource ${job:raw} [[instance]] {{le}} <script>alert(1)</script> ![x](javascript:y) \" \\ ' `x` | $5"


@cache
def hostile() -> tuple[dict[str, Any], ...]:
    """The dashboards of a model whose every free text is bait."""
    spec = {
        "task": "multiclass-classification",
        "version": "1.0.0",
        "description": BAIT,
        "service": {"name": "hostile", "namespace": "ml"},
        "prediction": {"classes": ["$__all", '"} or up{x="', BAIT], "low_confidence": 0.5},
        "labels": {"delay": "1d", "source": "human"},
        "segments": {"region": ["emea"]},
        "kpis": {
            "bait": {
                "unit": "{USD}",
                "value": "accuracy * 2",
                "description": BAIT,
                "warning": "< 1",
                "runbook": {"steps": [BAIT]},
            }
        },
        "compliance": {"dpia": BAIT},
    }
    plan = compiled(("hostile", {"domain": BAIT}, spec))
    return tuple(json.loads(dashboard_text(each, plan.catalog.platform)) for each in model(plan, "hostile").dashboards)


def test_titles_and_descriptions_read_no_variable() -> None:
    assert len(hostile()) >= 4
    for data in hostile():
        texts = [data["title"], data["description"]]
        for panel in panels(data):
            texts += [panel["title"], panel["description"], panel.get("options", {}).get("content", "")]
        for text in texts:
            assert not re.search(r"\$\w|\$\{|\[\[|\{\{", text), text


def test_the_bait_is_still_there_to_be_read() -> None:
    health = next(data for data in hostile() if "·" not in data["title"])
    assert "$\u200bdatasource" in health["title"]
    text = next(panel for panel in panels(health) if panel["type"] == "text")["options"]["content"]
    assert "alert" in text
    assert "<script" not in text.replace("\\<", "")


def test_markdown_of_a_panel_makes_no_html_and_no_picture() -> None:
    for data in hostile():
        for panel in panels(data):
            text = panel["description"] + panel.get("options", {}).get("content", "")
            assert not re.search(r"(?<!\\)<[a-z/]", text)
            assert not re.search(r"(?<!\\)\]\(javascript:", text)


def test_a_hostile_model_passes_the_linter() -> None:
    for data in hostile():
        assert [finding for finding in lint(data) if finding.code != "D826"] == []


@given(st.text(max_size=30))
@settings(derandomize=True, deadline=None)
def test_matchers_keep_their_meaning_and_hold_no_variable(value: str) -> None:
    expr = VectorSelector("up", (Matcher("job", MatchOp.EQUAL, value), Matcher("team", MatchOp.REGEX, "$team")))
    text = query_text(expr)
    assert promql.parse(text)[0] == expr
    assert re.findall(r"\$\w*|\[\[", text) == ["$team"]


@pytest.mark.parametrize(
    "value", ["$job", "${job}", "[[job]]", "$__range", "$$job", "[[[job]]]", "\\$job", "$job$", "[$__rate_interval]"]
)
def test_words_that_look_like_variables_are_escaped(value: str) -> None:
    for op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        expr = VectorSelector("up", (Matcher("job", op, value),))
        assert promql.parse(query_text(expr))[0] == expr
        assert "$" not in query_text(expr)
    assert promql.parse(query_text(StringLiteral(value)))[0] == StringLiteral(value)


def test_only_a_whole_pattern_is_a_variable() -> None:
    found = [
        query_text(VectorSelector("up", (Matcher("job", MatchOp.REGEX, value),)))
        for value in ("$job", "$job|x", "x$job")
    ]
    assert found == ['up{job=~"$job"}', 'up{job=~"\\x24job|x"}', 'up{job=~"x\\x24job"}']


@given(st.text(alphabet="$[]{}ab_ 1\n<>`", max_size=20))
@settings(derandomize=True, deadline=None)
def test_text_is_inert_and_shows_its_words(text: str) -> None:
    assert not re.search(r"\$\w|\$\{|\[\[|\{\{", inert(text))
    assert inert(text).replace("\u200b", "") == text
    for shown in (title(text), prose(text)):
        assert not re.search(r"\$\w|\$\{|\[\[|\{\{", shown)


def test_every_string_of_a_query_reads_only_declared_variables() -> None:
    for data in hostile():
        names = {each["name"] for each in data["templating"]["list"]}
        for panel in panels(data):
            for target in panel.get("targets", ()):
                expr = promql.parse(target["expr"], template=True)[0]
                assert expr is not None
                for each in selectors(expr):
                    for matcher in each.matchers:
                        if "$" in matcher.value and matcher.op is MatchOp.REGEX and matcher.value.startswith("$"):
                            assert matcher.value[1:] in names
