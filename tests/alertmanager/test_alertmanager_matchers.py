"""Matchers: what they match, how they are printed and read, and RE2 in Python."""

from __future__ import annotations

import pytest
from alertmanager_strategies import label_sets, matcher_lists
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.alertmanager import Matcher, format_matcher, matches, matches_all
from generators.alertmanager.matcher_syntax import MatcherError, parse_classic, parse_matchers, parse_utf8
from generators.alertmanager.sets import contradict, covered, implies

_ops = st.sampled_from(["=", "!="])
_values = st.text(st.characters(exclude_categories=("Cs",)))


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(["severity", "a_b", "A1"]), _ops, _values)
def test_both_parsers_read_what_is_printed(label: str, op: str, value: str) -> None:
    matcher = Matcher(label, op, value)  # type: ignore[arg-type]
    text = format_matcher(matcher)
    assert parse_classic(text) == (matcher,)
    assert parse_utf8(text) == (matcher,)
    assert parse_matchers(text).note == ""


@settings(derandomize=True, deadline=None)
@given(_values.filter(bool), _ops, _values)
def test_any_label_name_is_printed_so_that_the_utf8_parser_reads_it(label: str, op: str, value: str) -> None:
    matcher = Matcher(label, op, value)  # type: ignore[arg-type]
    assert parse_utf8(format_matcher(matcher)) == (matcher,)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a=b", [("a", "=", "b")]),
        ("{a=b, c!='d',}", [("a", "=", "b"), ("c", "!=", "'d'")]),
        ('a="x,y",b=~"z"', [("a", "=", "x,y"), ("b", "=~", "z")]),
        (r'a="x\"y\\n\z"', [("a", "=", 'x"y\\n\\z')]),
        (r'"a.b"="\u00e9\x41"', [("a.b", "=", "éA")]),
        ("a=", [("a", "=", "")]),
        ("a=b c", [("a", "=", "b c")]),
        ("", []),
        ("{}", []),
        (" a = b ", [("a", "=", "b")]),
    ],
)
def test_matchers_are_read_as_a_server_without_flags_reads_them(text: str, wanted: list[tuple[str, ...]]) -> None:
    assert [(m.label, m.op, m.value) for m in parse_matchers(text).matchers] == wanted


@pytest.mark.parametrize("text", ["a", "a b", 'a="b', 'a=b"', "=b", "a=b,,c=d", 'a=~"("', "{a=b", "1=b c", 'a="b"c'])
def test_what_both_parsers_refuse_is_refused(text: str) -> None:
    if text == "{a=b":
        assert parse_matchers(text).note
        return
    with pytest.raises(MatcherError):
        parse_matchers(text)


def test_text_that_only_one_parser_reads_is_noted() -> None:
    assert "only the old parser" in parse_matchers("a=b c").note
    assert "differently" in parse_matchers(r'a="\t"').note
    assert parse_matchers('"a b"="c"').note == ""


@pytest.mark.parametrize(
    ("matcher", "labels", "wanted"),
    [
        (Matcher("a", "=", ""), {}, True),
        (Matcher("a", "!=", "x"), {}, True),
        (Matcher("a", "=~", ".*"), {}, True),
        (Matcher("a", "=~", ".+"), {"a": ""}, False),
        (Matcher("a", "=~", "b|c"), {"a": "bc"}, False),
        (Matcher("a", "!~", "b|c"), {"a": "bc"}, True),
        (Matcher("a", "=~", "^b$"), {"a": "b"}, True),
        (Matcher("a", "=~", "b"), {"a": "b\n"}, False),
    ],
)
def test_missing_labels_are_empty_and_expressions_are_anchored(
    matcher: Matcher, labels: dict[str, str], wanted: bool
) -> None:
    assert matches(matcher, labels) is wanted


def test_expressions_are_those_of_go_and_their_dot_matches_no_line_break() -> None:
    assert matches(Matcher("team", "=~", r"\pL+"), {"team": "éa"})
    assert matches(Matcher("team", "=~", "a.b"), {"team": "a b"})
    assert not matches(Matcher("team", "=~", "a.b"), {"team": "a\nb"})
    assert matches(Matcher("team", "=~", "(?s)a.b"), {"team": "a\nb"})


@pytest.mark.parametrize("pattern", ["(?=a)", "(a{100}){100}", r"(a)\\1", "[b-a]"])
def test_expressions_that_go_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(MatcherError, match="in the regular expression"):
        parse_matchers(f'team=~"{pattern}"')


@settings(derandomize=True, deadline=None)
@given(matcher_lists, st.lists(matcher_lists, max_size=3), label_sets)
def test_what_is_proven_of_matchers_holds_for_every_label_set(
    given_: tuple[Matcher, ...], alternatives: list[tuple[Matcher, ...]], labels: dict[str, str]
) -> None:
    if not matches_all(given_, labels):
        return
    assert not contradict(given_)
    if covered(given_, alternatives):
        assert any(matches_all(wanted, labels) for wanted in alternatives)
    for wanted in alternatives:
        assert matches_all(wanted, labels) or not implies(given_, wanted)


def test_several_routes_together_can_cover_one() -> None:
    page, ticket = Matcher("s", "=", "page"), Matcher("s", "=", "ticket")
    both = Matcher("s", "=~", "page|ticket")
    assert covered([both], [[page], [ticket]])
    assert not covered([both], [[page]])
    assert implies([page], [both, Matcher("s", "!=", "x"), Matcher("other", "=~", ".*")])
