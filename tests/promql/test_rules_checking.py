"""Checks that do not build rules find what reading finds; what is said to be sound at first sight is sound."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.promql import PROMETHEUS_2, PROMETHEUS_3, Profile
from generators.promql.rules import check_rules, read_rules
from generators.promql.rules.expressions import only_check, parse_and_check
from generators.promql.templates import is_plain, parse_template

FILES = (
    "groups: [{name: g, rules: [{record: r, expr: up}, {record: r, expr: up}]}]",
    'groups: [{name: g, rules: [{alert: A, expr: "x{a=\\"b\\"} > bool", annotations: {s: "{{ $value }} {{ foo }}"}}]}]',
    "groups: [{name: g, rules: [{record: r, expr: 'rate(x{a=\"b\"})'}, {record: r, expr: 'rate(x{a=\"c\"})'}]}]",
    "groups: [{name: '', rules: [{alert: A, expr: x, labels: {'': v}, typo: 1}]}]",
    "groups: [{name: g, rules: [{expr: x}, {alert: A, record: r, expr: ''}, 7]}]",
    "groups: {",
    "",
    "---\ngroups: []\n---\ngroups: []\n",
)


@pytest.mark.parametrize("profile", [PROMETHEUS_2, PROMETHEUS_3])
@pytest.mark.parametrize("text", FILES)
def test_checking_finds_the_problems_that_reading_finds(text: str, profile: Profile) -> None:
    file, expected = read_rules(text, profile=profile)
    sound, found = check_rules(text, profile=profile)
    assert found == expected
    assert sound == (None if file is None else sum(len(group.rules) for group in file.groups))


PIECES = st.sampled_from(
    [
        'x{a="',
        '"}',
        '",b!="',
        '",c=~"',
        '",__name__="',
        "'",
        '"',
        "\\",
        "#",
        "\n",
        "a",
        "=",
        "rate(",
        "[5m])",
        " or ",
        "é",
    ]
)


@settings(derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_an_expression_is_sound_if_its_shape_is(text: str) -> None:
    assert only_check(text, PROMETHEUS_3)[1] == parse_and_check(text, PROMETHEUS_3)[1]


WORDS = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            " ",
            "{",
            "}",
            "$labels.",
            "$value",
            "job",
            "-",
            "|",
            " | ",
            "humanize",
            "printf ",
            '"%.2f"',
            '"',
        ),
        *(".", "$", "$externalLabels.", "foo", "\n", "é", "and", "if", "end", "\\", "{{ $value }}", "{{ $labels.a }}"),
    ]
)


@settings(derandomize=True, deadline=None)
@given(st.lists(WORDS, max_size=10).map("".join))
def test_a_template_that_is_plain_parses(text: str) -> None:
    if is_plain(text):
        assert parse_template(text)[1] == ()


@pytest.mark.parametrize(
    "text",
    [
        "no action at all, } { }}",
        "{{ $labels.job }} is at {{ $value | humanizePercentage }}",
        '{{printf "%.2f" $value}}',
        '{{ $value | printf "%.2f" }} in {{ $externalLabels.region }}',
    ],
)
def test_usual_templates_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text", ["{{ $labels }}", "{{ foo }}", "{{", "{{ $value | foo }}", "{{ if $value }}x{{ end }}"]
)
def test_other_templates_are_parsed(text: str) -> None:
    assert not is_plain(text)
