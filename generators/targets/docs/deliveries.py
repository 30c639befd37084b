"""Deliveries of an alert: the routes of its environment, walked with the labels that it will carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generators import alertmanager
from generators.formats.durations import format_duration
from generators.promql.syntax.ast import MatchOp
from generators.promql.syntax.walk import selectors
from generators.targets.docs.alert_pages import Firing


def deliveries(firing: Firing) -> Iterator[tuple[str, ...]]:
    """Yield a row for each delivery: environment, severity, receiver, wait, repeat, only in, never in."""
    for labels in _label_sets(firing):
        for delivery in alertmanager.route(firing.environment.alertmanager, labels):
            yield (
                firing.place,
                firing.rule.level.value,
                delivery.receiver,
                format_duration(round(delivery.group_wait * 1000)),
                format_duration(round(delivery.repeat_interval * 1000)),
                ", ".join(delivery.active_time_intervals),
                ", ".join(delivery.mute_time_intervals),
            )


def _label_sets(firing: Firing) -> Iterator[Mapping[str, str]]:
    """Yield the labels of an alert; those of the fleet get theirs from whichever model they are about."""
    if firing.model:
        yield firing.labels
        return
    selected = {
        matcher.label: matcher.value
        for selector in selectors(firing.rule.expr)
        for matcher in selector.matchers
        if matcher.op is MatchOp.EQUAL
    }
    for model in firing.environment.models:
        of_model = {"tenant": model.tenant, "model": model.model, "team": model.deployment.model.team.name}
        if all(selected.get(label, value) == value for label, value in of_model.items()):
            yield {**selected, **of_model, "environment": firing.place, **firing.labels}
