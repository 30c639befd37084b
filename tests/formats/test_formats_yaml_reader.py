from __future__ import annotations

import codecs
import math

import pytest
import yaml

from generators.diagnostics import Position, Problem, Severity
from generators.formats.yaml import reader
from generators.formats.yaml.composer import MAX_ALIASED_NODES, MAX_DEPTH
from generators.formats.yaml.nodes import Mapping, Node, Scalar, Sequence, plain
from generators.formats.yaml.reader import MAX_RESTARTS, MAX_SIZE, load_bytes, load_documents
from generators.formats.yaml.schema import CORE, GO, GO_2


def load(text: str) -> Node:
    (document,), problems = load_documents(text, "f.yaml")
    assert problems == ()
    return document


def only_problem(text: str) -> Problem:
    _, (problem,) = load_documents(text, "f.yaml")
    return problem


def scalar(node: Node, *path: str | int) -> Scalar:
    for step in path:
        child = node.get(step) if isinstance(node, Mapping) and isinstance(step, str) else None
        child = node.items[step] if isinstance(node, Sequence) and isinstance(step, int) else child
        assert child is not None
        node = child
    assert isinstance(node, Scalar)
    return node


# The examples of the core schema in YAML 1.2.2, section 10.3.2, and words on which YAML 1.1 differs.
CORE_SCHEMA: list[tuple[str, object]] = [
    *[(text, None) for text in ("null", "Null", "NULL", "~", "")],
    *[(text, True) for text in ("true", "True", "TRUE")],
    *[(text, False) for text in ("false", "False", "FALSE")],
    *[("0", 0), ("0o7", 7), ("0x3A", 58), ("-19", -19), ("+12", 12), ("010", 10), ("0777", 777)],
    *[("0.", 0.0), ("-0.0", -0.0), (".5", 0.5), ("+12e03", 12000.0), ("-2E+05", -200000.0), ("1e3", 1000.0)],
    *[(".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf)],
    *[(text, text) for text in ("yes", "on", "n", "tRUE", "nuLL", ".nAn", "Infinity", "=", ".", "-x", "1e", "٣")],
    *[(text, text) for text in ("12:30", "2024-01-01", "1_000", "0b11", "2.3.0", "-0o7", "0X1", "99.5%", "30d")],
]


@pytest.mark.parametrize(("text", "value"), CORE_SCHEMA)
def test_plain_words_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    node = scalar(load(f"v: {text}\n"), "v")
    assert (node.value, type(node.value)) == (value, type(value))
    assert node.text == text
    assert not node.quoted


def test_nan_is_a_float() -> None:
    value = scalar(load("v: .nan"), "v").value
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("written", ['"10"', "'10'", "|-\n  10", ">-\n  10"])
def test_quoted_numbers_are_text(written: str) -> None:
    node = scalar(load(f"v: {written}\n"), "v")
    assert (node.value, node.text, node.quoted) == ("10", "10", True)


def test_decimals_keep_their_digits() -> None:
    assert scalar(load("v: 0.10000000000000000001"), "v").text == "0.10000000000000000001"


def test_documents_of_a_file_come_in_order() -> None:
    documents, problems = load_documents("a: 1\n---\nb: 2\n---\n# nothing\n---\n- 3\n", "f.yaml")
    assert problems == ()
    assert [plain(document) for document in documents] == [{"a": 1}, {"b": 2}, [3]]


POSITIONS = {
    "a value": ("a: xyz # c", ("a",), (1, 4, 1, 7)),
    "after wide letters": ("é日🎉: '🎉x'", ("é日🎉",), (1, 6, 1, 10)),
    "after CRLF": ("a: 1\r\nb: xy\r\n", ("b",), (2, 4, 2, 6)),
    "in a flow mapping": ("a: {b: c, d: ef}", ("a", "d"), (1, 14, 1, 16)),
    "a literal block": ("a: |\n  x\n  yz\n\n\nb: 1", ("a",), (1, 4, 3, 5)),
    "an empty value": ("a:\nb: 1", ("a",), (1, 3, 1, 3)),
    "an empty item": ("- \n- 1", (0,), (1, 2, 1, 2)),
    "behind an anchor": ("a: &x yz", ("a",), (1, 7, 1, 9)),
    "after a byte order mark": ("\ufeffa: xyz", ("a",), (1, 4, 1, 7)),
    "in the second document": ("a: 1\n---\nb: xy", ("b",), (3, 4, 3, 6)),
    "of several lines": ("a: one\n  two\nb: 1", ("a",), (1, 4, 2, 6)),
}


@pytest.mark.parametrize(("text", "path", "place"), POSITIONS.values(), ids=POSITIONS.keys())
def test_a_scalar_knows_its_place(text: str, path: tuple[str | int, ...], place: tuple[int, ...]) -> None:
    documents, _ = load_documents(text, "f.yaml")
    assert scalar(documents[-1], *path).position == Position("f.yaml", *place)


def test_collections_end_where_their_last_child_ends() -> None:
    document = load("a:\n  - b\n  - c: 1\n\n# comment\nd: {e: f}\n")
    assert document.position == Position("f.yaml", 1, 1, 6, 10)
    assert isinstance(document, Mapping)
    assert [entry.value.position for entry in document.entries] == [
        Position("f.yaml", 2, 3, 3, 9),
        Position("f.yaml", 6, 4, 6, 10),
    ]
    assert [entry.key_position for entry in document.entries] == [
        Position("f.yaml", 1, 1, 1, 2),
        Position("f.yaml", 6, 1, 6, 2),
    ]


def test_the_first_of_two_equal_keys_counts_and_the_second_is_a_problem() -> None:
    (document,), (problem,) = load_documents("a: 1\nb: 2\n'a': 3\n", "f.yaml")
    assert plain(document) == {"a": 1, "b": 2}
    assert problem.code == "Y007"
    assert problem.position == Position("f.yaml", 3, 1, 3, 4)
    assert problem.related == (("first defined here", Position("f.yaml", 1, 1, 1, 2)),)


def test_equal_keys_in_different_mappings_are_no_problem() -> None:
    assert plain(load("a: {x: 1}\nb: {x: 2}")) == {"a": {"x": 1}, "b": {"x": 2}}


@pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "0x1"])
def test_a_key_that_is_not_text_is_a_problem_that_says_to_quote_it(key: str) -> None:
    problem = only_problem(f"{key}: x")
    assert problem.code == "Y008"
    assert problem.help == f'quote it: "{key}"'
    assert plain(load(f'"{key}": x')) == {key: "x"}


