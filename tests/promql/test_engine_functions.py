from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from engine_data import MINUTE, ask, at, error, load, over

from generators.promql.engine import VectorValue

POINTS = [-2.5, -1, -0.5, 0, 0.3, 0.5, 1, 2.5, 40]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("abs", np.abs),
        ("ceil", np.ceil),
        ("floor", np.floor),
        ("exp", np.exp),
        ("sqrt", np.sqrt),
        ("ln", np.log),
        ("log2", np.log2),
        ("log10", np.log10),
        ("sin", np.sin),
        ("acosh", np.arccosh),
        ("atanh", np.arctanh),
        ("deg", np.degrees),
        ("rad", np.radians),
        ("sgn", np.sign),
    ],
)
def test_mathematics_agrees_with_numpy(name: str, function: np.ufunc) -> None:
    storage = load(*(f'a{{x="{index}"}} {value}' for index, value in enumerate(POINTS)))
    found = np.array([at(storage, f'{name}(a{{x="{index}"}})')[f"x={index}"] for index in range(len(POINTS))])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, function(np.array(POINTS)), rtol=1e-14)


def test_round_breaks_ties_upwards_and_takes_any_step() -> None:
    storage = load("a 2.5", "b -2.5", "c 1.26")
    assert at(storage, "round(a)") == {"": 3}
    assert at(storage, "round(b)") == {"": -2}
    assert at(storage, "round(c, 0.1)") == {"": 1.3}


def test_clamp_holds_values_and_is_empty_when_its_bounds_are_crossed() -> None:
    storage = load("a 5")
    assert at(storage, "clamp(a, 6, 9)") == {"": 6}
    assert at(storage, "clamp_max(a, 2)") == {"": 2}
    assert at(storage, "clamp(a, 9, 6)") == {}
    assert math.isnan(at(storage, "clamp(a, NaN, 6)")[""])


