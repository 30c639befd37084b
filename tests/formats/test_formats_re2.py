"""RE2 against Go: `re2_goldens.json` holds what Go's `regexp` said to the questions of `re2_questions.py`."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.formats.re2 import (
    RegexError,
    compile_regex,
    expand,
    group_names,
    has_references,
    literal_text,
    literal_values,
    search_regex,
    translate,
)
from generators.formats.re2.classes import complement, folded, text_of, union
from generators.formats.re2.unicode import Ranges, orbits, unicode_class

GOLDENS: list[list[Any]] = json.loads(Path(__file__).with_name("re2_goldens.json").read_text(encoding="utf-8"))
VALID = [golden for golden in GOLDENS if len(golden) > 2]

EMPTY_LAST_ROUND = {"(|a)*", "(|a)+", "(a|b*)*", "(a*)*", "(a*)+"}
"""Patterns whose group Python sets once more to the empty text at the end of a loop; they match the same texts."""


def test_there_are_many_answers_of_either_kind() -> None:
    assert len(VALID) > 1000
    assert len(GOLDENS) - len(VALID) > 1000


def test_what_go_refuses_is_refused_and_what_it_accepts_accepted() -> None:
    refused = {}
    for pattern, dot_all, *_ in GOLDENS:
        try:
            compile_regex(pattern, dot_all)
        except RegexError as error:
            refused[pattern] = error
    assert refused.keys() == {golden[0] for golden in GOLDENS if len(golden) == 2}
    assert [pattern for pattern, error in refused.items() if error.unsupported or not str(error)] == []


def test_the_same_texts_match_whole_with_the_same_groups() -> None:
    wrong = []
    for pattern, dot_all, _, outcomes in VALID:
        compiled = compile_regex(pattern, dot_all)
        for text, outcome in outcomes.items():
            match = compiled.match(text)
            if (match is not None) != isinstance(outcome, list) or (
                match is not None and list(match.groups()) != outcome[1:] and pattern not in EMPTY_LAST_ROUND
            ):
                wrong.append((pattern, text, outcome))
    assert wrong == []


def test_the_same_texts_match_somewhere() -> None:
    for pattern, dot_all, _, outcomes in VALID:
        if not dot_all:
            compiled = search_regex(pattern)
            wanted = {text for text, outcome in outcomes.items() if outcome}
            assert {text for text in outcomes if compiled.search(text)} == wanted, pattern


def test_templates_are_filled_as_go_fills_them() -> None:
    for pattern, dot_all, template, outcomes in VALID:
        for text, outcome in outcomes.items():
            match = compile_regex(pattern, dot_all).match(text)
            if match is not None and pattern not in EMPTY_LAST_ROUND:
                assert expand(template, match, group_names(pattern)) == outcome[0], (pattern, template, text)


@pytest.mark.parametrize("pattern", ["(" * 120 + "a" + ")" * 120])
def test_patterns_that_only_this_translation_lacks_say_so(pattern: str) -> None:
    with pytest.raises(RegexError) as error:
        compile_regex(pattern)
    assert error.value.unsupported


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("a**", "`*` repeats a repetition"),
        ("a*+", "`+` repeats a repetition"),
        ("(a{100}){100}", "`{100}` makes something repeat more than 1000 times"),
        ("a{3,1}", "`{3,1}` is not a count from 0 to 1000"),
        ("*", "`*` has nothing to repeat"),
        ("a)", "unexpected `)`"),
        ("(a", "missing `)`"),
        ("[a", "missing `]`"),
        ("(?<=a)b", "lookaround `(?<=` does not exist"),
        (r"(a)\1", r"backreferences such as `\1` do not exist"),
        (r"\p{Foo}", r"unknown class of characters `\p{Foo}`"),
        (r"\Z", r"unknown escape `\Z`"),
        ("\udcff", "bytes that are no UTF-8"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_in_which_pattern(pattern: str, part: str) -> None:
    with pytest.raises(RegexError) as error:
        translate(pattern)
    assert part in str(error.value)
    assert str(error.value).endswith(f"in the regular expression `{pattern}`")


@pytest.mark.parametrize("pattern", ["api-.*", "a|b|c", "node_[0-9]+", r"10\.0\.0\..+", "5.."])
def test_plain_patterns_are_left_alone(pattern: str) -> None:
    ours, theirs = compile_regex(pattern), re.compile(pattern, re.DOTALL)
    for text in ("api-1", "a", "c", "node_12", "10.0.0.7", "10x0.0.7", "503", ""):
        assert (ours.match(text) is None) == (theirs.fullmatch(text) is None)


letters = st.characters(exclude_categories=("Cs",))


@given(st.text(letters, max_size=8), st.text(letters, max_size=8))
def test_quoted_text_matches_itself_alone(text: str, other: str) -> None:
    quoted = "".join(rf"\x{{{ord(character):x}}}" for character in text)
    for pattern in (quoted, f"[^\\PL\\pL]*{quoted}", *([rf"\Q{text}\E"] if r"\E" not in text + "\\" else [])):
        assert compile_regex(pattern).match(text)
        assert bool(compile_regex(pattern).match(other)) == (text == other)


ranges = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))).map(
    lambda pairs: union(tuple(pairs))
)


@given(ranges, ranges, st.integers(0, 450))
def test_classes_are_sets(one: Ranges, other: Ranges, point: int) -> None:
    def inside(each: Ranges) -> bool:
        return re.fullmatch(text_of(each), chr(point)) is not None

    assert inside(one) == any(first <= point <= last for first, last in one)
    assert inside(union(one, other)) == (inside(one) or inside(other))
    assert inside(complement(one)) != inside(one)
    assert inside(folded(one)) == any(inside(((ord(each), ord(each)),)) for each in _same(one))


def _same(ranges: Ranges) -> set[str]:
    members = {chr(point) for first, last in ranges for point in range(first, last + 1)}
    return members.union(*(orbits().get(member, member) for member in members))


@given(st.characters(exclude_categories=("Cn", "Cs"), max_codepoint=0xFFFF))
def test_a_category_of_unicode_is_that_of_python(character: str) -> None:
    if unicodedata.category(character) not in ("Co", "Cn"):
        category = unicodedata.category(character)
        assert compile_regex(rf"\p{{{category}}}").match(character)
        assert compile_regex(rf"\p{category[0]}").match(character)
    assert unicode_class("no such class") is None


@given(st.text(alphabet="ab|()\\.?", max_size=8), st.text(alphabet="ab.", max_size=5))
def test_literal_values_are_exactly_what_the_expression_matches(pattern: str, text: str) -> None:
    try:
        compiled = compile_regex(pattern)
    except RegexError:
        return
    values = literal_values(pattern)
    if values is not None:
        assert (text in values) == (compiled.fullmatch(text) is not None)
        assert all(compiled.fullmatch(value) for value in values)


@given(st.lists(st.sampled_from(["$1", "${n}", "$$", "a", "é", "$-", "${", " "]), max_size=5))
def test_a_template_without_groups_says_its_literal_text(parts: list[str]) -> None:
    template = "".join(parts)
    match = compile_regex("x").match("x")
    assert match is not None
    assert expand(template, match, ()) == literal_text(template)
    assert has_references(template) == any(part in ("$1", "${n}") for part in parts)
