from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from planning_specs import model, organisation, parsed, rule_files, texts

from generators.pipeline import Compiled, compile_artifacts
from generators.planning.plan import Alerting
from generators.promql.syntax.ast import Matcher, StringLiteral, VectorSelector
from generators.promql.templates import parse_template
from generators.promql.templates.expansion import expand

HOSTILE = (
    "a\"b", "a'b", "a\\b", "{{ $value }}", "}}", "{{", "`code`", "two\nlines", "a|b", "<script>alert(1)</script>",
    "# top", "\u202eevil", "100%", "$value ${X} $1", "[x](javascript:y)", "{", "}", "--- ", "- a: b", "!!python/object",
    "\\d+(",
    "*bold*", "_it_", "&amp;", "<!-- x", "-->", "' or 1=1 --", "%s %d", "é", "日本", "=cmd()", "~~~", "${env:HOME}",
    "$(id)",
)  # fmt: skip
TEXT = " ".join(HOSTILE)
LABELS = tuple(text for text in HOSTILE if "\n" not in text)
"""What may be the value of a label that a person chooses."""


def spoken(text: str, values: tuple[str, ...]) -> dict[str, Any]:
    """The small organisation with a text in every field that takes one, and values in every list of them."""
    runbook = {"meaning": text, "impact": text, "steps": [text, text], "rollback": text}
    alerts = {
        "ErrorsHigh": {"summary": text, "description": text, "runbook": runbook},
        "Odd": {"summary": text, "severity": "warning", "promql": "$error_ratio > 0.5", "runbook": runbook},
    }
    return {
        "platform.yaml": {"organisation": text, "tenants": {"retail": {"description": text}}},
        "environments/production.yaml": {"description": text, "external_labels": {"cluster": text}},
        "teams/growth.yaml": {"description": text, "contact": text},
        "packs/scoring.yaml": {
            "description": text,
            "metrics": {
                "duration": {"description": text, "personal_data": text},
                "hits": {
                    "name": "ml.hits",
                    "instrument": "counter",
                    "description": text,
                    "attributes": {
                        "ml.kind": {"description": text, "values": list(values)},
                        "ml.segment": {"values": "$segments"},
                    },
                },
            },
            "measures": {"error_ratio": {"description": text}},
        },
        "models/churn.yaml": {
            "description": text,
            "rollback": text,
            "version": text,
            "artifact": {"sha256": "0" * 64, "framework": text, "uri": text},
            "features": {"age": {"type": "category", "values": list(values), "description": text}},
            "prediction": {"classes": list(values)},
            "segments": {"region": list(values)},
            "labels": {"delay": "1d"},
            "compliance": {"dpia": text},
            "slos": {"availability": {"description": text, "runbook": runbook}},
            "kpis": {
                "saved": {
                    "description": text,
                    "unit": "{USD}",
                    "value": "accuracy * 5",
                    "warning": "< 3",
                    "runbook": runbook,
                }
            },
            "alerts": alerts,
        },
    }


@cache
def compiled(*, hostile: bool) -> Compiled:
    plain = tuple(f"value{index}" for index in range(len(LABELS)))
    result = compile_artifacts(organisation(spoken(TEXT, LABELS) if hostile else spoken("Words.", plain)))
    assert {problem.code for problem in result.problems} == {"R340"}  # the model has no baseline
    return result


def rules(*, hostile: bool) -> list[dict[str, Any]]:
    files = rule_files(compiled(hostile=hostile).artifacts, "production")
    return [rule for _, groups in sorted(files.items()) for group in groups for rule in group["rules"]]


def shape(node: object) -> object:
    """A syntax tree without the texts in it."""
    if isinstance(node, StringLiteral):
        return "text"
    if isinstance(node, Matcher):
        return (node.label, node.op)
    if isinstance(node, VectorSelector):
        return (node.name, [shape(each) for each in node.matchers], node.offset)
    if dataclasses.is_dataclass(node):
        fields = [field.name for field in dataclasses.fields(node) if field.name != "span"]
        return (type(node).__name__, [shape(getattr(node, name)) for name in fields])
    return [shape(each) for each in node] if isinstance(node, tuple) else node


