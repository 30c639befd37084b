"""Matchers: what they match, how they are printed and read, and RE2 in Python."""

from __future__ import annotations

import pytest
from alertmanager_strategies import label_sets, matcher_lists
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.alertmanager import Matcher, format_matcher, matches, matches_all
from generators.alertmanager.literals import literal_values
from generators.alertmanager.matcher_syntax import MatcherError, parse_classic, parse_matchers, parse_utf8
from generators.alertmanager.regex import RegexError, compile_regex
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


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("a(?i)b|c", "C", True),
        ("a(?i)b|c", "Ab", False),
        ("(?i:A)b", "ab", True),
        ("(?i:A)b", "aB", False),
        ("[[:alpha:]_-]+", "a-b_", True),
        ("[[:^digit:]]", "5", False),
        (r"[^\D]", "5", True),
        (r"\Qa.b\E+", "a.bb", True),
        ("a{,5}", "a{,5}", True),
        ("[]a]+", "]a", True),
        (r"[a&&b|~]+", "&~|", True),
        (r"\d", "٣", False),
        (r"\x{1F600}\x41\101", "😀AA", True),
        ("(?U)a+?", "aaa", True),
        ("(?s).", "\n", True),
        (".", "\n", False),
        ("(?P<n>a)(?<m>b)", "ab", True),
    ],
)
def test_expressions_mean_what_they_mean_in_go(pattern: str, text: str, wanted: bool) -> None:
    assert (compile_regex(pattern).fullmatch(text) is not None) is wanted


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?<!a)b", "a**", "a*+", "a{1001}", r"(a)\1", r"\Z", "(", "a)", "[", "(?>a)", "*", "[b-a]", "\\"],
)
def test_expressions_that_go_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(RegexError):
        compile_regex(pattern)


@settings(derandomize=True, deadline=None)
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
