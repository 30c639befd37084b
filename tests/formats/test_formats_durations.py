"""Durations, against an independent parser of PromQL and against what Go says of its own."""

from __future__ import annotations

from datetime import timedelta

import promql_parser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generators.formats.durations import (
    LONGEST,
    UNITS,
    DurationError,
    format_duration,
    format_go_duration,
    parse_duration,
    parse_go_duration,
)

PARTS = st.lists(
    st.tuples(st.integers(1, 200), st.sampled_from(["y", "w", "d", "h", "m", "s", "ms", "min", "", "M"])), max_size=4
)
ORDERED = st.tuples(*[st.integers(0, 99) for _ in UNITS]).filter(any)


@given(ORDERED)
def test_durations_mean_what_an_independent_parser_of_promql_says(counts: tuple[int, ...]) -> None:
    text = "".join(f"{count}{unit}" for count, unit in zip(counts, UNITS, strict=True) if count)
    theirs = promql_parser.parse_duration(text)
    assert timedelta(milliseconds=parse_duration(text)) == theirs
    assert format_duration(parse_duration(text)) == promql_parser.display_duration(theirs)


@given(PARTS)
@example([(30, ""), (1, "y")])
def test_durations_are_refused_exactly_where_an_independent_parser_of_promql_refuses(
    parts: list[tuple[int, str]],
) -> None:
    text = "".join(f"{count}{unit}" for count, unit in parts)
    try:
        theirs = None if text.isdigit() else promql_parser.parse_duration(text)  # 5 is 5 s in PromQL alone
    except ValueError:
        theirs = None
    if theirs is not None and theirs > timedelta(milliseconds=LONGEST):
        theirs = None  # theirs has a wider type than Prometheus
    try:
        ours = parse_duration(text)
    except DurationError as error:
        ours = None
        meant = (error.start, error.start + error.length)
    assert (None if ours is None else timedelta(milliseconds=ours)) == theirs
    assert ours is not None or 0 <= meant[0] < meant[1] <= max(1, len(text)) or not text


@given(st.integers(0, LONGEST))
def test_the_canonical_form_of_a_duration_reads_back_as_itself(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)) == milliseconds
    assert parse_go_duration(format_go_duration(milliseconds)) == milliseconds * 1_000_000
    assert parse_go_duration(format_go_duration(-milliseconds)) == -milliseconds * 1_000_000


@pytest.mark.parametrize(
    ("milliseconds", "text", "in_go"),
    [
        (0, "0s", "0s"),
        (1, "1ms", "1ms"),
        (1_001, "1s1ms", "1s1ms"),
        (90_000, "1m30s", "1m30s"),
        (5_400_000, "1h30m", "1h30m"),
        (86_400_000, "1d", "24h"),
        (7 * 86_400_000, "1w", "168h"),
        (28 * 86_400_000, "4w", "672h"),
        (30 * 86_400_000, "30d", "720h"),
        (90 * 86_400_000, "90d", "2160h"),
        (365 * 86_400_000, "1y", "8760h"),
        (366 * 86_400_000, "366d", "8784h"),
        (-300_000, "-5m", "-5m"),
    ],
)
def test_durations_are_written_as_the_originals_write_them(milliseconds: int, text: str, in_go: str) -> None:
    assert format_duration(milliseconds) == text
    assert format_go_duration(milliseconds) == in_go
    if milliseconds >= 0:
        assert parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    "text", ["", "5", "5x", "m5", "1m1h", "1h1h", "-5m", "1.5h", "5m ", "1h 5m", "300y", "٣s", "9" * 5000 + "s"]
)
def test_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(DurationError, match="duration") as error:
        parse_duration(text)
    assert error.value.help


@pytest.mark.parametrize(
    ("text", "meant", "help_"),
    [
        ("1.5h", "1.5", "write `1h30m`"),
        ("0.0001s", "0.0001", "use a smaller unit and a whole number"),
        ("500 ms", " ", "write `500ms`"),
        ("1h 30m", " ", "write `1h30m`"),
        ("5min", "min", "write `5m`"),
        ("10 seconds", "seconds", "write `10s`"),
        ("5M", "M", "write `5m`"),
        ("5x", "x", "units are y w d h m s ms"),
        ("10", "10", "write `10s`, `10m` or `10h`"),
        ("30s1h", "h", "name each unit once, largest first"),
        ("400y", "400y", "write a shorter one"),
    ],
)
def test_a_wrong_duration_comes_with_the_right_one_and_with_the_place(text: str, meant: str, help_: str) -> None:
    with pytest.raises(DurationError) as error:
        parse_duration(text)
    assert text[error.value.start :][: error.value.length] == meant
    assert error.value.help == help_


def test_a_bare_zero_and_the_longest_duration_are_durations() -> None:
    assert parse_duration("0") == 0
    assert parse_duration(format_duration(LONGEST)) == LONGEST
    with pytest.raises(DurationError):
        parse_duration(format_duration(LONGEST + 1))


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1.5h", 5_400_000_000_000),
        (".5s", 500_000_000),
        ("1.s", 1_000_000_000),
        ("-1m30s", -90_000_000_000),
        ("+2us", 2_000),
        ("3µs4ns", 3_004),
        ("3μs", 3_000),
        ("1s1h", 3_601_000_000_000),
        ("1.9ns", 1),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_durations_of_go_are_read_as_go_reads_them(text: str, nanoseconds: int) -> None:
    assert parse_go_duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "1d", "1w", "1h 5m", "s", ".s", "--1s", "1e3s", "9223372036854775808ns"])
def test_what_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(DurationError, match="duration"):
        parse_go_duration(text)
