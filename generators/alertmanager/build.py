"""A checked file, as plain values, as a Config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from generators.alertmanager.checks.reading import Node, items, mapping, nodes, text
from generators.alertmanager.config import (
    Config,
    InhibitRule,
    Integration,
    Interval,
    Matcher,
    Range,
    Receiver,
    Route,
    Setting,
    TimeInterval,
)
from generators.alertmanager.intervals import (
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)
from generators.alertmanager.matcher_syntax import parse_matchers
from generators.formats.durations import parse_duration


def build(document: Node) -> Config:
    """Build the configuration of a file that Alertmanager would not refuse (see ``check.is_refused``).

    Deprecated matchers become matchers, and deprecated ``mute_time_intervals`` time intervals.
    """
    return Config(
        global_=cast("Mapping[str, Setting]", mapping(document.get("global"))),
        templates=_texts(document, "templates"),
        route=_route(mapping(document.get("route"))),
        receivers=tuple(_receiver(node) for node, _ in nodes(document, "receivers", ())),
        inhibit_rules=tuple(_inhibit_rule(node) for node, _ in nodes(document, "inhibit_rules", ())),
        time_intervals=tuple(
            time_interval(node)
            for key in ("mute_time_intervals", "time_intervals")
            for node, _ in nodes(document, key, ())
        ),
    )


def _route(node: Node) -> Route:
    return Route(
        receiver=text(node.get("receiver")) or None,
        matchers=_matchers(node, ""),
        group_by=None if node.get("group_by") is None else _texts(node, "group_by"),
        group_wait=_duration(node, "group_wait"),
        group_interval=_duration(node, "group_interval"),
        repeat_interval=_duration(node, "repeat_interval"),
        continue_=bool(node.get("continue")),
        mute_time_intervals=_texts(node, "mute_time_intervals"),
        active_time_intervals=_texts(node, "active_time_intervals"),
        routes=tuple(_route(child) for child, _ in nodes(node, "routes", ())),
    )


def _matchers(node: Node, side: str) -> tuple[Matcher, ...]:
    old = (
        Matcher(str(label), "=~" if suffix else "=", text(value))
        for suffix in ("", "_re")
        for label, value in mapping(node.get(f"{side}match{suffix}")).items()
    )
    new = (matcher for line in _texts(node, f"{side}matchers") for matcher in parse_matchers(line).matchers)
    return (*old, *new)


def _receiver(node: Node) -> Receiver:
    integrations = tuple(
        Integration(str(key).removesuffix("_configs"), cast("Mapping[str, Setting]", settings))
        for key in node
        if str(key).endswith("_configs")
        for settings, _ in nodes(node, str(key), ())
    )
    return Receiver(text(node.get("name")), integrations)


def _inhibit_rule(node: Node) -> InhibitRule:
    return InhibitRule(
        source=_matchers(node, "source_"),
        target=_matchers(node, "target_"),
        equal=_texts(node, "equal"),
        name=text(node.get("name")),
    )


def time_interval(node: Node) -> TimeInterval:
    """Build a named set of moments from plain values that ``check_document`` has accepted."""
    return TimeInterval(text(node.get("name")), tuple(_interval(one) for one, _ in nodes(node, "time_intervals", ())))


def _interval(node: Node) -> Interval:
    times = (
        parse_times(text(times.get("start_time")), text(times.get("end_time"))) for times, _ in nodes(node, "times", ())
    )
    return Interval(
        times=tuple(_only_ranges(times)),
        weekdays=tuple(_only_ranges(map(parse_weekdays, _texts(node, "weekdays")))),
        days_of_month=tuple(_only_ranges(map(parse_days_of_month, _texts(node, "days_of_month")))),
        months=tuple(_only_ranges(map(parse_months, _texts(node, "months")))),
        years=tuple(_only_ranges(map(parse_years, _texts(node, "years")))),
        location=text(node.get("location")) or None,
    )


def _only_ranges(found: Iterator[Range | str]) -> Iterator[Range]:
    return (ends for ends in found if not isinstance(ends, str))


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(text(value) for value, _ in items(node, key, ()))


def _duration(node: Node, key: str) -> float | None:
    return None if node.get(key) is None else parse_duration(text(node[key])) / 1000
