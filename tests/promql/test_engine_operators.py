from __future__ import annotations

import math

from engine_data import MINUTE, at, error, load, over

from generators.promql.profiles import PROMETHEUS_2


def test_arithmetic_of_scalars_follows_ieee() -> None:
    storage = load()
    assert at(storage, "-7 % 3") == {"scalar": -1}
    assert at(storage, "1 / 0") == {"scalar": math.inf}
    assert math.isnan(at(storage, "0 / 0")["scalar"])
    assert at(storage, "2 ^ 3 ^ 2") == {"scalar": 512}
    assert at(storage, "1 < bool 2") == {"scalar": 1}


def test_a_comparison_with_a_scalar_keeps_the_vectors_value_on_either_side() -> None:
    storage = load('a{x="1"} 1', 'a{x="2"} 5')
    assert at(storage, "a > 3") == {"__name__=a,x=2": 5}
    assert at(storage, "3 < a") == {"__name__=a,x=2": 5}
    assert at(storage, "a > bool 3") == {"x=1": 0, "x=2": 1}


def test_elements_match_on_all_labels_but_the_name() -> None:
    storage = load('a{x="1"} 6', 'b{x="1"} 2', 'b{x="2"} 2')
    assert at(storage, "a / b") == {"x=1": 3}
    assert at(storage, "a > b") == {"__name__=a,x=1": 6}


def test_on_keeps_only_the_labels_that_it_names() -> None:
    storage = load('a{x="1",y="1"} 6', 'b{x="1",z="3"} 2')
    assert at(storage, "a / on (x) b") == {"x=1": 3}
    assert at(storage, "a / ignoring (y, z) b") == {"x=1": 3}


def test_group_left_copies_labels_from_the_one_side_and_removes_those_that_it_lacks() -> None:
    storage = load('a{x="1",y="1",v="old"} 6', 'a{x="1",y="2"} 8', 'info{x="1",v="new"} 2')
    assert at(storage, "a * on (x) group_left (v, w) info") == {"v=new,x=1,y=1": 12, "v=new,x=1,y=2": 16}
    assert at(storage, "info * on (x) group_right (v) a") == {"v=new,x=1,y=1": 12, "v=new,x=1,y=2": 16}


def test_many_on_the_one_side_is_an_error_that_shows_two_of_them() -> None:
    storage = load('a{x="1"} 6', 'b{x="1",y="1"} 2', 'b{x="1",y="2"} 2')
    message = error(storage, "a + on (x) b")
    assert message == (
        'found duplicate series for the match group {x="1"} on the right hand-side of the operation: '
        '[{__name__="b", x="1", y="1"}, {__name__="b", x="1", y="2"}];'
        "many-to-many matching not allowed: matching labels must be unique on one side"
    )
    assert "many-to-one matching must be explicit" in error(storage, "b + on (x) a")


def test_series_that_take_turns_match_without_conflict() -> None:
    storage = load('a{x="1"} 1x9', 'b{x="1",y="1"} 1 2 stale _ _', 'b{x="1",y="2"} _ _ 3 4 5')
    assert over(storage, "a * on (x) b", 0, 4 * MINUTE, 2 * MINUTE) == {"x=1": {0: 1, 2 * MINUTE: 3, 4 * MINUTE: 5}}


def test_filtering_does_not_hide_an_ambiguous_match_except_in_prometheus_2() -> None:
    storage = load('a{x="1",y="1"} 6', 'a{x="1",y="2"} 1', 'b{x="1"} 2')
    assert "many-to-one" in error(storage, "a > on (x) b")
    assert at(storage, "a > on (x) b", 0, PROMETHEUS_2) == {"x=1": 6}


def test_and_or_and_unless_go_by_the_labels_that_are_matched() -> None:
    storage = load('a{x="1"} 1', 'a{x="2"} 2', 'b{x="2"} 3', 'b{x="3"} 4')
    assert at(storage, "a and b") == {"__name__=a,x=2": 2}
    assert at(storage, "a unless b") == {"__name__=a,x=1": 1}
    assert at(storage, "a or b") == {"__name__=a,x=1": 1, "__name__=a,x=2": 2, "__name__=b,x=3": 4}
    assert at(storage, "a and on () vector(1)") == at(storage, "a")


def test_set_operators_decide_at_every_step_anew() -> None:
    storage = load("a 1 2 3", "b _ 5 stale")
    assert over(storage, "a unless ignoring () b", 0, 2 * MINUTE, MINUTE) == {"__name__=a": {0: 1, 2 * MINUTE: 3}}


def test_fill_stands_in_for_the_missing_side() -> None:
    storage = load('a{x="1"} 1', 'a{x="2"} 2', 'b{x="2"} 10', 'b{x="3"} 20')
    assert at(storage, "a + fill (0) b") == {"x=1": 1, "x=2": 12, "x=3": 20}
    assert at(storage, "a + fill_right (5) b") == {"x=1": 6, "x=2": 12}
    assert at(storage, "a - fill_left (5) b") == {"x=2": -8, "x=3": -15}


def test_a_sign_drops_the_name_and_refuses_two_series_that_become_one() -> None:
    storage = load('a{x="1"} 1', 'b{x="1"} 2')
    assert at(storage, "-a") == {"x=1": -1}
    assert at(storage, "+a") == {"__name__=a,x=1": 1}
    assert error(storage, '-{x="1"}') == "vector cannot contain metrics with the same labelset"


def test_atan2_keeps_the_name_only_in_prometheus_2() -> None:
    storage = load("a 1")
    assert at(storage, "a atan2 1") == {"": math.pi / 4}
    assert at(storage, "a atan2 1", 0, PROMETHEUS_2) == {"__name__=a": math.pi / 4}


def test_trimming_floats_gives_nothing_but_an_info() -> None:
    assert at(load("a 1"), "a </ 3") == {}