@pytest.mark.parametrize("key", ["yes", "on", "12:30", "2024-01-01"])
def test_words_that_only_yaml_1_1_reads_otherwise_are_good_keys(key: str) -> None:
    assert plain(load(f"{key}: x")) == {key: "x"}


def test_a_template_is_recognised_as_a_key_that_is_a_mapping() -> None:
    problem = only_problem("a: {{ name }}")
    assert problem.code == "Y008"
    assert "template" in problem.help


def test_merge_keys_are_refused_unless_quoted() -> None:
    assert only_problem("a: &a {x: 1}\nb: {<<: *a}").code == "Y009"
    assert plain(load("'<<': 1")) == {"<<": 1}


@pytest.mark.parametrize("text", ["a: !!str 1", "a: !mine x", "a: !!map {}", "a: ! x", "a: !!python/name:os.system x"])
def test_tags_are_refused(text: str) -> None:
    assert only_problem(text).code == "Y010"


def test_an_alias_gives_the_anchored_node_itself() -> None:
    document = load("a: &x [1, 2]\nb: *x\n")
    assert isinstance(document, Mapping)
    assert document.get("a") is document.get("b")


def test_an_unknown_anchor_is_a_problem_with_a_suggestion() -> None:
    problem = only_problem("a: &limits 1\nb: *limit")
    assert (problem.code, problem.help) == ("Y011", "did you mean `limits`?")


