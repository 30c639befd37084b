from __future__ import annotations

import math

from engine_data import MINUTE, ask, at, load, over

from generators.promql.engine import MatrixValue, StringValue
from generators.promql.profiles import PROMETHEUS_2


def test_a_sample_counts_until_just_before_the_lookback_has_passed() -> None:
    storage = load("a 1")
    assert at(storage, "a", 4.999) == {"__name__=a": 1}
    assert at(storage, "a", 5) == {}


def test_prometheus_2_counts_a_sample_at_the_very_end_of_the_lookback() -> None:
    storage = load("a 1")
    assert at(storage, "a", 5, PROMETHEUS_2) == {"__name__=a": 1}
    assert at(storage, "a", 5.001, PROMETHEUS_2) == {}


def test_a_range_excludes_its_left_edge_except_in_prometheus_2() -> None:
    storage = load("a 1+1x10")
    assert at(storage, "count_over_time(a[2m])", 5) == {"": 2}
    assert at(storage, "count_over_time(a[2m])", 5, PROMETHEUS_2) == {"": 3}


def test_a_stale_marker_ends_a_series_at_once() -> None:
    storage = load("a 1 stale 3")
    assert at(storage, "a", 0.5) == {"__name__=a": 1}
    assert at(storage, "a", 1) == {}
    assert at(storage, "count_over_time(a[5m])", 2) == {"": 2}


def test_nan_is_a_value_and_no_gap() -> None:
    value = at(load("a 1 NaN"), "a", 1)["__name__=a"]
    assert math.isnan(value)


def test_offsets_look_back_and_negative_ones_ahead() -> None:
    storage = load("a 0+1x20")
    assert at(storage, "a offset 3m", 10) == {"__name__=a": 7}
    assert at(storage, "a offset -3m", 10) == {"__name__=a": 13}


def test_the_at_modifier_fixes_the_time_before_the_offset_applies() -> None:
    storage = load("a 0+1x20")
    expected = {"__name__=a": {0: 4.0, MINUTE: 4.0}}
    assert over(storage, "a @ 360 offset 2m", 0, MINUTE, MINUTE) == expected
    assert over(storage, "a offset 2m @ 360", 0, MINUTE, MINUTE) == expected


def test_start_and_end_are_those_of_the_query_even_inside_a_subquery() -> None:
    storage = load("a 0+1x20")
    found = over(storage, "max_over_time((a @ end())[5m:1m])", 0, 10 * MINUTE, 5 * MINUTE)
    assert found == {"": {0: 10.0, 5 * MINUTE: 10.0, 10 * MINUTE: 10.0}}


def test_matchers_treat_a_missing_label_as_empty() -> None:
    storage = load('a{x="1"} 1', "a 2", 'a{x="10"} 3')
    assert set(at(storage, 'a{x=""}').values()) == {2}
    assert set(at(storage, 'a{x!=""}').values()) == {1, 3}
    assert set(at(storage, 'a{x=~"1"}').values()) == {1}
    assert set(at(storage, 'a{x!~"1.*"}').values()) == {2}


def test_a_dot_matches_a_line_break_only_in_prometheus_3() -> None:
    storage = load('a{x="1\\n2"} 1')
    assert len(at(storage, 'a{x=~"1.2"}')) == 1
    assert at(storage, 'a{x=~"1.2"}', 0, PROMETHEUS_2) == {}


def test_a_subquery_runs_on_multiples_of_its_step() -> None:
    storage = load("a 0+1x60")
    result = ask(storage, "a[3m:2m]", 5 * MINUTE + 10)
    assert isinstance(result.value, MatrixValue)
    assert result.value.series[0].timestamps.tolist() == [4 * MINUTE]


def test_a_subquery_without_a_step_takes_the_default_step() -> None:
    storage = load("a 0+1x60", step=10_000)
    assert at(storage, "count_over_time(a[5m:])", 6) == {"": 5}
    result = ask(storage, "count_over_time(a[5m:])", 6 * MINUTE, default_step_ms=30_000)
    assert result.value is not None
    assert "value=10.0" in str(result.value)


def test_a_range_vector_can_be_asked_for_at_an_instant_but_not_over_a_range() -> None:
    storage = load("a 1 2 stale 4")
    value = ask(storage, "a[3m]", 3 * MINUTE).value
    assert isinstance(value, MatrixValue)
    assert value.series[0].values.tolist() == [2, 4]
    assert ask(storage, "a[3m]", 0, 3 * MINUTE, MINUTE).error is not None


def test_a_string_is_returned_as_it_is() -> None:
    assert ask(load(), '"a\\"b"').value == StringValue('a"b')


def test_an_empty_grid_gives_an_empty_result() -> None:
    value = ask(load("a 1"), "sum(rate(a[1m])) > 1 or a", 10, 0, 1).value
    assert value == MatrixValue(())


def test_range_results_are_ordered_by_labels_whatever_the_order_of_loading() -> None:
    storage = load('b{x="2"} 1x9', 'a{x="9"} 1x9', 'b{x="1"} 1x9')
    assert list(over(storage, '{x=~".+"}', 0, MINUTE, MINUTE)) == ["__name__=a,x=9", "__name__=b,x=1", "__name__=b,x=2"]


def test_timestamp_tells_the_time_of_the_sample_and_of_anything_else_the_evaluation_time() -> None:
    storage = load("a 1")
    assert at(storage, "timestamp(a)", 1.5) == {"": 0}
    assert at(storage, "timestamp(a + 0)", 1.5) == {"": 90}


def test_smoothed_selectors_interpolate_between_the_neighbouring_samples() -> None:
    storage = load("a 0 60", step=MINUTE)
    assert at(storage, "a smoothed", 0.25) == {"__name__=a": 15}
    assert at(storage, "a smoothed", 3) == {"__name__=a": 60}


def test_metric_names_go_at_the_end_when_their_removal_is_delayed() -> None:
    storage = load("a 1", "b 2")
    text = 'label_replace(-{__name__=~"a|b"}, "name", "$1", "__name__", "(.*)")'
    at_once = ask(storage, text, 0)
    delayed = ask(storage, text, 0, delayed_name_removal=True)
    assert at_once.error is not None
    assert "name', 'a'" in str(delayed.value)
