"""Laws of the YAML layer, on texts that nobody would write and on texts that other tools wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.diagnostics import Position
from generators.formats.yaml import reader
from generators.formats.yaml.nodes import Mapping, Node, Scalar, Sequence, inside, plain
from generators.formats.yaml.reader import load_bytes, load_documents

steady = settings(derandomize=True, deadline=None)

FRAGMENTS = st.sampled_from(
    [
        *["a", "b: ", "- ", "\n", "\r\n", "\r", "  ", "    ", "\t", "'", '"', "[", "]", "{", "}", ",", ":", "? "],
        *[">-\n", "#", " # c", "&x ", "*x", "!t ", "!!str ", "<<: *x", "---\n", "...\n", "%YAML 1.2\n", "@", "`", "\\"],
        *["\\u00e9", "é", "日本", "🎉", "1", "0x1F", "1e999", "~", "true", "\ufeff", "\x00", "\u2028", "\u00a0"],
        *["a: 1\n", "  c: d\n", "|\n"],
    ]
)  # fmt: skip
YAML_LIKE = st.lists(FRAGMENTS, max_size=25).map("".join)


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FAST_LOADER", getattr(yaml, request.param))


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))


def assert_inside(position: Position, lines: list[str]) -> None:
    start, end = (position.line, position.column), (position.end_line, position.end_column)
    assert start <= end, position
    for line, column in (start, end):
        assert 1 <= line <= len(lines), position
        assert 1 <= column <= len(lines[line - 1]) + 1, position


def nodes_of(node: Node) -> Iterator[tuple[Node, list[Position]]]:
    match node:
        case Scalar():
            yield node, []
        case Sequence():
            yield node, []
            for item in node.items:
                yield from nodes_of(item)
        case Mapping():
            yield node, [entry.key_position for entry in node.entries]
            for entry in node.entries:
                yield from nodes_of(entry.value)


def check_any_text(text: str) -> None:
    lines = lines_of(text)
    documents, problems = load_documents(text, "f.yaml")
    for problem in problems:
        assert_inside(problem.position, lines)
        assert problem.message
        assert problem.help
        for _, position in problem.related:
            assert_inside(position, lines)
    for document in documents:
        for node, keys in nodes_of(document):
            for position in (node.position, *keys):
                assert_inside(position, lines)
            if isinstance(node, Scalar):
                for start in range(len(node.text) + 1):
                    assert_inside(inside(node, start, start + 1 if start < len(node.text) else start), lines)


@pytest.mark.usefixtures("loader")
class TestAnyText:
    def test_any_text_gives_values_and_problems_that_lie_inside_the_file(self) -> None:
        @steady
        @given(st.text(max_size=60))
        @example('"\\U00110000"')
        @example('"\\ud800"')
        @example("%YAML 1.99999999999999999999\n---\na")
        def law(text: str) -> None:
            check_any_text(text)

        law()

    def test_any_text_made_of_yaml_pieces_gives_values_and_problems_that_lie_inside_the_file(self) -> None:
        @settings(steady)
        @given(YAML_LIKE)
        def law(text: str) -> None:
            check_any_text(text)

        law()


@steady
@given(st.binary(max_size=80))
def test_any_bytes_give_documents_or_problems(data: bytes) -> None:
    documents, problems = load_bytes(data, "f.yaml")
    assert documents or problems


JSON_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Co", "Cn"]))
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=12,
)


@steady
@given(JSON_VALUES, st.sampled_from([None, 1, 3]))
def test_json_means_the_same_as_in_json(value: Any, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    (document,), problems = load_documents(text, "f.json")
    assert problems == ()
    assert plain(document) == json.loads(text)


def is_neutral(text: str) -> bool:
    """Whether YAML 1.1 and 1.2 agree about an unquoted text."""
    if any(letter.isspace() and letter != " " for letter in text):  # refused as indentation
        return False
    return not re.match(r"[-+.0-9]|(?i:y|n|yes|no|on|off|true|false|null|~|=|<<)$", text)


NEUTRAL_TEXT = JSON_TEXT.filter(is_neutral)
NEUTRAL_FLOATS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
NEUTRAL: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-10**9, 10**9) | NEUTRAL_FLOATS | NEUTRAL_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NEUTRAL_TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@steady
@given(NEUTRAL, st.sampled_from([None, True, False]), st.sampled_from([None, "'", '"', "|", ">"]), st.booleans())
def test_what_pyyaml_writes_means_the_same_as_pyyaml_reads(
    value: Any, flow: bool | None, style: str | None, unicode: bool
) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, default_style=style, allow_unicode=unicode, width=30)
    if "!!" in text:  # a quoting style on numbers needs tags, which specs do not have
        return
    (document,), problems = load_documents(text, "f.yaml")
    assert problems == ()
    assert plain(document) == yaml.safe_load(text)


@steady
@given(st.lists(st.tuples(JSON_TEXT, st.sampled_from(['"', "'", ""])), min_size=1, max_size=6))
def test_positions_cut_the_scalar_out_of_the_text(values: list[tuple[str, str]]) -> None:
    def written(text: str, quote: str) -> str:
        if quote == '"' or (not quote and not re.fullmatch(r"[a-z日é🎉][a-z日é🎉 ]*[a-z日é🎉]", text)):
            return json.dumps(text, ensure_ascii=False)
        return quote + text.replace("'", "''") + quote

    text = "".join(f"k{number}: {written(*value)} # c\n" for number, value in enumerate(values))
    (document,), problems = load_documents(text, "f.yaml")
    assert problems == ()
    assert isinstance(document, Mapping)
    lines = lines_of(text)
    for entry, value in zip(document.entries, values, strict=True):
        position = entry.value.position
        assert position.line == position.end_line
        assert lines[position.line - 1][position.column - 1 : position.end_column - 1] == written(*value)


@steady
@given(
    st.lists(st.lists(st.sampled_from(["ab", "c d", "日本", "x(y)"]), min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from(["|", ">", "|-", ">+"]),
)
def test_words_are_found_again_inside_block_scalars(paragraphs: list[list[str]], style: str) -> None:
    words = [f"w{i}_{j}_{word}" for i, paragraph in enumerate(paragraphs) for j, word in enumerate(paragraph)]
    body = "\n\n".join("\n".join(f"   {w}" for w in words if w.startswith(f"w{i}_")) for i in range(len(paragraphs)))
    text = f"k: {style} # header\n{body}\n"
    (document,), problems = load_documents(text, "f.yaml")
    assert problems == ()
    assert isinstance(document, Mapping)
    scalar = document.get("k")
    assert isinstance(scalar, Scalar)
    for word in words:
        start = scalar.text.index(word)
        position = inside(scalar, start, start + len(word))
        assert lines_of(text)[position.line - 1][position.column - 1 : position.end_column - 1] == word