def test_anchors_do_not_reach_into_other_documents() -> None:
    assert only_problem("a: &x 1\n---\nb: *x").code == "Y011"


def test_an_anchor_that_contains_itself_is_a_problem() -> None:
    assert only_problem("a: &x {b: [*x]}").code == "Y012"


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    layers = "".join(f"l{n + 1}: &l{n + 1} [{', '.join([f'*l{n}'] * 10)}]\n" for n in range(30))
    problem = only_problem(f"l0: &l0 [x]\n{layers}")
    assert problem.code == "Y013"
    assert str(MAX_ALIASED_NODES) in problem.message


def test_depth_is_limited_without_limiting_what_is_allowed() -> None:
    assert plain(load("[" * MAX_DEPTH + "]" * MAX_DEPTH)) is not None
    problem = only_problem("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert (problem.code, problem.position.column) == ("Y018", MAX_DEPTH + 1)
    assert only_problem("[" * 200_000).code == "Y018"
    assert only_problem("- " * 200_000).code == "Y018"


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "---\n...\n"])
def test_a_file_without_a_document_is_a_warning(text: str) -> None:
    problem = only_problem(text)
    assert (problem.code, problem.severity) == ("Y016", Severity.WARNING)


def test_a_huge_file_is_refused() -> None:
    assert only_problem("a" * (MAX_SIZE + 1)).code == "Y017"
    _, (problem,) = load_bytes(b"a" * (MAX_SIZE + 1), "f.yaml")
    assert problem.code == "Y017"


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 65, "0x" + "f" * 70, "0." + "1" * 70])
def test_numbers_out_of_range_are_problems(number: str) -> None:
    assert only_problem(f"a: {number}").code == "Y019"


def test_bytes_that_are_not_utf8_are_pointed_at() -> None:
    _, (problem,) = load_bytes("a: 1\nb: é".encode() + b"\xe9\n", "f.yaml")
    assert (problem.code, problem.position) == ("Y014", Position("f.yaml", 2, 5, 2, 6))
    assert "0xe9" in problem.message


def test_utf16_is_recognised() -> None:
    _, (problem,) = load_bytes("a: 1".encode("utf-16"), "f.yaml")
    assert "UTF-16" in problem.message


def test_a_byte_order_mark_is_passed_over() -> None:
    (document,), problems = load_bytes(codecs.BOM_UTF8 + b"a: 1\n", "f.yaml")
    assert (plain(document), problems) == ({"a": 1}, ())


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\u2028", "\u200b", "\u202e", "\ud800", "\x7f"])
def test_characters_that_do_not_show_are_problems(character: str) -> None:
    problem = only_problem(f"a: 1\nb: x{character}y\n")
    assert (problem.code, problem.position) == ("Y015", Position("f.yaml", 2, 5, 2, 6))
    assert f"U+{ord(character):04X}" in problem.message


def test_a_no_break_space_is_a_problem_as_indentation_only() -> None:
    assert only_problem("a:\n\u00a0 b: 1\n").code == "Y015"
    assert plain(load("a: x\u00a0y")) == {"a": "x\u00a0y"}


def test_emoji_that_need_a_joiner_are_text() -> None:
    assert plain(load("a: 👩\u200d💻")) == {"a": "👩\u200d💻"}


def test_a_syntax_error_hides_neither_what_comes_before_nor_after_it() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 3\nc: 4\n---\nd: 'x\n--- \ne: 5\n"
    documents, problems = load_documents(text, "f.yaml")
    assert [plain(document) for document in documents] == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert [(p.code, p.position.line, p.position.column) for p in problems] == [
        ("Y004", 3, 4),
        ("Y007", 6, 1),
        ("Y003", 8, 4),
    ]


def test_a_file_full_of_syntax_errors_is_given_up() -> None:
    _, problems = load_documents("--- [\n" * 1000, "f.yaml")
    assert len(problems) == 1 + MAX_RESTARTS


def test_aliases_count_among_the_levels_of_a_document() -> None:
    def chain(levels: int) -> str:
        return "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, levels))

    assert plain(load(chain(MAX_DEPTH - 1))) is not None
    problem = only_problem(chain(MAX_DEPTH))
    assert (problem.code, problem.position.line) == ("Y018", MAX_DEPTH)


