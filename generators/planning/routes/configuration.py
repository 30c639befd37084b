"""Alertmanager configuration: who is told about what, when, and what is kept quiet by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from generators.alertmanager import Config, Integration, Matcher, Receiver, Route
from generators.alertmanager.build import time_interval
from generators.diagnostics import Position
from generators.formats.yaml.nodes import Entry
from generators.language.catalog import Alert, Catalog, Deployment, Environment, Level, Platform, Redirect, Team, Timing
from generators.planning.alerts.conditions import ORDER
from generators.planning.alerts.escalation import STAGE_LABEL
from generators.planning.plan import Alerting
from generators.planning.routes.inhibition import inhibitions

GROUP_BY = ("tenant", "environment", "model", "severity")
CRITICAL_GROUP_BY = ("tenant", "environment", "model", "symptom")
"""One page for one failure; another one must not join the group of the first, which pages nobody again."""
STAGE_GROUP_BY = ("tenant", "environment", "model", "alertname")
NOBODY = "(nobody)"
"""The receiver without an integration that takes what a team wants to be told nothing of."""
TEMPLATES = ("templates/*.tmpl",)


@dataclass(frozen=True, slots=True)
class Routed:
    """The configuration, and for each receiver the places that asked for it and where its integrations are written."""

    config: Config
    provenance: Mapping[str, tuple[Position, ...]]
    intervals: frozenset[str]
    written: Mapping[str, tuple[Entry, ...]]


def routes(
    catalog: Catalog,
    environment: Environment,
    deployments: Iterable[Deployment],
    alerts: Iterable[Alerting],
    tiers: tuple[str, ...],
) -> Routed:
    """Return the routes of an environment's alerts: by tenant, team, stage, urgency and severity."""
    platform = catalog.platform
    owners: dict[str, dict[str, list[Deployment]]] = {}
    for deployment in deployments:
        owners.setdefault(deployment.model.tenant, {}).setdefault(deployment.model.team.name, []).append(deployment)
    children = tuple(_tenant(tenant, teams, environment, platform) for tenant, teams in sorted(owners.items()))
    default = _receiver_name(platform.default_team, (platform.default_receiver,))
    timing = platform.timing
    root = Route(
        receiver=default,
        group_by=GROUP_BY,
        group_wait=timing.group_wait_ms / 1000,
        group_interval=timing.group_interval_ms / 1000,
        repeat_interval=timing.repeat_interval_ms / 1000,
        routes=children,
    )
    used = dict.fromkeys(_receivers_of(root))
    intervals = frozenset(_intervals_of(root))
    config = Config(
        route=root,
        receivers=tuple(_receiver(name, catalog, environment.redirect) for name in used),
        inhibit_rules=tuple(inhibitions(alerts, tiers)),
        time_intervals=tuple(
            time_interval({"name": name, "time_intervals": platform.time_intervals[name]}) for name in sorted(intervals)
        ),
        templates=TEMPLATES,
        global_=MappingProxyType({f"smtp_{key}": value for key, value in platform.smtp.items()}),
    )
    places = {name: _places(name, catalog, environment.redirect) for name in used}
    return Routed(config, places, intervals, {name: _written(name, catalog, environment.redirect) for name in used})


def _tenant(tenant: str, teams: Mapping[str, list[Deployment]], environment: Environment, platform: Platform) -> Route:
    children = tuple(_team(found[0].model.team, found, environment, platform) for _, found in sorted(teams.items()))
    return Route(matchers=(Matcher("tenant", "=", tenant),), routes=children)


def _team(team: Team, deployments: list[Deployment], environment: Environment, platform: Platform) -> Route:
    ordinary = {level: _receiver_name(team.name, team.notify[level] or (NOBODY,)) for level in Level}
    capped = ORDER[: ORDER.index(environment.severity_cap) + 1]
    children = [
        *(_stages(team) if Level.CRITICAL in capped else ()),
        *_own_routes(team, deployments),
        *(_urgent(team, platform.urgent) if Level.CRITICAL in capped else ()),
        *(
            Route(
                matchers=(Matcher("severity", "=", level),),
                receiver=ordinary[level],
                group_by=CRITICAL_GROUP_BY if level is Level.CRITICAL else None,
                active_time_intervals=(team.active[level],) if level in team.active else (),
            )
            for level in reversed(capped)
        ),
    ]
    return Route(matchers=(Matcher("team", "=", team.name),), receiver=_fallback(team) or None, routes=tuple(children))


def _fallback(team: Team) -> str:
    """Return the receiver of alerts without a known severity: that of the mildest one that anybody is told about.

    Empty where nobody is, so that the alerts go where those without a route go.
    """
    told = (_receiver_name(team.name, team.notify[level]) for level in Level if team.notify[level])
    return next(told, "")


def _stages(team: Team) -> Iterator[Route]:
    for stage in dict.fromkeys(stage.receiver for stage in team.escalation):
        yield Route(
            matchers=(Matcher(STAGE_LABEL, "=", stage),),
            receiver=_receiver_name(team.name, (stage,)),
            group_by=STAGE_GROUP_BY,
        )


