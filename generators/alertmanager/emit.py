"""A configuration as the YAML file that Alertmanager reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from generators.alertmanager.config import (
    Config,
    InhibitRule,
    Integration,
    Interval,
    Matcher,
    Receiver,
    Route,
    TimeInterval,
)
from generators.alertmanager.integrations import INTEGRATIONS
from generators.alertmanager.intervals import MONTHS, WEEKDAYS, format_range, format_times
from generators.alertmanager.matchers import format_matcher
from generators.alertmanager.yaml_text import Quoted, format_yaml
from generators.formats.durations import format_duration

Document: TypeAlias = dict[str, object]
"""A part of the file as plain values; matchers are Quoted."""


def emit(config: Config) -> str:
    """Print a configuration. The order of keys in its mappings does not matter."""
    return format_yaml(document(config))


def document(config: Config) -> Document:
    """Return the file as a mapping of plain values, keys in the order in which a person reads them."""
    return _present(
        {
            "global": _sorted(config.global_) or None,
            "templates": list(config.templates) or None,
            "route": _route(config.route),
            "inhibit_rules": [_inhibit_rule(rule) for rule in config.inhibit_rules] or None,
            "time_intervals": [_time_interval(interval) for interval in config.time_intervals] or None,
            "receivers": [_receiver(receiver) for receiver in config.receivers],
        }
    )


def _route(route: Route) -> Document:
    return _present(
        {
            "receiver": route.receiver,
            "matchers": _matchers(route.matchers) or None,
            "continue": route.continue_ or None,
            "group_by": None if route.group_by is None else list(route.group_by),
            "group_wait": _duration(route.group_wait),
            "group_interval": _duration(route.group_interval),
            "repeat_interval": _duration(route.repeat_interval),
            "active_time_intervals": list(route.active_time_intervals) or None,
            "mute_time_intervals": list(route.mute_time_intervals) or None,
            "routes": [_route(child) for child in route.routes] or None,
        }
    )


def _inhibit_rule(rule: InhibitRule) -> Document:
    return _present(
        {
            "name": rule.name or None,
            "source_matchers": _matchers(rule.source),
            "target_matchers": _matchers(rule.target),
            "equal": list(rule.equal) or None,
        }
    )


def _time_interval(interval: TimeInterval) -> Document:
    return {"name": interval.name, "time_intervals": [_interval(one) for one in interval.intervals]}


def _interval(interval: Interval) -> Document:
    return _present(
        {
            "times": [format_times(times) for times in interval.times] or None,
            "weekdays": [format_range(ends, WEEKDAYS) for ends in interval.weekdays] or None,
            "days_of_month": [format_range(ends) for ends in interval.days_of_month] or None,
            "months": [format_range(ends, MONTHS, base=1) for ends in interval.months] or None,
            "years": [format_range(ends) for ends in interval.years] or None,
            "location": interval.location,
        }
    )


def _receiver(receiver: Receiver) -> Document:
    kinds = dict.fromkeys(integration.kind for integration in receiver.integrations)
    return {
        "name": receiver.name,
        **{f"{kind}_configs": [_settings(one) for one in receiver.integrations if one.kind == kind] for kind in kinds},
    }


def _settings(integration: Integration) -> Document:
    """Order settings as the documentation of their kind does, unknown ones last."""
    known = INTEGRATIONS[integration.kind].fields if integration.kind in INTEGRATIONS else {}
    order = {name: index for index, name in enumerate(known)}
    names = sorted(integration.settings, key=lambda name: (order.get(name, len(order)), name))
    return {name: _sorted(integration.settings[name]) for name in names}


def _matchers(matchers: Iterable[Matcher]) -> list[Quoted]:
    return [Quoted(format_matcher(matcher)) for matcher in matchers]


def _duration(seconds: float | None) -> str | None:
    return None if seconds is None else format_duration(round(seconds * 1000))


def _sorted(value: object) -> object:
    """Sort the keys of mappings at any depth; lists keep their order."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_sorted(item) for item in value]
    return value


def _present(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value is not None}