@pytest.mark.parametrize("seconds", [0, 951_782_400, 1_709_251_199, 1_735_689_599, -86_401, 4_102_444_800])
def test_calendar_functions_agree_with_the_standard_library(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    expected = {
        "year": moment.year,
        "month": moment.month,
        "day_of_month": moment.day,
        "day_of_year": moment.timetuple().tm_yday,
        "day_of_week": moment.isoweekday() % 7,
        "hour": moment.hour,
        "minute": moment.minute,
    }
    storage = load()
    assert {name: at(storage, f"{name}(vector({seconds}))")[""] for name in expected} == expected


def test_days_in_month_knows_leap_years() -> None:
    storage = load()
    assert at(storage, "days_in_month(vector(951782400))") == {"": 29}
    assert at(storage, "days_in_month(vector(4105123200))") == {"": 28}


def test_scalar_is_nan_unless_there_is_exactly_one_series() -> None:
    storage = load('a{x="1"} 1', 'a{x="2"} 2')
    assert at(storage, 'scalar(a{x="1"})') == {"scalar": 1}
    assert math.isnan(at(storage, "scalar(a)")["scalar"])
    assert math.isnan(at(storage, "scalar(b)")["scalar"])


def test_absent_has_the_labels_that_the_selector_pins_down() -> None:
    storage = load("a 1")
    assert at(storage, 'absent(b{x="1",y=~"2",z="3",z="4"})') == {"x=1": 1}
    assert at(storage, "absent(a)") == {}
    assert at(storage, "absent(sum(b))") == {"": 1}


def test_absent_over_time_is_there_at_the_steps_whose_window_is_empty() -> None:
    storage = load('a{x="1"} 1 1 1')
    found = over(storage, 'absent_over_time(a{x="1"}[2m])', 0, 6 * MINUTE, 2 * MINUTE)
    assert found == {"x=1": {4 * MINUTE: 1, 6 * MINUTE: 1}}


def test_label_replace_expands_groups_and_matches_the_whole_value() -> None:
    storage = load('a{src="web-1"} 1')
    assert at(storage, 'label_replace(a, "n", "${1}x$2", "src", "(.*)-(.*)")') == {"__name__=a,n=webx1,src=web-1": 1}
    assert at(storage, 'label_replace(a, "n", "$kind", "src", "(?P<kind>\\\\w+)-.*")') == {
        "__name__=a,n=web,src=web-1": 1
    }
    assert at(storage, 'label_replace(a, "src", "", "src", ".*")') == {"__name__=a": 1}
    assert at(storage, 'label_replace(a, "n", "x", "src", "web")') == {"__name__=a,src=web-1": 1}


def test_label_functions_refuse_what_prometheus_refuses() -> None:
    storage = load('a{x="1"} 1', 'a{x="2"} 1')
    assert error(storage, 'label_replace(a, "n", "x", "src", "(.*")').startswith("invalid regular expression in")
    assert "invalid destination label name" in error(storage, 'label_join(a, "", "-", "x")')
    assert error(storage, 'label_join(a, "x", "-")') == "vector cannot contain metrics with the same labelset"


def test_label_join_joins_in_the_order_given() -> None:
    storage = load('a{x="1",y="2"} 1')
    assert at(storage, 'label_join(a, "n", "-", "y", "nothing", "x")') == {"__name__=a,n=2--1,x=1,y=2": 1}


def test_sorting_orders_an_instant_vector_with_nan_last() -> None:
    storage = load('a{x="1"} 3', 'a{x="2"} NaN', 'a{x="3"} 1')
    assert list(at(storage, "sort(a)")) == ["__name__=a,x=3", "__name__=a,x=1", "__name__=a,x=2"]
    assert list(at(storage, "sort_desc(a)")) == ["__name__=a,x=1", "__name__=a,x=3", "__name__=a,x=2"]


def test_sorting_by_label_counts_digits_as_numbers() -> None:
    storage = load('a{x="v10"} 1', 'a{x="v9"} 1', 'a{x="b"} 1')
    assert list(at(storage, 'sort_by_label(a, "x")')) == ["__name__=a,x=b", "__name__=a,x=v9", "__name__=a,x=v10"]
    assert next(iter(at(storage, 'sort_by_label_desc(a, "x")'))) == "__name__=a,x=v10"


def test_info_adds_the_labels_of_the_newest_info_series() -> None:
    storage = load(
        'a{job="j",instance="i"} 1x9',
        'target_info{job="j",instance="i",version="1"} 1 1',
        'target_info{job="j",instance="i",version="2"} _ _ 1 1',
        'build_info{job="j",instance="i",commit="abc"} 1x9',
    )
    assert at(storage, "info(a)", 1) == {"__name__=a,instance=i,job=j,version=1": 1}
    assert at(storage, "info(a)", 3) == {"__name__=a,instance=i,job=j,version=2": 1}
    found = at(storage, 'info(a, {__name__="build_info"})', 3)
    assert found == {"__name__=a,commit=abc,instance=i,job=j": 1}
    assert at(storage, 'info(a, {version="3"})', 3) == {}


def test_query_functions_tell_of_the_query() -> None:
    storage = load()
    assert over(storage, "step() + range() + start() + end()", MINUTE, 3 * MINUTE, MINUTE) == {
        "": {minute * MINUTE: 60 + 120 + 60 + 180 for minute in (1, 2, 3)}
    }
    assert at(storage, "step() + range()", 5) == {"scalar": 0}


def test_duration_expressions_may_use_the_step_of_the_query() -> None:
    storage = load("a 0+1x60")
    found = over(storage, "count_over_time(a[step() * 2 + 1m])", 10 * MINUTE, 12 * MINUTE, 2 * MINUTE)
    assert found == {"": {10 * MINUTE: 5, 12 * MINUTE: 5}}
    assert "duration must be greater than 0" in error(storage, "a[1m - 2m]")


def test_warnings_carry_their_position() -> None:
    result = ask(load("a 1x9"), "1 + quantile_over_time(3, a[5m])", 5 * MINUTE)
    assert result.warnings == ("PromQL warning: quantile value should be between 0 and 1, got 3 (1:24)",)
    result = ask(load("a 1x9"), "rate(a[5m])", 5 * MINUTE)
    assert result.infos == (
        'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "a" (1:6)',
    )
    assert isinstance(result.value, VectorValue)
