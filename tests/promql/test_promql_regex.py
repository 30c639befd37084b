"""The expected verdicts and matches were produced by Go's ``regexp`` with the anchors that Prometheus adds."""

from __future__ import annotations

import re

import pytest

from generators.promql.regex import RegexError, compile_regex


def matches(pattern: str, *texts: str, dot_all: bool = True) -> list[bool]:
    return [compile_regex(pattern, dot_all).match(text) is not None for text in texts]


def test_patterns_match_whole_texts() -> None:
    assert matches("a|ab", "a", "ab", "abc", "xa") == [True, True, False, False]
    assert matches("", "", "a") == [True, False]


def test_the_dot_matches_line_breaks_since_prometheus_3() -> None:
    assert matches("a.b", "a\nb") == [True]
    assert matches("a.b", "a\nb", "a b", dot_all=False) == [False, True]
    assert matches("(?-s)a.b", "a\nb") == [False]
    assert matches("(?s)a.b", "a\nb", dot_all=False) == [True]
    assert matches("(?-s:.).", "\n\n", "a\n") == [False, True]


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"\d+", "0123", "٣"),
        (r"\w", "a", "é"),
        (r"\s", "\t", "\u00a0"),
        (r"\D", "٣", "3"),
        (r"é\b.*", "éa", "é."),
        ("[[:alpha:]]+", "aZ", "é"),
        ("[[:^digit:]x]", "x", "0"),
        ("[^[:space:]]", "a", " "),
        ("[]a]", "]", "b"),
        ("[a-]", "-", "b"),
        (r"[\]\-\\]", "\\", "a"),
        (r"[\d-z]", "-", "a"),
        ("[&&a||b-]", "&", "c"),
        (r"\pL+", "aéΩ", "1"),
        (r"\p{Lu}", "É", "é"),
        (r"\PN", "a", "1"),
        (r"[\p{^Ll}]", "A", "a"),
        (r"\x41\x{1F600}\101", "A😀A", "AA"),
        (r"\Qa.b\E+", "a.bbb", "axb"),
        ("(?i)aB", "Ab", "ac"),
        ("a(?i)b|c", "C", "A"),
        ("(?i:a)b", "Ab", "AB"),
        ("(?P<n>a)(?<m>b)", "ab", "a"),
        ("a{,2}", "a{,2}", "aa"),
        ("a{2", "a{2", "aa"),
        ("{", "{", "a"),
        ("a{0}b", "b", "ab"),
        ("(a{2}){3}", "a" * 6, "a" * 5),
        ("a$", "a", "a\n"),
        ("(?m)a$\n^b", "a\nb", "a\n"),
        (r"\Aa\z", "a", "b"),
        ("(?U)a+?b", "aab", "b"),
        ("^*a", "a", "^a"),
        ("a#b c", "a#b c", "a"),
        (r"\B", "", "a"),
        ("(?i)straße", "STRAßE", "STRASSE"),
    ],
)
def test_patterns_mean_what_they_mean_in_go(pattern: str, yes: str, no: str) -> None:
    assert matches(pattern, yes, no) == [True, False]


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(",
            ")",
            "a)",
            "[a",
            "[b-a]",
            "[[:foo:]]",
            "*",
            "a**",
            "a*+",
            "a{2}{3}",
            "a{1001}",
            "a{3,1}",
            "(a{100}){100}",
        ),
        *("(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)", r"\1", r"(a)\1", r"\Z", r"\C", r"\h", "\\", "(?z)", "(?i"),
        *("(?P=a)", r"\p", r"[a\_-\.", "(?-)", "(?P<a b>c)", "|*", "(|*)", "\udcff"),
    ],
)
def test_patterns_that_go_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(RegexError) as error:
        compile_regex(pattern)
    assert not error.value.unsupported
    assert str(error.value)


@pytest.mark.parametrize("pattern", [r"\p{Greek}", "(?P<1>a)", "(?i)*a", "(" * 80 + "a" + ")" * 80])
def test_patterns_that_only_this_translation_lacks_say_so(pattern: str) -> None:
    with pytest.raises(RegexError) as error:
        compile_regex(pattern)
    assert error.value.unsupported


def test_groups_keep_their_numbers_and_names() -> None:
    match = compile_regex("(?:x)(a)(?P<name>b)(?i:(C))").match("xabc")
    assert match is not None
    assert match.groups() == ("a", "b", "c")
    assert match["name"] == "b"


@pytest.mark.parametrize("pattern", ["api-.*", "a|b|c", "node_[0-9]+", r"10\.0\.0\..+", "5.."])
def test_plain_patterns_are_left_alone(pattern: str) -> None:
    ours, theirs = compile_regex(pattern), re.compile(pattern, re.DOTALL)
    for text in ("api-1", "a", "c", "node_12", "10.0.0.7", "10x0.0.7", "503", ""):
        assert (ours.match(text) is None) == (theirs.fullmatch(text) is None)
