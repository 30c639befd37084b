from __future__ import annotations

import math

from engine_data import MINUTE, ask, at, load, over

from generators.promql.profiles import PROMETHEUS_2


def buckets(counts: dict[str, object], name: str = "d_bucket"):
    return load(*(f'{name}{{le="{bound}"}} {count}' for bound, count in counts.items()))


def test_a_quantile_is_interpolated_inside_its_bucket() -> None:
    storage = buckets({"1": 10, "2": 30, "+Inf": 40})
    assert at(storage, "histogram_quantile(0.5, d_bucket)") == {"": 1.5}
    assert at(storage, "histogram_quantile(0.125, d_bucket)") == {"": 0.5}
    assert at(storage, "histogram_quantile(0.99, d_bucket)") == {"": 2}


def test_a_lowest_bucket_that_is_not_positive_gives_its_bound() -> None:
    assert at(buckets({"-1": 10, "+Inf": 20}), "histogram_quantile(0.1, d_bucket)") == {"": -1}


def test_the_limits_of_phi_and_empty_histograms() -> None:
    storage = buckets({"1": 10, "+Inf": 10})
    assert at(storage, "histogram_quantile(-1, d_bucket)") == {"": -math.inf}
    assert at(storage, "histogram_quantile(1.1, d_bucket)") == {"": math.inf}
    assert math.isnan(at(storage, "histogram_quantile(NaN, d_bucket)")[""])
    assert math.isnan(at(buckets({"1": 0, "+Inf": 0}), "histogram_quantile(0.5, d_bucket)")[""])
    assert math.isnan(at(buckets({"1": 1, "2": 2}), "histogram_quantile(0.5, d_bucket)")[""])
    assert math.isnan(at(buckets({"+Inf": 2}), "histogram_quantile(0.5, d_bucket)")[""])


def test_counts_that_fall_are_lifted_and_reported() -> None:
    storage = buckets({"1": 10, "2": 8, "4": 20, "+Inf": 20})
    result = ask(storage, "histogram_quantile(0.75, d_bucket)")
    assert "value=3.0" in str(result.value)
    assert result.infos == (
        "PromQL info: input to histogram_quantile needed to be fixed for monotonicity "
        "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), "
        "from buckets 2 to 2, with a max diff of 2, over 1 samples from 1970-01-01T00:00:00Z "
        "to 1970-01-01T00:00:00Z (1:26)",
    )


def test_rounding_between_buckets_is_mended_in_silence() -> None:
    storage = buckets({"1": 10, "2": 9.9999999999999, "+Inf": 10})
    assert ask(storage, "histogram_quantile(0.75, d_bucket)").infos == ()


def test_equal_bounds_in_different_spellings_are_one_bucket() -> None:
    storage = buckets({"1": 5, "1.0": 5, "+Inf": 20})
    assert at(storage, "histogram_quantile(0.25, d_bucket)") == {"": 0.5}


def test_a_bad_bound_is_left_out_with_a_warning() -> None:
    storage = buckets({"1": 10, "much": 3, "+Inf": 10})
    result = ask(storage, "histogram_quantile(0.5, d_bucket)")
    assert "value=0.5" in str(result.value)
    assert result.warnings == (
        'PromQL warning: bucket label "le" is missing or has a malformed value of "much" (1:25)',
    )


def test_buckets_that_come_and_go_are_taken_as_they_are_at_each_step() -> None:
    storage = buckets({"1": "10 10", "2": "_ 30", "+Inf": "40 40"})
    assert over(storage, "histogram_quantile(0.5, d_bucket)", 0, MINUTE, MINUTE) == {"": {0: 1, MINUTE: 1.5}}


def test_a_fraction_counts_what_lies_between_two_values() -> None:
    storage = buckets({"1": 10, "2": 30, "+Inf": 40})
    assert at(storage, "histogram_fraction(0, 1.5, d_bucket)") == {"": 0.5}
    assert at(storage, "histogram_fraction(1, 2, d_bucket)") == {"": 0.5}
    assert at(storage, "histogram_fraction(-Inf, Inf, d_bucket)") == {"": 1}
    assert at(storage, "histogram_fraction(2, 1, d_bucket)") == {"": 0}


def test_fraction_and_quantile_are_inverse() -> None:
    storage = buckets({"0.5": 3, "1": 10, "4": 25, "8": 40, "+Inf": 40})
    for phi in (0.05, 0.2, 0.5, 0.9):
        value = at(storage, f"histogram_quantile({phi}, d_bucket)")[""]
        assert math.isclose(at(storage, f"histogram_fraction(-Inf, {value!r}, d_bucket)")[""], phi)


def test_several_quantiles_are_told_apart_by_a_label() -> None:
    storage = buckets({"1": 10, "2": 30, "+Inf": 40})
    found = at(storage, 'histogram_quantiles(d_bucket, "q", 0.5, 0.125, 1)')
    assert found == {"q=0.5": 1.5, "q=0.125": 0.5, "q=1.0": 2}


def test_prometheus_2_takes_buckets_of_different_metrics_for_one_histogram() -> None:
    storage = load('a_bucket{le="1"} 1', 'b_bucket{le="+Inf"} 2')
    text = 'histogram_quantile(0.25, {__name__=~"._bucket"})'
    assert at(storage, text, 0, PROMETHEUS_2) == {"": 0.5}
    assert ask(storage, text).error is not None