def _urgent(team: Team, timing: Timing) -> Iterator[Route]:
    if team.notify[Level.CRITICAL]:
        yield Route(
            matchers=(Matcher("urgent", "=", "true"), Matcher("severity", "=", Level.CRITICAL)),
            receiver=_receiver_name(team.name, team.notify[Level.CRITICAL]),
            group_by=CRITICAL_GROUP_BY,
            group_wait=timing.group_wait_ms / 1000,
            group_interval=timing.group_interval_ms / 1000,
            repeat_interval=timing.repeat_interval_ms / 1000,
        )


def _own_routes(team: Team, deployments: list[Deployment]) -> Iterator[Route]:
    """Yield routes of alerts that name receivers, a repeat interval or a time interval of their own.

    What all models of the team agree on, such as a setting of a pack, is one route for all of them.
    """
    wanted: dict[tuple[str, Level], dict[str, Route]] = {}
    for deployment in sorted(deployments, key=lambda each: each.model.name):
        for alert in deployment.alerts:
            for level in _levels(alert, deployment.environment):
                wanted.setdefault((alert.name, level), {})[deployment.model.name] = _own_route(team, alert, level)
    for (name, level), by_model in sorted(wanted.items(), key=_gravest_first):
        plain = _own_route(team, None, level)
        if all(route == plain for route in by_model.values()):
            continue
        same = len(set(by_model.values())) == 1
        for model, route in sorted(by_model.items())[: 1 if same else None]:
            if route != plain:
                matchers = (Matcher("alertname", "=", name), *(() if same else (Matcher("model", "=", model),)))
                yield replace(route, matchers=(*matchers, Matcher("severity", "=", level)))


def _gravest_first(item: tuple[tuple[str, Level], object]) -> tuple[str, int]:
    (name, level), _ = item
    return name, -ORDER.index(level)


def _levels(alert: Alert, environment: Environment) -> set[Level]:
    levels = {threshold.level for threshold in alert.thresholds} or {alert.severity}
    return {min(level, environment.severity_cap, key=ORDER.index) for level in levels}


def _own_route(team: Team, alert: Alert | None, level: Level) -> Route:
    """Return the route of an alert at a level, or of any alert; critical ones are never kept for working hours."""
    names = (alert.notify if alert else ()) or team.notify[level]
    active = (alert.active if alert else "") or team.active.get(level, "")
    return Route(
        receiver=_receiver_name(team.name, names or (NOBODY,)),
        group_by=CRITICAL_GROUP_BY if level is Level.CRITICAL else None,
        repeat_interval=alert.repeat_ms / 1000 if alert and alert.repeat_ms else None,
        active_time_intervals=(active,) if active and level is not Level.CRITICAL else (),
    )


def _receiver_name(team: str, names: tuple[str, ...]) -> str:
    return f"{team}/{'+'.join(names)}"


def _receiver(name: str, catalog: Catalog, redirect: Redirect | None) -> Receiver:
    """Return a receiver of Alertmanager: all integrations of a team's receivers that are told together.

    Where an environment redirects, all receivers have its integrations and keep their own names.
    """
    if name.endswith(f"/{NOBODY}"):
        return Receiver(name)
    if redirect is not None:
        return Receiver(name, tuple(Integration(kind, settings) for kind, settings in redirect.integrations))
    team, _, parts = name.partition("/")
    integrations = sorted(
        (kind, index, settings)
        for index, part in enumerate(parts.split("+"))
        for kind, settings in _integrations(catalog.teams.get(team), part)
    )
    return Receiver(name, tuple(Integration(kind, settings) for kind, _, settings in integrations))


def _integrations(team: Team | None, name: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return team.receivers.get(name, ()) if team else ()


def _written(name: str, catalog: Catalog, redirect: Redirect | None) -> tuple[Entry, ...]:
    """Return the integrations of a receiver as they are written, those of a kind in the order of the receiver's."""
    if redirect is not None:
        return redirect.node.entries
    team, _, parts = name.partition("/")
    nodes = catalog.teams[team].receiver_nodes if team in catalog.teams else {}
    return tuple(entry for part in parts.split("+") if part in nodes for entry in nodes[part].entries)


def _places(name: str, catalog: Catalog, redirect: Redirect | None) -> tuple[Position, ...]:
    """Return the places that asked for a receiver, the one that says what it is first."""
    team, _, parts = name.partition("/")
    owner = catalog.teams.get(team)
    places = owner.receiver_positions if owner else {}
    asked = tuple(places[part] for part in parts.split("+") if part in places)
    return (redirect.position, *asked) if redirect is not None else asked


def _receivers_of(route: Route) -> Iterator[str]:
    if route.receiver:
        yield route.receiver
    for child in route.routes:
        yield from _receivers_of(child)


def _intervals_of(route: Route) -> Iterator[str]:
    yield from route.active_time_intervals
    for child in route.routes:
        yield from _intervals_of(child)
