from __future__ import annotations

import math

import numpy as np
import pytest
from engine_data import MINUTE, ask, at, error, load, over

from generators.promql.engine.hashing import xxhash64
from generators.promql.profiles import PROMETHEUS_2

VALUES = {"1": 2.0, "2": 8.0, "3": 5.0, "4": 1.0}


def storage_of(values: dict[str, float]):
    return load(*(f'a{{x="{x}",g="{int(x) % 2}"}} {value}' for x, value in values.items()))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sum", np.sum),
        ("avg", np.mean),
        ("min", np.min),
        ("max", np.max),
        ("count", len),
        ("stddev", np.std),
        ("stdvar", np.var),
        ("group", lambda _: 1),
    ],
)
def test_aggregations_agree_with_numpy_in_each_group(name: str, function) -> None:
    found = at(storage_of(VALUES), f"{name} by (g) (a)")
    assert found.keys() == {"g=0", "g=1"}
    assert math.isclose(found["g=1"], function([2.0, 5.0]))
    assert math.isclose(found["g=0"], function([8.0, 1.0]))


def test_without_keeps_all_other_labels_but_the_name() -> None:
    assert at(storage_of({"1": 2.0}), "sum without (x) (a)") == {"g=1": 2}


def test_no_clause_makes_one_group_without_labels() -> None:
    assert at(storage_of(VALUES), "sum(a)") == {"": 16}
    assert at(storage_of(VALUES), "sum(b)") == {}


def test_quantile_interpolates_between_members() -> None:
    for quantile in (0, 0.2, 0.5, 0.9, 1):
        found = at(storage_of(VALUES), f"quantile({quantile}, a)")[""]
        assert math.isclose(found, float(np.quantile(list(VALUES.values()), quantile)))


def test_topk_and_bottomk_keep_the_labels_and_put_nan_last() -> None:
    storage = storage_of({**VALUES, "5": math.nan})
    assert list(at(storage, "topk(2, a)").values()) == [8, 5]
    assert list(at(storage, "bottomk(2, a)").values()) == [1, 2]
    assert len(at(storage, "topk(9, a)")) == 5
    assert at(storage, "topk(0, a)") == {}
    assert sorted(at(storage, "topk by (g) (1, a)").values()) == [5, 8]


def test_topk_chooses_at_every_step_anew() -> None:
    storage = load('a{x="1"} 1 5', 'a{x="2"} 2 3')
    found = over(storage, "topk(1, a)", 0, MINUTE, MINUTE)
    assert found == {"__name__=a,x=1": {MINUTE: 5}, "__name__=a,x=2": {0: 2}}


def test_a_parameter_may_differ_from_step_to_step() -> None:
    storage = load('a{x="1"} 1x9', 'a{x="2"} 2x9', "k 1 2")
    found = over(storage, "count(topk(scalar(k), a))", 0, MINUTE, MINUTE)
    assert found == {"": {0: 1, MINUTE: 2}}


def test_parameters_that_make_no_sense_are_errors() -> None:
    storage = storage_of(VALUES)
    assert "Scalar value 1e+30 overflows int64" in error(storage, "topk(1e30, a)")
    assert "Ratio value is NaN" in error(storage, "limit_ratio(NaN, a)")


def test_limitk_takes_the_first_and_limit_ratio_a_share_and_its_complement() -> None:
    storage = load(*(f'a{{x="{x}"}} {x}' for x in range(50)))
    assert len(at(storage, "limitk(7, a)")) == 7
    some, others = at(storage, "limit_ratio(0.3, a)"), at(storage, "limit_ratio(-0.7, a)")
    assert 0 < len(some) < 50
    assert not some.keys() & others.keys()
    assert len(some) + len(others) == 50


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
    ],
)
def test_the_hash_is_xxhash64(text: bytes, digest: int) -> None:
    assert xxhash64(text) == digest


def test_count_values_counts_equal_values_by_their_shortest_text() -> None:
    storage = load('a{x="1"} 1e6', 'a{x="2"} 1000000', 'a{x="3"} 0.1', 'a{x="4"} NaN', 'a{x="5"} -0', 'a{x="6"} 0')
    assert at(storage, 'count_values("v", a)') == {"v=1000000": 2, "v=0.1": 1, "v=NaN": 1, "v=-0": 1, "v=0": 1}


def test_sums_compensate_for_rounding_and_means_for_overflow() -> None:
    assert at(load('a{x="1"} 1', 'a{x="2"} 1e100', 'a{x="3"} 1', 'a{x="4"} -1e100'), "sum(a)") == {"": 2}
    assert at(load('a{x="1"} 1.7e308', 'a{x="2"} 1.7e308'), "avg(a)") == {"": 1.7e308}


def test_the_variance_of_a_single_infinity_is_undefined_except_in_prometheus_2() -> None:
    storage = load("a Inf")
    assert math.isnan(at(storage, "stdvar(a)")[""])
    assert at(storage, "stdvar(a)", 0, PROMETHEUS_2) == {"": 0}


def test_groups_exist_only_at_the_steps_where_they_have_members() -> None:
    storage = load('a{x="1"} 1 stale', 'a{x="2"} _ 2')
    assert over(storage, "sum by (x) (a)", 0, MINUTE, MINUTE) == {"x=1": {0: 1}, "x=2": {MINUTE: 2}}


def test_a_quantile_outside_0_and_1_is_infinite_and_warned_about() -> None:
    result = ask(storage_of(VALUES), "quantile(1.5, a)")
    assert result.warnings == ("PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)",)
