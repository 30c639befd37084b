"""The walk through the routing tree, grouping and inhibition."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from alertmanager_strategies import configs, label_sets
from hypothesis import given, settings

from generators.alertmanager import (
    Config,
    InhibitRule,
    Matcher,
    Receiver,
    Route,
    check,
    group_key,
    group_labels,
    inhibits,
    matches_all,
    route,
)
from generators.alertmanager.routing import all_deliveries


def _naive(node: Route, labels: Mapping[str, str]) -> list[Route]:
    """The documented rule, told without inheritance: all final routes in order."""
    if not matches_all(node.matchers, labels):
        return []
    found: list[Route] = []
    for child in node.routes:
        below = _naive(child, labels)
        found.extend(below)
        if below and not child.continue_:
            break
    return found or [node]


@settings(derandomize=True, deadline=None)
@given(configs(), label_sets)
def test_routes_are_those_of_the_naive_walk(config: Config, labels: dict[str, str]) -> None:
    assert [delivery.routes[-1] for delivery in route(config, labels)] == _naive(config.route, labels)


@settings(derandomize=True, deadline=None)
@given(configs(), label_sets)
def test_every_alert_is_delivered_somewhere_and_knows_its_way(config: Config, labels: dict[str, str]) -> None:
    deliveries = route(config, labels)
    assert deliveries
    for delivery in deliveries:
        node = config.route
        for index in delivery.position:
            node = node.routes[index]
        assert node is delivery.routes[-1]
        assert delivery.receiver
        assert set(group_labels(delivery, labels)) <= set(labels)


@settings(derandomize=True, deadline=None)
@given(configs(), label_sets)
def test_nothing_is_delivered_by_a_route_that_is_reported_out_of_reach(config: Config, labels: dict[str, str]) -> None:
    dead = [found.path for found in check(config) if found.code in {"M025", "M026"}]
    for delivery in route(config, labels):
        path = ("route", *(step for index in delivery.position for step in ("routes", index)))
        assert not any(path[: len(place)] == place for place in dead)


def _config(*children: Route, **root: object) -> Config:
    return Config(
        route=Route(receiver="root", routes=children, **root),  # type: ignore[arg-type]
        receivers=(Receiver("root"), Receiver("a"), Receiver("b")),
    )


def test_everything_but_time_intervals_is_inherited() -> None:
    config = _config(
        Route(group_wait=1, mute_time_intervals=("night",), routes=(Route(matchers=(Matcher("x", "=", "1"),)),)),
        group_by=("alertname",),
        repeat_interval=60,
    )
    (inner,) = route(config, {"x": "1"})
    assert (inner.receiver, inner.group_by, inner.group_wait) == ("root", ("alertname",), 1)
    assert (inner.group_interval, inner.repeat_interval) == (300, 60)
    assert inner.mute_time_intervals == ()
    (outer,) = route(config, {})
    assert outer.mute_time_intervals == ("night",)


def test_a_child_hides_its_parent_and_continue_only_reaches_siblings() -> None:
    config = _config(
        Route(receiver="a", continue_=True, routes=(Route(receiver="b"), Route(receiver="root"))),
        Route(receiver="a"),
        Route(receiver="b"),
    )
    assert [delivery.receiver for delivery in route(config, {})] == ["b", "a"]


def test_all_deliveries_lists_parents_before_children() -> None:
    config = _config(Route(receiver="a", routes=(Route(),)), Route(receiver="b"))
    assert [delivery.position for delivery in all_deliveries(config)] == [(), (0,), (0, 0), (1,)]


def test_groups_hold_only_labels_that_the_alert_carries() -> None:
    config = _config(
        Route(receiver="a", matchers=(Matcher("b", "!=", ""), Matcher("a", "=~", "x|y"))), group_by=("z", "a")
    )
    labels = {"a": "x", "b": "1"}
    (delivery,) = route(config, labels)
    assert group_labels(delivery, labels) == {"a": "x"}
    assert group_key(delivery, labels) == '{}/{a=~"x|y",b!=""}:{a="x"}'


def test_three_dots_group_by_every_label() -> None:
    (delivery,) = route(_config(group_by=("...",)), {"b": "1", "a": "2"})
    assert group_labels(delivery, {"b": "1", "a": "2"}) == {"a": "2", "b": "1"}


_PAGE, _TICKET = Matcher("severity", "=", "page"), Matcher("severity", "=", "ticket")


@pytest.mark.parametrize(
    ("source", "target", "silenced"),
    [
        ({"severity": "page", "model": "m"}, {"severity": "ticket", "model": "m"}, True),
        ({"severity": "page", "model": "m"}, {"severity": "ticket", "model": "n"}, False),
        ({"severity": "page"}, {"severity": "ticket"}, True),
        ({"severity": "page", "model": ""}, {"severity": "ticket"}, True),
        ({"severity": "ticket", "model": "m"}, {"severity": "page", "model": "m"}, False),
    ],
)
def test_inhibition_compares_equal_labels_and_takes_missing_for_empty(
    source: dict[str, str], target: dict[str, str], silenced: bool
) -> None:
    rule = InhibitRule((_PAGE,), (_TICKET,), ("model",))
    config = Config(route=Route(receiver="a"), receivers=(Receiver("a"),), inhibit_rules=(rule,))
    assert inhibits(config, source, target) == (rule if silenced else None)


def test_alerts_that_match_both_sides_do_not_silence_one_another() -> None:
    rule = InhibitRule((_PAGE,), (Matcher("team", "=", "a"),))
    config = Config(route=Route(receiver="a"), receivers=(Receiver("a"),), inhibit_rules=(rule,))
    both, source = {"severity": "page", "team": "a"}, {"severity": "page", "team": "b"}
    assert inhibits(config, both, both) is None
    assert inhibits(config, source, both) == rule
    assert inhibits(config, both, {"severity": "ticket", "team": "a"}) == rule
