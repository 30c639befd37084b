"""Where an alert goes: the walk through the routing tree, grouping, and inhibition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from generators.alertmanager.config import ALL_LABELS, Config, InhibitRule, Route
from generators.alertmanager.matchers import format_matchers, matches_all

GROUP_WAIT = 30.0
GROUP_INTERVAL = 300.0
REPEAT_INTERVAL = 14_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a matching route does with an alert, with everything inherited filled in.

    ``routes`` leads from the root to the matching route and ``position`` holds its place among its siblings
    at each step, so ``()`` is the root. ``group_by`` is ``("...",)`` where each label set is its own group.
    Times are seconds.
    """

    receiver: str
    routes: tuple[Route, ...]
    position: tuple[int, ...] = ()
    group_by: tuple[str, ...] = ()
    group_wait: float = GROUP_WAIT
    group_interval: float = GROUP_INTERVAL
    repeat_interval: float = REPEAT_INTERVAL
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()


def route(config: Config, labels: Mapping[str, str]) -> tuple[Delivery, ...]:
    """Return the deliveries of an alert, in order, at least one: the root takes what nobody else wants.

    Depth first, left to right: a child that matches hides its parent, and its later siblings unless it
    continues.
    """
    return _walk(root_delivery(config), labels)


def root_delivery(config: Config) -> Delivery:
    """Return the root route as a delivery: Alertmanager's defaults with the root's own settings."""
    defaults = Delivery(receiver="", routes=())
    return _step(defaults, config.route, ())


def child_deliveries(parent: Delivery) -> tuple[Delivery, ...]:
    """Return the children of a route as deliveries that inherit from it."""
    children = parent.routes[-1].routes
    return tuple(_step(parent, child, (*parent.position, index)) for index, child in enumerate(children))


def all_deliveries(config: Config) -> tuple[Delivery, ...]:
    """Return every route of the tree, parents before children, with what each inherits."""
    found = []
    open_ = [root_delivery(config)]
    while open_:
        node = open_.pop()
        found.append(node)
        open_.extend(reversed(child_deliveries(node)))
    return tuple(found)


def _walk(node: Delivery, labels: Mapping[str, str]) -> tuple[Delivery, ...]:
    found: tuple[Delivery, ...] = ()
    for index, child in enumerate(node.routes[-1].routes):
        if matches_all(child.matchers, labels):
            found += _walk(_step(node, child, (*node.position, index)), labels)
            if not child.continue_:
                break
    return found or (node,)


def _step(parent: Delivery, node: Route, position: tuple[int, ...]) -> Delivery:
    """Inherit from the parent; time intervals are the only settings that are not inherited."""
    return Delivery(
        receiver=node.receiver or parent.receiver,
        routes=(*parent.routes, node),
        position=position,
        group_by=parent.group_by if node.group_by is None else node.group_by,
        group_wait=parent.group_wait if node.group_wait is None else node.group_wait,
        group_interval=parent.group_interval if node.group_interval is None else node.group_interval,
        repeat_interval=parent.repeat_interval if node.repeat_interval is None else node.repeat_interval,
        mute_time_intervals=node.mute_time_intervals,
        active_time_intervals=node.active_time_intervals,
    )


def group_labels(delivery: Delivery, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that an alert is grouped by: those of ``group_by`` that it carries, sorted."""
    wanted = labels if delivery.group_by == (ALL_LABELS,) else delivery.group_by
    return {name: labels[name] for name in sorted(wanted) if name in labels}


def group_key(delivery: Delivery, labels: Mapping[str, str]) -> str:
    """Return the key of an alert's group as Alertmanager writes it.

    Two routes whose paths have equal matchers share it.
    """
    path = "/".join(format_matchers(node.matchers) for node in delivery.routes)
    group = group_labels(delivery, labels).items()
    return f"{path}:{{{', '.join(f'{name}={json.dumps(value, ensure_ascii=False)}' for name, value in group)}}}"


def inhibits(config: Config, source: Mapping[str, str], target: Mapping[str, str]) -> InhibitRule | None:
    """Return the first rule by which a firing ``source`` silences ``target``, if any.

    Labels of ``equal`` that both lack count as equal. A target that also matches the rule's source side is
    only silenced by sources that do not match its target side, so that alerts cannot silence one another.
    """
    for rule in config.inhibit_rules:
        if not (matches_all(rule.target, target) and matches_all(rule.source, source)):
            continue
        if matches_all(rule.source, target) and matches_all(rule.target, source):
            continue
        if all(source.get(label, "") == target.get(label, "") for label in rule.equal):
            return rule
    return None
