from __future__ import annotations

import math

import numpy as np
import pytest
from engine_data import MINUTE, at, error, load
from scipy import stats

from generators.promql.profiles import PROMETHEUS_2

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]


def only(found: dict[str, float]) -> float:
    (value,) = found.values()
    return value


def series() -> str:
    return "a " + " ".join(map(str, VALUES))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("sum_over_time", np.sum(VALUES)),
        ("avg_over_time", np.mean(VALUES)),
        ("min_over_time", np.min(VALUES)),
        ("max_over_time", np.max(VALUES)),
        ("count_over_time", len(VALUES)),
        ("stddev_over_time", np.std(VALUES)),
        ("stdvar_over_time", np.var(VALUES)),
        ("last_over_time", VALUES[-1]),
        ("first_over_time", VALUES[0]),
        ("present_over_time", 1),
        ("mad_over_time", stats.median_abs_deviation(VALUES)),
        ("ts_of_max_over_time", 300),
        ("ts_of_min_over_time", 180),
        ("ts_of_first_over_time", 0),
        ("ts_of_last_over_time", 420),
        ("changes", 7),
        ("resets", 3),
        ("deriv", stats.linregress(np.arange(8) * 60, VALUES).slope),
        ("idelta", 4),
        ("irate", 4 / 60),
    ],
)
def test_functions_over_time_agree_with_numpy_and_scipy(function: str, expected: float) -> None:
    assert math.isclose(only(at(load(series()), f"{function}(a[20m])", 7)), expected, rel_tol=1e-12)


@pytest.mark.parametrize("quantile", [0, 0.1, 0.5, 0.83, 1])
def test_quantile_over_time_interpolates_as_numpy_does(quantile: float) -> None:
    found = only(at(load(series()), f"quantile_over_time({quantile}, a[20m])", 7))
    assert math.isclose(found, float(np.quantile(VALUES, quantile)), rel_tol=1e-12)


def test_predict_linear_extends_the_regression_line_from_the_evaluation_time() -> None:
    line = stats.linregress(np.arange(8) * 60, VALUES)
    expected = line.intercept + line.slope * (450 + 600)
    assert math.isclose(only(at(load(series()), "predict_linear(a[20m], 600)", 7.5)), expected, rel_tol=1e-12)


def test_rate_extrapolates_to_the_edges_of_the_range() -> None:
    storage = load("a_total 100+60x10")
    assert math.isclose(only(at(storage, "increase(a_total[5m])", 8)), 300)
    assert math.isclose(only(at(storage, "rate(a_total[5m])", 8)), 1)


def test_a_counter_is_not_extrapolated_below_zero() -> None:
    storage = load("a_total _ _ 0+60x10")
    assert math.isclose(only(at(storage, "increase(a_total[10m])", 6)), 240)
    assert math.isclose(only(at(storage, "delta(a_total[10m])", 6)), 270)


def test_a_reset_counts_the_whole_new_value() -> None:
    assert math.isclose(only(at(load("a_total 5 10 3 6"), "increase(a_total[3m1ms])", 3)), 11.0, rel_tol=1e-3)


def test_every_window_is_corrected_for_its_own_resets_only() -> None:
    storage = load("a_total 0 1 2 0 1 2 0 1 2 0 1 2")
    found = [only(at(storage, "increase(a_total[2m1ms])", minute)) for minute in range(2, 12)]
    assert all(
        math.isclose(value, expected, rel_tol=1e-3) for value, expected in zip(found, [2, 1, 1] * 4, strict=False)
    )


def test_one_sample_gives_no_rate() -> None:
    assert at(load("a_total 1"), "rate(a_total[5m])", 1) == {}


def test_prometheus_2_limits_extrapolation_at_zero_before_it_chooses_how_far_to_go() -> None:
    storage = load("a_total _ _ _ 90+100x2")
    assert math.isclose(only(at(storage, "increase(a_total[10m])", 5)), 250)
    assert math.isclose(only(at(storage, "increase(a_total[10m])", 5, PROMETHEUS_2)), 290)


def test_large_values_that_cancel_do_not_swallow_small_ones() -> None:
    storage = load("a 1 1e100 1 -1e100")
    assert only(at(storage, "sum_over_time(a[10m])", 3)) == 2
    assert only(at(storage, "sum_over_time(a[1m1ms])", 1)) == 1e100


def test_the_mean_of_values_whose_sum_overflows_is_finite() -> None:
    assert only(at(load("a 1.7e308 1.7e308"), "avg_over_time(a[5m])", 1)) == 1.7e308
    assert only(at(load("a 1.7e308 1.7e308"), "sum_over_time(a[5m])", 1)) == math.inf


def test_sums_of_fractions_do_not_depend_on_what_lies_outside_the_window() -> None:
    storage = load("a 1e12 0.1 0.2 0.3")
    assert only(at(storage, "sum_over_time(a[2m1ms])", 3)) == math.fsum([0.1, 0.2, 0.3])


def test_extremes_ignore_nan_unless_there_is_nothing_else() -> None:
    storage = load("a NaN 3 NaN", "b NaN NaN")
    assert only(at(storage, "max_over_time(a[5m])", 2)) == 3
    assert only(at(storage, "min_over_time(a[5m])", 2)) == 3
    assert math.isnan(only(at(storage, "max_over_time(b[5m])", 2)))


def test_a_quantile_outside_0_and_1_is_infinite() -> None:
    assert only(at(load(series()), "quantile_over_time(-1, a[5m])", 2)) == -math.inf
    assert only(at(load(series()), "quantile_over_time(2, a[5m])", 2)) == math.inf


def test_double_exponential_smoothing_follows_a_straight_line_exactly() -> None:
    storage = load("a 0+10x30")
    assert math.isclose(only(at(storage, "double_exponential_smoothing(a[10m], 0.3, 0.6)", 20)), 200)
    assert "invalid smoothing factor" in error(storage, "double_exponential_smoothing(a[10m], 1, 0.6)", 20)
    assert "invalid trend factor" in error(storage, "double_exponential_smoothing(a[10m], 0.5, 0)", 20)


def test_anchored_ranges_start_from_the_last_sample_before_them() -> None:
    storage = load("a_total 0+10x10")
    assert only(at(storage, "increase(a_total[2m] anchored)", 5.5)) == 20
    assert only(at(storage, "increase(a_total[2m] smoothed)", 5.5)) == 20
    assert only(at(storage, "rate(a_total[2m] smoothed)", 5.5)) == 20 / 120
    assert only(at(load("a 1 2 1 2"), "changes(a[90s] anchored)", 3)) == 2
    assert "anchored modifier can only be used with" in error(storage, "sum_over_time(a_total[2m] anchored)", 5)


def test_a_smoothed_range_interpolates_at_both_edges_across_a_reset() -> None:
    storage = load("a_total 0 60 0 60")
    assert only(at(storage, "increase(a_total[1m] smoothed)", 1.5)) == 30


def test_functions_of_series_with_different_times_do_not_disturb_each_other() -> None:
    storage = load('a{x="1"} 1+1x20')
    load('a{x="2"} 1+1x20', step=MINUTE // 2, storage=storage)
    assert at(storage, "count_over_time(a[2m])", 5) == {"x=1": 2, "x=2": 4}


def test_subqueries_of_series_with_gaps_count_only_what_is_there() -> None:
    storage = load('a{x="1"} 1x20', 'a{x="2"} 1x3 _x10 1x5')
    assert at(storage, "count_over_time(a[20m:1m])", 20) == {"x=1": 20, "x=2": 14}
