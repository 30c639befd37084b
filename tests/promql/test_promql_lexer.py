from __future__ import annotations

import pytest

from generators.promql.syntax.lexer import DURATION, END, ERROR, HOLE, METRIC, NAME, NUMBER, STRING, tokenize
from generators.promql.syntax.literals import parse_number, unquote


def kinds(text: str, *, template: bool = False) -> list[str]:
    return [token.kind for token in tokenize(text, template=template)[0]]


def test_tokens_know_their_places() -> None:
    tokens, problem = tokenize('  up{job="ä"} # comment\n > 5m')
    assert problem is None
    assert [(token.text, token.start, token.end) for token in tokens[:-1]] == [
        ("up", 2, 4),
        ("{", 4, 5),
        ("job", 5, 8),
        ("=", 8, 9),
        ('"ä"', 9, 12),
        ("}", 12, 13),
        (">", 25, 26),
        ("5m", 27, 29),
    ]


def test_keywords_are_known_in_any_case_outside_braces_only() -> None:
    assert kinds("SUM By (x)") == ["sum", "by", "(", NAME, ")", END]
    assert kinds('x{sum="a",by="b",inf="c"}') == [
        *(NAME, "{", NAME, "=", STRING, ",", NAME, "=", STRING, ",", NAME, "=", STRING, "}", END)
    ]


def test_fill_is_a_keyword_before_a_parenthesis_only() -> None:
    assert kinds("fill + fill_left") == [NAME, "+", NAME, END]
    assert kinds("a + fill (1) b") == [NAME, "+", "fill", "(", NUMBER, ")", NAME, END]


def test_colons_belong_to_metric_names_outside_brackets_only() -> None:
    assert kinds("job:x:sum") == [METRIC, END]
    assert kinds("x[5m:step()]") == [NAME, "[", DURATION, ":", "step", "(", ")", "]", END]


def test_holes_exist_in_templates_only() -> None:
    assert kinds("$errors[$window]", template=True) == [HOLE, "[", HOLE, "]", END]
    assert kinds("$errors[$window]") == [ERROR]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, NUMBER) for text in ("1", "1.5e-3", ".5", "0x1F", "1_000", "iNf")),
        *((text, DURATION) for text in ("5m", "1h30m", "5ms", "1y2w3d4h5m6s7ms")),
    ],
)
def test_numbers_and_durations_are_told_apart(text: str, kind: str) -> None:
    assert kinds(text) == [kind, END]


@pytest.mark.parametrize(
    ("text", "value"),
    [("017", 15), ("089", 89), ("0x_1f", 31), ("1_000.5", 1000.5), ("1e5_0", 1e50), ("5.", 5), ("1e-400", 0)],
)
def test_numbers_have_the_values_that_go_gives_them(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["1e309", "1__0", "1_", "0xffffffffffffffffff"])
def test_numbers_that_go_refuses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_number(text)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"\a\b\f\n\r\t\v\\\""', '\a\b\f\n\r\t\v\\"'),
        (r"'\''", "'"),
        (r'"\x41\101\u00e9\U0001F600"', "AAé😀"),
        (r'"\xc3\xa9"', "é"),
        (r'"\xff"', "\udcff"),
        (r"`\n`", r"\n"),
    ],
)
def test_strings_are_unescaped_as_go_does(literal: str, value: str) -> None:
    assert unquote(literal) == value


@pytest.mark.parametrize("literal", [r'"\d"', r'"\400"', r'"\ud800"', r'"\U00110000"', r'"\x4"', r"""'\"'""", r'"\'"'])
def test_escapes_that_go_does_not_know_are_refused(literal: str) -> None:
    with pytest.raises(ValueError, match=r"\\"):
        unquote(literal)


@pytest.mark.parametrize(
    ("text", "code", "start", "end", "help_"),
    [
        ("a && b", "Q002", 2, 4, "write `and`"),
        ("a | b", "Q002", 2, 3, "write `or`"),
        ("a − b", "Q002", 2, 3, "this is a typographic minus; write `-`"),
        ("up{a=“x”}", "Q002", 5, 6, 'these are typographic quotes, copied from a document; replace them by `"`'),
        ('up{a="x}', "Q003", 5, 8, 'add the closing "'),
        ('up{a="x\n"}', "Q003", 5, 7, 'close it with " on the same line, or write a line break as `\\n`'),
        ("a[1.5h]", "Q006", 2, 6, "use whole numbers: `1h30m` for `1.5h`"),
        ("a[5min]", "Q006", 2, 6, "the units of durations are y, w, d, h, m, s and ms"),
        ("1.2.3", "Q005", 0, 5, ""),
        ("5xx_total", "Q005", 0, 9, "a metric name cannot start with a digit"),
        ("rate(a[$__interval])", "Q011", 7, 18, ""),
    ],
)
def test_text_that_is_no_token_is_a_problem_with_a_remedy(
    text: str, code: str, start: int, end: int, help_: str
) -> None:
    tokens, problem = tokenize(text)
    assert tokens[-1].kind == ERROR
    assert problem is not None
    assert (problem.code, problem.span.start, problem.span.end) == (code, start, end)
    assert not help_ or problem.help == help_


def test_white_space_does_not_make_lexing_slow() -> None:
    assert kinds(" \t\n#x\n" * 5000 + "&")[-1] == ERROR
