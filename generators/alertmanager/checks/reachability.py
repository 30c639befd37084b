"""Routes, receivers and time intervals that no alert can ever come to."""

from __future__ import annotations

from collections.abc import Iterator

from generators.alertmanager.config import Config, Matcher, Route
from generators.alertmanager.routing import all_deliveries
from generators.alertmanager.sets import contradict, covered
from generators.diagnostics import Code, Finding, Path, Severity

REPEATS_OUT_OF_STEP = Code(
    "M018",
    "Repeats do not fit the group's rhythm",
    "A notification is repeated when the group is next flushed, so a repeat_interval that is shorter than the "
    "group_interval, or no multiple of it, comes later than it says.",
    "group_interval: 5m\nrepeat_interval: 12m",
    "group_interval: 5m\nrepeat_interval: 15m",
    Severity.WARNING,
)
SHADOWED_ROUTE = Code(
    "M025",
    "Route that is never reached",
    "An earlier sibling without `continue` takes every alert that this route could take, so its receiver is "
    "never told.",
    "routes: [{receiver: a}, {receiver: b, matchers: ['severity=\"page\"']}]",
    "routes: [{receiver: b, matchers: ['severity=\"page\"']}, {receiver: a}]",
)
CONTRADICTORY_ROUTE = Code(
    "M026",
    "Route that never matches",
    "The matchers of the route and of its parents contradict one another.",
    "matchers: ['severity=\"page\"', 'severity=\"ticket\"']",
    "matchers: ['severity=~\"page|ticket\"']",
)
UNUSED_RECEIVER = Code(
    "M032",
    "Receiver that is never used",
    "No route leads to this receiver, so it is never told anything.",
    "route: {receiver: a}\nreceivers: [{name: a}, {name: b}]",
    "route: {receiver: a}\nreceivers: [{name: a}]",
    Severity.WARNING,
)
UNUSED_INTERVAL = Code(
    "M042",
    "Time interval that is never used",
    "No route mutes or activates by this interval.",
    "time_intervals: [{name: night}]",
    "time_intervals: []",
    Severity.WARNING,
)


def check_reachability(config: Config) -> Iterator[Finding]:
    """Report what is proven to be out of reach; a clean answer is no proof of the contrary."""
    yield from _check_route(config.route, ("route",), ())
    yield from _check_unused(config)
    yield from _check_rhythm(config)


def _check_route(node: Route, path: Path, above: tuple[Matcher, ...]) -> Iterator[Finding]:
    """Check the children of a route; ``above`` is what an alert satisfies that has come to it."""
    earlier: list[tuple[Matcher, ...]] = []
    for index, child in enumerate(node.routes):
        place = (*path, "routes", index)
        reached = above + child.matchers
        if contradict(reached):
            yield Finding(
                CONTRADICTORY_ROUTE, "the matchers of this route and of its parents contradict one another", place
            )
        elif earlier and covered(reached, earlier):
            yield Finding(
                SHADOWED_ROUTE, _shadow(node, index, reached), place, "move it up, or let the other `continue`"
            )
        else:
            yield from _check_route(child, place, reached)
        if not child.continue_:
            earlier.append(child.matchers)


def _shadow(parent: Route, index: int, reached: tuple[Matcher, ...]) -> str:
    taker = next(
        (
            position
            for position, sibling in enumerate(parent.routes[:index])
            if not sibling.continue_ and covered(reached, [sibling.matchers])
        ),
        None,
    )
    by = "earlier routes together take" if taker is None else f"route {taker + 1} of its siblings takes"
    return f"no alert comes to route {index + 1}: {by} them all"


def _check_unused(config: Config) -> Iterator[Finding]:
    routes = [delivery.routes[-1] for delivery in all_deliveries(config)]
    receivers = {route.receiver for route in routes}
    for index, receiver in enumerate(config.receivers):
        if receiver.name not in receivers:
            yield Finding(UNUSED_RECEIVER, f"no route leads to receiver `{receiver.name}`", ("receivers", index))
    intervals = {name for route in routes for name in route.active_time_intervals + route.mute_time_intervals}
    for index, interval in enumerate(config.time_intervals):
        if interval.name not in intervals:
            yield Finding(UNUSED_INTERVAL, f"no route uses time interval `{interval.name}`", ("time_intervals", index))


def _check_rhythm(config: Config) -> Iterator[Finding]:
    """Check repeats against flushes, with what is inherited, where a route sets one of the two."""
    for delivery in all_deliveries(config):
        node = delivery.routes[-1]
        own = [
            key
            for key, value in (("repeat_interval", node.repeat_interval), ("group_interval", node.group_interval))
            if value is not None
        ]
        repeat, interval = round(delivery.repeat_interval * 1000), round(delivery.group_interval * 1000)
        if own and interval and repeat % interval:
            path: Path = ("route", *(step for index in delivery.position for step in ("routes", index)), own[0])
            relation = "shorter than" if repeat < interval else "no multiple of"
            yield Finding(
                REPEATS_OUT_OF_STEP,
                f"the repeat_interval is {relation} the group_interval",
                path,
                "repeats come with the next flush",
            )
