"""Files of dashboards as people have them: every finding stands at its line and column, nothing is a traceback."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_grafana_lint import asks, sound

from generators.diagnostics import Position, Problem
from generators.diagnostics.catalogue import codes
from generators.grafana.lint import lint_files
from generators.grafana.lint.places import Places

CODES = codes(("generators.grafana.lint",))


def found(text: str, file: str = "d.json") -> list[Problem]:
    return list(lint_files({file: text}))


def marked(text: str, problem: Problem) -> str:
    """What the place of a problem covers."""
    return text.split("\n")[problem.position.line - 1][problem.position.column - 1 : problem.position.end_column - 1]


def wrong(expr: str) -> dict[str, Any]:
    data = sound()
    asks(expr)(data)
    return data


def test_a_sound_dashboard_has_no_problem_in_any_wrapping() -> None:
    for data in (
        sound(),
        {"dashboard": sound(), "meta": {}},
        {"apiVersion": "dashboard.grafana.app/v1", "spec": sound()},
    ):
        assert found(json.dumps(data)) == []


@pytest.mark.parametrize("indent", [None, 2])
def test_a_query_is_marked_where_it_cannot_be_read(indent: int | None) -> None:
    text = json.dumps(wrong('sum(up{job=~"${job:regex}"}) ++* 2'), indent=indent)
    (problem,) = (each for each in found(text) if each.code == "D810")
    assert marked(text, problem) == "*"
    assert text.split("\n")[problem.position.line - 1][: problem.position.column].endswith(r"}\"}) ++*")


@pytest.mark.parametrize(
    ("expr", "code", "covered"),
    [
        ("rate(up)", "D810", "u"),
        ("sum(rate(hits_total[5m]))", "D811", "h"),
        ("hits_total", "D812", "h"),
        ("😀", "D810", "😀"),
    ],
)
def test_a_finding_in_a_query_marks_a_character(expr: str, code: str, covered: str) -> None:
    text = json.dumps(wrong(expr), ensure_ascii=False)
    assert covered in {marked(text, each) for each in found(text) if each.code == code}


def test_a_character_is_found_behind_escapes() -> None:
    text = json.dumps({"a": 'é"\n😀x'})
    places = Places(text)
    assert [marked(text, Problem("", "", Position("", *places.place(("a",), index)))) for index in (2, 4)] == [
        "\\",
        "x",
    ]


def test_what_is_missing_is_told_at_the_object_that_lacks_it() -> None:
    data = sound()
    del data["panels"][1]["description"]
    text = json.dumps(data, indent=1)
    (problem,) = found(text)
    assert (problem.code, problem.message) == ("D807", "“Hits”: the panel has no description")
    assert text.split("\n")[problem.position.line].strip() == '"id": 2,'


def test_a_dashboard_in_a_config_map_has_its_lines() -> None:
    body = textwrap.indent(json.dumps(wrong("sum(up"), indent=2), "    ")
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata:\n  a.txt: nothing\n  d.json: |\n"
    text = f"{head}{body}\n"
    (problem,) = (each for each in found(text, "d.yaml") if each.code == "D810")
    assert '"expr": "sum(up"' in text.split("\n")[problem.position.line - 1]
    folded = f"{head.replace('|', '>')}{body}\n"
    assert {each.position.line for each in found(folded)} == {6}


def test_one_dashboard_may_link_others_and_several_may_not_link_nothing() -> None:
    data = sound()
    data["panels"][0]["links"][0]["url"] = "/d/elsewhere"
    text = json.dumps(data, indent=1)
    assert found(text) == []
    other = json.dumps({**sound(), "uid": "other"})
    (problem,) = lint_files({"a.json": text, "b.json": other})
    assert (problem.code, problem.position.file, marked(text, problem)) == ("D826", "a.json", '"/d/elsewhere"')


def test_two_files_may_not_share_a_uid() -> None:
    text = json.dumps(sound())
    assert [(each.code, each.position.file) for each in lint_files({"a": text, "b": text})] == [
        ("D820", "a"),
        ("D820", "b"),
    ]


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("", "empty", (1, 1)),
        (" \n", "empty", (1, 1)),
        ('{"title":\n x}', "not JSON: expecting value", (2, 2)),
        ('{"title": "a" 1}', "not JSON: expecting ',' delimiter", (1, 15)),
        ('{"title": NaN}', "`NaN` is no number", (1, 1)),
        ("[" * 200_000, "not JSON", (1, 1)),
        ('{"panels": ' * 200 + "1" + "}" * 200, "nested too deeply", (1, 1)),
        ("[1]", "one JSON object", (1, 1)),
        ('{"a": 1}', "nothing here is of a dashboard", (1, 1)),
        ('{"apiVersion": "dashboard.grafana.app/v2", "spec": {"elements": {}, "layout": {}}}', "schema v2", (1, 52)),
        ("42", "no dashboard in this file", (1, 1)),
        ("kind: ConfigMap\ndata: [1]", "no dashboard in this file", (1, 1)),
        ("kind: List\nitems: 3", "no dashboard in this file", (1, 1)),
        ("apiVersion: 1\nproviders: []", "says where Grafana finds dashboards", (1, 1)),
        ("kind: ConfigMap\ndata:\n  d.json: |\n    {\n     x\n    }", "not JSON: expecting property name", (5, 6)),
    ],
)
def test_what_is_no_dashboard_is_told_in_its_place(text: str, said: str, place: tuple[int, int]) -> None:
    (problem,) = found(text)
    assert problem.code == "D800"
    assert said in problem.message
    assert (problem.position.line, problem.position.column) == place
    assert problem.help


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("kind: ConfigMap\ndata: ]", "Y004", (2, 7)),
        ("\ta: 1", "Y002", (1, 1)),
        ("a: &a [*a]", "Y012", (1, 8)),
        ("a: " + "[" * 150, "Y018", (1, 103)),
    ],
)
def test_what_is_neither_json_nor_yaml_is_told_as_for_every_file(text: str, code: str, place: tuple[int, int]) -> None:
    (problem,) = found(text)
    assert (problem.code, problem.position.line, problem.position.column) == (code, *place)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("panels",), {"0": {}}, "`panels` is not a list"),
        (("panels", 0), 3, "`panels` is not an object"),
        (("panels", 0, "gridPos"), {"x": 1}, "`gridPos` is not an object with `y`, `w`, `h`"),
        (("panels", 0, "id"), True, "`id` is not a whole number"),
        (("panels", 0, "targets", 0), "up", "`targets` is not an object"),
        (("panels", 0, "targets", 0, "expr"), ["up"], "`expr` is not text"),
        (("templating",), [], "`templating` is not an object"),
        (("templating", "list", 0, "datasource"), 7, "`datasource` is not text or an object"),
    ],
)
def test_a_part_of_another_shape_is_told_and_the_rest_judged(
    path: tuple[str | int, ...], value: Any, said: str
) -> None:
    data: Any = sound()
    data["panels"][1]["description"] = ""
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    problems = found(json.dumps(data))
    assert said in {each.message.split(", and")[0].rpartition("”: ")[2] for each in problems if each.code == "D800"}
    assert path == ("panels",) or "D807" in {each.code for each in problems}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, inner in pairs for each in paths(inner, (*path, key)))]


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(paths(sound())[1:]), JSON)
def test_whatever_stands_anywhere_is_told_with_values(path: tuple[str | int, ...], value: Any) -> None:
    data: Any = sound()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    text = json.dumps(data, indent=1)
    lines = text.split("\n")
    for each in found(text):
        assert each.code in CODES
        assert 1 <= each.position.line <= len(lines)
        assert 1 <= each.position.column <= len(lines[each.position.line - 1]) + 1


@settings(derandomize=True, deadline=None)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4), st.sampled_from([None, 0, 2]), st.booleans())
def test_each_value_is_where_its_text_is(data: dict[str, Any], indent: int | None, ascii_: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_)
    places = Places(text)
    for path in paths(data):
        value: Any = data
        for key in path:
            value = value[key]
        start, end = places._found[path]
        assert json.loads(text[start:end]) == value


def test_rows_of_old_dashboards_are_looked_into() -> None:
    data = sound()
    data["rows"] = [{"panels": [{**panel, "gridPos": None, "description": ""} for panel in data.pop("panels")]}]
    data["schemaVersion"] = 14
    assert {each.code for each in found(json.dumps(data))} == {"D807", "D827"}


def test_every_code_says_what_it_means_and_how_to_mend_it() -> None:
    for code in CODES.values():
        assert code.severity in ("error", "warning")
        assert code.title[0].isupper()
        assert code.explanation.endswith(".")
        assert code.wrong != code.right
