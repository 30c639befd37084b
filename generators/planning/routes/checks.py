"""Routes against alerts: everybody who owns an alert is told, and nothing that is declared is idle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from generators import alertmanager
from generators.alertmanager import Config, Matcher, Route
from generators.alertmanager.checks.declared import IDLE_INHIBITION
from generators.alertmanager.checks.intervals import check_intervals
from generators.alertmanager.checks.settings import SETTING_MISSING
from generators.alertmanager.checks.structure import UNKNOWN_KEY
from generators.diagnostics import Code, Finding, Position, Problem
from generators.formats.yaml.nodes import Entry, at, find_position
from generators.language.catalog import Catalog, Level
from generators.planning.plan import Alerting, EnvironmentPlan, ModelPlan
from generators.planning.routes.configuration import Routed

ALERT_MISSES_ITS_OWNER = Code(
    "A508",
    "Alert misses its owner",
    "The routes lead the alert to somebody else.",
    "notify: {warning: []}",
    "notify: {warning: [channel]}",
)
IDLE_RECEIVER = Code(
    "A509",
    "Idle receiver",
    "Nothing is ever sent to the receiver.",
    "receivers: {spare: …}",
    "notify: {info: [spare]}",
)
IDLE_TIME_INTERVAL = Code(
    "A510",
    "Idle time interval",
    "No route uses the time interval.",
    "time_intervals: {nights: …}",
    "active: {warning: nights}",
)


_GLOBAL_SMTP: Final = re.compile(r"`smtp_(\w+)` in `global`")
"""A global setting of Alertmanager that specs can state."""


def check_routes(routed: Routed, models: Iterable[ModelPlan], catalog: Catalog) -> Iterator[Problem]:
    """Yield what is wrong with the routes of an environment, and alerts that do not reach their owner."""
    alerts = _distinct(routed.config, ((model, rule) for model in models for rule in model.alerts))
    carried = [{**dict.fromkeys(rule.instance), **_labels(rule)} for _, rule in alerts]
    for found in alertmanager.check(routed.config, carried):
        if found.kind is not IDLE_INHIBITION:  # a small fleet does not use all sides yet
            place = _place(found, routed, catalog)
            yield Problem(found.kind, _as_written(found.message), place, _remedy(found))
    for model, rule in alerts:
        team = model.deployment.model.team
        for delivery in alertmanager.route(routed.config, _labels(rule)):
            if not delivery.receiver.startswith(f"{team.name}/"):
                message = f"alert `{rule.alert}` of `{model.model}` goes to `{delivery.receiver}`, not to its owner"
                yield Problem(
                    ALERT_MISSES_ITS_OWNER, message, rule.provenance[0], f"give team `{team.name}` a receiver for it"
                )


def check_receivers(catalog: Catalog, environments: Iterable[EnvironmentPlan]) -> Iterator[Problem]:
    """Yield receivers and time intervals that nothing uses, and intervals that Alertmanager would refuse."""
    platform = catalog.platform
    used = {
        (name.partition("/")[0], part)
        for plan in environments
        for name in plan.route_provenance
        for part in name.partition("/")[2].split("+")
    }
    named = {
        (team.name, name)
        for team in catalog.teams.values()
        for name in (
            *(each for level in Level for each in team.notify[level]),
            *(stage.receiver for stage in team.escalation),
        )
    }
    for team in catalog.teams.values():
        for name, place in team.receiver_positions.items():
            if (team.name, name) not in used | named:
                message = f"receiver `{name}` of team `{team.name}` is told about nothing"
                yield Problem(IDLE_RECEIVER, message, place, "name it under `notify` or `escalation`, or remove it")
    intervals = {each for plan in environments for each in _intervals(plan)}
    stated = {interval for team in catalog.teams.values() for interval in team.active.values()}
    for name, place in platform.interval_positions.items():
        listed = [{"name": name, "time_intervals": platform.time_intervals[name]}]
        for found in check_intervals({"time_intervals": listed}):
            yield found.at(place)
        if name not in intervals | stated:
            yield Problem(
                IDLE_TIME_INTERVAL, f"time interval `{name}` is used by nothing", place, "use it, or remove it"
            )


def _as_written(text: str) -> str:
    """Return a message in the words of specs, where an integration has its name and nothing else."""
    return text.replace("_configs`", "`")


def _remedy(found: Finding) -> str:
    """Return what to write; of Alertmanager's global settings, specs know those of mail."""
    if found.kind is SETTING_MISSING:
        shared = _GLOBAL_SMTP.search(found.help)
        return "write it here" + (f", or `{shared[1]}` under `alertmanager.smtp` of the platform" if shared else "")
    expected = found.message.partition(" stands where ")[2].removesuffix(" is expected")
    return _as_written(found.help) or (f"write {expected}" if expected else "")


def _distinct(config: Config, alerts: Iterable[tuple[ModelPlan, Alerting]]) -> tuple[tuple[ModelPlan, Alerting], ...]:
    """Return one alert of each kind that routes and inhibition rules can tell apart."""
    matchers = [
        *_matchers(config.route),
        *(each for rule in config.inhibit_rules for each in (*rule.source, *rule.target)),
    ]
    exact = {
        label: {each.value for each in matchers if each.label == label and each.op == "="}
        for label in {each.label for each in matchers}
    }
    patterns = {each.label for each in matchers if each.op != "="}
    kinds: dict[frozenset[tuple[str, str | None]], tuple[ModelPlan, Alerting]] = {}
    for model, rule in alerts:
        told = (
            (label, value if label in patterns or value in exact.get(label, ()) else "")
            for label, value in _labels(rule).items()
        )
        seen = frozenset((*told, *((label, None) for label in rule.instance)))
        kinds.setdefault(seen, (model, rule))
    return tuple(kinds.values())


def _matchers(route: Route) -> Iterator[Matcher]:
    yield from route.matchers
    for child in route.routes:
        yield from _matchers(child)


def _labels(rule: Alerting) -> dict[str, str]:
    return {**dict(rule.labels), "alertname": rule.alert}


def _intervals(plan: EnvironmentPlan) -> tuple[str, ...]:
    return tuple(interval.name for interval in plan.alertmanager.time_intervals)


def _inside(found: Finding, integrations: Iterable[Entry], asked: Position) -> Position:
    """Return the place of a setting, of the integration that lacks it, or of whoever asked for the receiver."""
    match found.path[2:]:
        case (str() as kind, *steps):
            of_kind = [entry for entry in integrations if f"{entry.key}_configs" == kind]
            number, keys = (steps[0], steps[1:]) if steps and isinstance(steps[0], int) else (0, steps)
            if number < len(of_kind):
                entry = of_kind[number]
                stated = keys and at(entry.value, keys[0]) is not None
                is_key = found.kind is UNKNOWN_KEY
                return find_position(entry.value, keys, key=is_key) if stated else entry.key_position
    return asked


def _place(found: Finding, routed: Routed, catalog: Catalog) -> Position:
    """Return the place in the specs that a part of the configuration comes from."""
    match found.path:
        case ("receivers", int() as index, *_) if index < len(routed.config.receivers):
            name = routed.config.receivers[index].name
            places = routed.provenance[name]
            asked = places[0] if places else catalog.platform.position
            return _inside(found, routed.written[name], asked)
        case ("time_intervals", int() as index, *_) if index < len(routed.config.time_intervals):
            return catalog.platform.interval_positions[routed.config.time_intervals[index].name]
        case _:
            return catalog.platform.position
