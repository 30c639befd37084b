from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.promql.engine import STALE, SeriesDescription, Storage, parse_series
from generators.promql.engine.go_text import format_general, format_plain, parse_float, quote
from generators.promql.engine.series.storage import is_stale


def described(text: str) -> SeriesDescription:
    series = parse_series(text)
    assert isinstance(series, SeriesDescription), series
    return series


def values(text: str) -> list[float | None]:
    series = described("a " + text)
    return [None if missing else value for value, missing in zip(series.values.tolist(), series.missing, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2.5 -3 .5 1e3", [1, 2.5, -3, 0.5, 1000]),
        ("1x3", [1, 1, 1, 1]),
        ("0+10x3", [0, 10, 20, 30]),
        ("5-2x2", [5, 3, 1]),
        ("-2-3x1", [-2, -5]),
        ("1+-2x1", None),
        ("_ 1 _x3 2", [None, 1, None, None, None, 2]),
        ("+Inf -Inf inf", [math.inf, -math.inf, math.inf]),
        ("0x2", [0, 0, 0]),
        ("1e-3+1e-3x1", [0.001, 0.002]),
        ("", []),
    ],
)
def test_items_expand_as_promtool_expands_them(text: str, expected: list[float | None] | None) -> None:
    if expected is None:
        assert not isinstance(parse_series("a " + text), SeriesDescription)
    else:
        assert values(text) == expected


def test_stale_is_a_marker_by_its_bits_and_nan_is_not() -> None:
    series = described("a stale NaN stalex1")
    assert is_stale(series.values).tolist() == [True, False, True, True]


def test_native_histograms_are_kept_as_opaque_values() -> None:
    series = described("a 1 {{schema:0 sum:1 count:1}}x2 {{}}+{{count:1 buckets:[1 2]}}x1 _")
    assert series.histogram.tolist() == [False, True, True, True, True, True, False]


def test_labels_may_be_quoted_in_any_style() -> None:
    series = described("""{"my.metric", 'x.y'="1\\"", b=`2`,} 1""")
    assert series.labels == (("__name__", "my.metric"), ("b", "2"), ("x.y", '1"'))


@pytest.mark.parametrize(
    ("text", "start"),
    [("a 1 two 3", 4), ("a{x=1} 1", 4), ('a{x="1" y="2"} 1', 8), ("1 2", 0), ("a 1+2", 2), ('a{x="1"}1', 8)],
)
def test_a_mistake_is_reported_at_its_place(text: str, start: int) -> None:
    found = parse_series(text)
    assert not isinstance(found, SeriesDescription)
    assert found.error is not None
    assert found.error.span.start == start


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(allow_nan=False), max_size=20))
def test_values_written_in_full_come_back_as_they_were(numbers: list[float]) -> None:
    assert values(" ".join(map(repr, numbers))) == numbers


def test_adding_samples_merges_them_in_time_order_and_keeps_the_first_of_two() -> None:
    storage = Storage()
    labels = (("__name__", "a"),)
    storage.add(labels, [10, 20], [1, 2])
    storage.add(labels, [30], [STALE])
    storage.add(labels, [5, 20, 25], [9, 8, 7])
    (series,) = storage
    assert series.timestamps.tolist() == [5, 10, 20, 25, 30]
    assert series.values[:4].tolist() == [9, 1, 2, 7]
    assert series.stale
    assert series.samples()[0].tolist() == [5, 10, 20, 25]


def test_series_with_equal_times_share_one_array() -> None:
    storage = Storage()
    storage.add((("__name__", "a"),), np.arange(5), np.arange(5))
    storage.add((("__name__", "b"),), list(range(5)), np.ones(5))
    one, two = storage
    assert one.timestamps is two.timestamps


@pytest.mark.parametrize(
    ("value", "plain", "general"),
    [
        (1.0, "1", "1"),
        (-0.0, "-0", "-0"),
        (1e6, "1000000", "1e+06"),
        (123456.5, "123456.5", "123456.5"),
        (1.5e-7, "0.00000015", "1.5e-07"),
        (1e21, "1000000000000000000000", "1e+21"),
        (math.inf, "+Inf", "+Inf"),
        (math.nan, "NaN", "NaN"),
    ],
)
def test_numbers_are_written_as_go_writes_them(value: float, plain: str, general: str) -> None:
    assert format_plain(value) == plain
    assert format_general(value) == general


def test_numbers_are_read_as_go_reads_them() -> None:
    assert [parse_float(text) for text in ("1e3", "+Inf", "-inf", "0x1p4", "1_0", "", "abc", " 1")] == [
        1000,
        math.inf,
        -math.inf,
        16,
        None,
        None,
        None,
        None,
    ]


def test_strings_are_quoted_as_go_quotes_them() -> None:
    assert quote('a"b\\c\n\x01é\u200b') == '"a\\"b\\\\c\\n\\x01é\\u200b"'