MERGED = {
    "a mapping": ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", {"y": 3, "x": 1}),
    "a mapping before its own keys are known": ("a: &a {x: 1}\nb:\n  x: 2\n  <<: *a", {"x": 2}),
    "the first of a list wins": ("a: [&a {x: 1}, &b {x: 2, y: 2}]\nb: {<<: [*a, *b]}", {"x": 1, "y": 2}),
    "a merge inside of what is merged": ("c: &c {x: 1}\na: &a {<<: *c, y: 2}\nb: {<<: *a}", {"y": 2, "x": 1}),
    "a quoted key is none": ('a: 1\nb: {"<<": 1}', {"<<": 1}),
}


@pytest.mark.parametrize("case", MERGED)
def test_merge_keys_are_resolved_for_readers_that_take_them(case: str) -> None:
    text, expected = MERGED[case]
    loaded = reader.load(text, "f.yaml", GO)
    (document,) = loaded.documents
    assert loaded.problems == ()
    assert isinstance(document, Mapping)
    assert plain(document)["b"] == expected


def test_a_merge_of_what_is_no_mapping_is_a_problem() -> None:
    (problem,) = reader.load("a: {<<: 1}", "f.yaml", GO).problems
    assert (problem.code, problem.position.column) == ("Y009", 5)


WORDS = {
    # text → by YAML 1.2, by yaml.v3, by yaml.v2
    "yes": ("yes", "yes", True),
    "On": ("On", "On", True),
    "n": ("n", "n", False),
    "true": (True, True, True),
    "010": (10, 8, 8),
    "0o10": (8, 8, 8),
    "0b11": ("0b11", 3, 3),
    "0x1F": (31, 31, 31),
    "-0x1F": ("-0x1F", -31, -31),
    "1_000": ("1_000", 1000, 1000),
    "12:30": ("12:30", "12:30", "12:30"),
    "2024-01-01": ("2024-01-01", "2024-01-01", "2024-01-01"),
    "08": (8, 8.0, 8.0),
    "1e3": (1000.0, 1000.0, 1000.0),
    "0": (0, 0, 0),
    "~": (None, None, None),
}


@pytest.mark.parametrize("text", WORDS)
def test_a_word_has_the_value_that_its_reader_gives_it(text: str) -> None:
    found = tuple(reader.load_plain(f"a: {text}", schema)["a"] for schema in (CORE, GO, GO_2))
    assert [(type(each), each) for each in found] == [(type(each), each) for each in WORDS[text]]


def test_what_a_document_is_tells_whether_it_was_read_to_its_end() -> None:
    assert reader.load("a: 1\n---\n", "f.yaml", GO).documents[1:] == (None,)
    assert reader.load("a: 1\na: 2", "f.yaml", GO).is_whole
    broken = reader.load("a: [\n---\nb: 1", "f.yaml", GO)
    assert (broken.is_whole, len(broken.documents)) == (False, 1)


@pytest.mark.parametrize("library", ["CSafeLoader", "SafeLoader"])
def test_a_character_that_yaml_forbids_is_shown_to_every_reader(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "FAST_LOADER", getattr(yaml, library))
    (problem,) = reader.load("a: 1\nb: x\x07y", "f.yaml", GO).problems
    assert (problem.code, problem.position.line, problem.position.column) == ("Y015", 2, 5)
    assert reader.load("a: x\u00a0\u200by", "f.yaml", GO).problems == ()


def test_plain_values_of_one_document_or_an_error() -> None:
    assert reader.load_plain("") is None
    assert reader.load_plain("a: [1, 2.5, true, null, x]") == {"a": [1, 2.5, True, None, "x"]}
    for text in ("[", "a: 1\n---\nb: 1", "a: 1\na: 2", "[" * 101):
        with pytest.raises(ValueError, match=r"line 1|line 2|several documents"):
            reader.load_plain(text)
