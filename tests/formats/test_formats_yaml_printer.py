from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.formats.characters import INVISIBLE
from generators.formats.yaml_printer import Commented, format_yaml

TRAPS = (
    *(
        "yes",
        "NO",
        "On",
        "y",
        "~",
        "null",
        "",
        " ",
        "1",
        "0o7",
        "0x1F",
        "1e3",
        "1_000",
        "12:30",
        "5m",
        "1d",
        "1h30m",
        "10ms5",
        ".inf",
        "=",
        "<<",
    ),
    *("2026-11-21", "a: b", "a #b", "a:", "#", "- x", "? x", "|", ">", "%TAG", "@x", "`x`", "{}", "[x", "*a", "&a"),
    *("---", "...", "a\nb", "a\n", "\na", "a\n\n", " a\nb", "a \nb", "a\n\n b", "\ta\nb", "a\r\nb", "a\x85b"),
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.sampled_from(TRAPS)
SCALAR = (
    TEXT
    | st.text("ab :#-'\"\\\n[]{},\u2028\ufeff\U0001f600", max_size=12)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
DOCUMENT = st.dictionaries(TEXT, VALUE, max_size=5)


class CoreLoader(yaml.SafeLoader):
    """PyYAML's syntax with the scalars of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way


for _tag, _pattern in (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"true|True|TRUE|false|False|FALSE"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), None)


@settings(derandomize=True, deadline=None)
@given(DOCUMENT)
@example({"x" * 2000: {"y" * 2000: ["z"]}})
@example({"a": [[], {}, [[1]], [{"b": [{}]}]]})
def test_readers_of_both_versions_of_yaml_give_the_values_back(document: dict[str, Any]) -> None:
    text = format_yaml(document)
    assert yaml.safe_load(text) == document
    assert yaml.load(text, CoreLoader) == document  # noqa: S506 - a SafeLoader


@settings(derandomize=True, deadline=None)
@given(DOCUMENT, TEXT)
def test_a_comment_changes_no_value(document: dict[str, Any], comment: str) -> None:
    commented = {key: Commented(comment, value) for key, value in document.items()}
    assert yaml.safe_load(format_yaml(commented, comment)) == document
    in_lists = {key: [Commented(comment, value), Commented(comment, document)] for key, value in document.items()}
    assert yaml.safe_load(format_yaml(in_lists)) == {key: [value, document] for key, value in document.items()}


@settings(derandomize=True, deadline=None)
@given(DOCUMENT, TEXT)
def test_what_does_not_show_is_escaped(document: dict[str, Any], comment: str) -> None:
    assert INVISIBLE.search(format_yaml(document, comment).replace("\n", "")) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("page", "page"),
        ("5e3", '"5e3"'),
        ("1h30m", "1h30m"),
        ("99.5", '"99.5"'),
        ("yes", '"yes"'),
        ('up{job="api"} == 0', 'up{job="api"} == 0'),
        ('{__name__="up"}', "'{__name__=\"up\"}'"),
        ("slo:sli_error:ratio_rate5m", "slo:sli_error:ratio_rate5m"),
        ("Share of errors: 5 %", '"Share of errors: 5 %"'),
        ("größer – 日本", "größer – 日本"),
        ("\u202eevil", '"\\u202eevil"'),
        (1e300, "1.0e+300"),
        ([], "[]"),
        (None, "null"),
    ],
)
def test_scalars_look_as_an_expert_would_write_them(value: object, text: str) -> None:
    assert format_yaml({"key": value}) == f"key: {text}\n"


def test_several_lines_become_a_block() -> None:
    assert format_yaml({"a": ["x\n  y", "z\n\nz\n"]}) == "a:\n  - |-\n    x\n      y\n  - |\n    z\n\n    z\n"


def test_comments_stand_above_the_dash() -> None:
    document = {"rules": [Commented("why\nand how", {"record": "x", "expr": "up"})]}
    assert format_yaml(document, "head") == ("# head\n\nrules:\n  # why\n  # and how\n  - record: x\n    expr: up\n")


def test_long_comments_are_wrapped() -> None:
    lines = format_yaml({"a": Commented("word " * 60, 1)}).splitlines()
    assert len(lines) == 4
    assert all(len(line) <= 102 for line in lines)