def test_texts_change_no_expression() -> None:
    told, plain = rules(hostile=True), rules(hostile=False)
    assert len(told) == len(plain) > 20
    for one, other in zip(told, plain, strict=True):
        assert one.keys() == other.keys()
        assert shape(parsed(one["expr"])) == shape(parsed(other["expr"]))


def test_texts_of_alerts_are_expanded_to_themselves() -> None:
    found = [rule for rule in rules(hostile=True) if rule.get("alert") in ("ErrorsHigh", "Odd")]
    assert len(found) == 2
    for rule in found:
        template, problems = parse_template(rule["annotations"]["summary"])
        assert (problems, template is None) == ((), False)
        assert template is not None
        assert expanded(rule["annotations"]["summary"]) == TEXT
        if rule["alert"] == "ErrorsHigh":
            limit = "The threshold is 5 %, and it has been above for at least 2m."
            assert expanded(rule["annotations"]["description"]) == f"{TEXT} {limit} First step: {TEXT}"
        assert expanded(rule["annotations"]["owner"]) == f"growth, {TEXT}"


def expanded(text: str) -> str:
    template, problems = parse_template(text)
    assert problems == ()
    assert template is not None
    result = expand(template, {"severity": "warning"}, 0.5)
    return result if isinstance(result, str) else str(result.text)


def test_every_template_of_every_alert_parses() -> None:
    for rule in rules(hostile=True):
        for text in rule.get("annotations", {}).values():
            template, problems = parse_template(text)
            assert (problems, template is None) == ((), False), text


def markdown(*, hostile: bool) -> dict[str, str]:
    return {path: text for path, text in texts(compiled(hostile=hostile)).items() if path.endswith(".md")}


def outside_code(text: str) -> str:
    """Markdown without code blocks and code spans."""
    without_blocks = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", without_blocks)


@pytest.mark.parametrize("mark", [r"^#+ ", r"^\|(?: --- \|)+$", r"^\d+\. ", r"^- "])
def test_texts_add_no_structure_to_pages(mark: str) -> None:
    told, plain = markdown(hostile=True), markdown(hostile=False)
    assert told.keys() == plain.keys()
    for path, text in told.items():
        found, expected = (
            len(re.findall(mark, outside_code(each), flags=re.MULTILINE)) for each in (text, plain[path])
        )
        assert found == expected, path


def test_pages_hold_no_live_markup() -> None:
    for path, text in markdown(hostile=True).items():
        bare = outside_code(text)
        assert not re.search(r"(?<!\\)<(?!!-- (?:Gen|Made|Written))", bare), path
        assert not re.search(r"(?<!\\)\]\(javascript:", bare), path
        assert "\u202e" not in text, path


def scalars(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from scalars(key)
            yield from scalars(value)
    elif isinstance(node, list):
        for item in node:
            yield from scalars(item)
    elif isinstance(node, str):
        yield node


def loaded(path: str, text: str) -> Any:
    return json.loads(text) if path.endswith(".json") else list(yaml.safe_load_all(text))


def test_yaml_and_json_are_read_back_as_they_were_meant() -> None:
    told, plain = texts(compiled(hostile=True)), texts(compiled(hostile=False))
    assert told.keys() == plain.keys()
    for path, text in told.items():
        if path.endswith((".json", ".yaml")):
            assert loaded(path, text) is not None
    manifest = loaded("x.json", told["instruments/retail/churn.json"])
    assert set(LABELS) <= set(scalars(manifest))
    assert any(TEXT in each for each in scalars(manifest))


def test_every_line_of_a_rule_file_that_is_no_comment_says_the_same() -> None:
    """Texts that stand in comments of rule files do not leave them."""
    for path, text in texts(compiled(hostile=True)).items():
        if path.endswith(".rules.yaml"):
            plain = texts(compiled(hostile=False))[path]
            assert [g["name"] for g in yaml.safe_load(text)["groups"]] == [
                g["name"] for g in yaml.safe_load(plain)["groups"]
            ]


def test_the_plan_knows_texts_as_they_were_written() -> None:
    result = compiled(hostile=True).plan
    assert result is not None
    of = model(result)
    assert of.deployment.model.description == TEXT
    assert {
        rule.runbook.impact
        for group in of.groups
        for rule in group.rules
        if isinstance(rule, Alerting) and rule.alert == "Odd"
    } == {TEXT}
