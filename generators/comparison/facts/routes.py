"""Facts of Alertmanager's configuration: routes, receivers, inhibitions; and who is told about each alert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from generators import alertmanager
from generators.alertmanager import Config, InhibitRule, Matcher
from generators.alertmanager.routing import Delivery, all_deliveries
from generators.comparison.facts.fact import ROUTING, Fact, Milliseconds, Value


def route_facts(text: str, path: str, environment: str) -> tuple[Fact, ...]:
    """Return the facts of a configuration; none where Alertmanager would refuse it."""
    config = _config(text)
    if config is None:
        return ()
    return tuple(
        replace(fact, path=path, place=environment)
        for fact in (*_routes(config), *_receivers(config), *_inhibitions(config), *_settings(config))
    )


def with_receivers(facts: Iterable[Fact], configs: Mapping[str, str]) -> tuple[Fact, ...]:
    """Add to each alert whom its environment's configuration, given as text, tells about it."""
    return tuple(_with_receivers(fact, _config(configs.get(fact.place, ""))) for fact in facts)


def _with_receivers(fact: Fact, config: Config | None) -> Fact:
    if fact.kind != "alert" or config is None:
        return fact
    prefix = "label "
    labels = {
        name.removeprefix(prefix): value
        for name, value in fact.values.items()
        if isinstance(value, str) and (name.startswith(prefix) or name in {"severity", "priority", "team"})
    }
    deliveries = alertmanager.route(config, {"alertname": fact.name, **labels})
    receivers = tuple(dict.fromkeys(name for each in deliveries for name in _parts(each.receiver)))
    return replace(fact, values={**fact.values, "notifies": receivers})


def _parts(receiver: str) -> tuple[str, ...]:
    """Return the receivers that are told together under one name: ``team/page+chat`` is two of the team's."""
    team, slash, parts = receiver.partition("/")
    return tuple(f"{team}/{part}" for part in parts.split("+")) if slash else (receiver,)


@lru_cache(maxsize=64)
def _config(text: str) -> Config | None:
    return alertmanager.load(text)[0] if text else None


def _routes(config: Config) -> Iterator[Fact]:
    for delivery in all_deliveries(config):
        values: dict[str, Value] = {
            "receiver": delivery.receiver,
            "group_by": delivery.group_by,
            "group_wait": _seconds(delivery.group_wait),
            "group_interval": _seconds(delivery.group_interval),
            "repeat_interval": _seconds(delivery.repeat_interval),
            "active in": delivery.active_time_intervals,
            "muted in": delivery.mute_time_intervals,
            "continue": delivery.routes[-1].continue_,
        }
        yield Fact(ROUTING, "route", _path(delivery), values=values)


def _path(delivery: Delivery) -> str:
    """Return the conditions on the way to a route, as people say them."""
    matchers = [matcher for node in delivery.routes for matcher in node.matchers]
    return ", ".join(map(_condition, matchers)) or "everything else"


def _condition(matcher: Matcher) -> str:
    return f"{matcher.label} {matcher.value}" if matcher.op == "=" else f"{matcher.label}{matcher.op}{matcher.value}"


def _receivers(config: Config) -> Iterator[Fact]:
    for receiver in config.receivers:
        values: dict[str, Value] = {}
        seen: dict[str, int] = {}
        for integration in receiver.integrations:
            number = seen[integration.kind] = seen.get(integration.kind, 0) + 1
            name = integration.kind if number == 1 else f"{integration.kind} {number}"
            values[name] = "configured"
            values |= _flat(integration.settings, name)
        yield Fact(ROUTING, "receiver", receiver.name, values=values)


def _inhibitions(config: Config) -> Iterator[Fact]:
    for rule in config.inhibit_rules:
        yield Fact(ROUTING, "inhibition", _inhibition(rule), values={"equal": rule.equal})


def _inhibition(rule: InhibitRule) -> str:
    return f"{_conditions(rule.source)} silences {_conditions(rule.target)}"


def _conditions(matchers: Iterable[Matcher]) -> str:
    return " and ".join(map(_condition, matchers)) or "anything"


def _settings(config: Config) -> Iterator[Fact]:
    yield Fact(ROUTING, "settings", "global", values=_flat(config.global_, ""))
    for interval in config.time_intervals:
        values: dict[str, Value] = {"moments": tuple(str(each) for each in interval.intervals)}
        yield Fact(ROUTING, "time interval", interval.name, values=values)


def _flat(value: Any, name: str) -> dict[str, Value]:
    if isinstance(value, Mapping):
        return {
            path: leaf
            for key, each in value.items()
            for path, leaf in _flat(each, f"{name}.{key}" if name else key).items()
        }
    if isinstance(value, list | tuple):
        return {name: tuple(map(str, value))}
    return {name: value if isinstance(value, bool | int | float | str) or value is None else str(value)}


def _seconds(value: float) -> Milliseconds:
    return Milliseconds(round(value * 1000))
