"""``explain route``: who is told about an alert with some labels, when, and who asked for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generators import alertmanager
from generators.alertmanager.routing import Delivery, all_deliveries
from generators.cli.commands.explain.explanation import Explanation
from generators.cli.tables import named_values
from generators.cli.unknown_names import UnknownNameError, unknown
from generators.formats.durations import format_duration
from generators.planning.plan import EnvironmentPlan, Plan


def explain_route(pairs: Iterable[str], environment: str | None, plan: Plan) -> Explanation:
    """Return the receivers of an alert with the labels ``label=value``, in one environment or all of them."""
    labels = dict(_pair(each) for each in pairs)
    environments = [each for each in plan.environments if environment in {None, each.environment.name}]
    if not environments:
        raise unknown("environment", environment or "", (each.environment.name for each in plan.environments))
    _check_labels(labels, environments)
    data = [_data(each, one, labels) for each in environments for one in alertmanager.route(each.alertmanager, labels)]
    return Explanation("\n\n".join(map(_text, data)), data)


def _pair(text: str) -> tuple[str, str]:
    label, sign, value = text.partition("=")
    if not sign or not label:
        raise UnknownNameError(f"`{text}` is not a label with its value; write it as `severity=critical`")
    return label, value.strip('"')


def _check_labels(labels: dict[str, str], environments: list[EnvironmentPlan]) -> None:
    """Complain about labels that no route asks for and no alert carries."""
    known = {"alertname"}
    for environment in environments:
        for delivery in all_deliveries(environment.alertmanager):
            known |= {matcher.label for matcher in delivery.routes[-1].matchers}
        for model in environment.models:
            known |= {name for group in model.groups for rule in group.rules for name, _ in rule.labels}
    for label in labels:
        if label not in known:
            raise unknown("label of alerts", label, known)


def _data(environment: EnvironmentPlan, delivery: Delivery, labels: dict[str, str]) -> dict[str, Any]:
    receiver = next(each for each in environment.alertmanager.receivers if each.name == delivery.receiver)
    return {
        "environment": environment.environment.name,
        "receiver": delivery.receiver,
        "integrations": [_integration(each.kind, each.settings) for each in receiver.integrations],
        "path": [_condition(node.matchers) for node in delivery.routes],
        "group_by": list(delivery.group_by),
        "group_wait": format_duration(round(delivery.group_wait * 1000)),
        "group_interval": format_duration(round(delivery.group_interval * 1000)),
        "repeat_interval": format_duration(round(delivery.repeat_interval * 1000)),
        "active": list(delivery.active_time_intervals),
        "muted": list(delivery.mute_time_intervals),
        "inhibited_by": _inhibitions(environment, labels),
        "from": [str(place) for place in environment.route_provenance.get(delivery.receiver, ())],
    }


def _integration(kind: str, settings: Any) -> str:
    address = next(
        (str(settings[key]) for key in ("channel", "to", "url_file", "routing_key_file") if key in settings), ""
    )
    return f"{kind} {address}".rstrip()


def _condition(matchers: Iterable[alertmanager.Matcher]) -> str:
    return ", ".join(map(alertmanager.format_matcher, matchers)) or "every alert"


def _inhibitions(environment: EnvironmentPlan, labels: dict[str, str]) -> list[str]:
    """Return the rules by which another alert could keep this one quiet."""
    return [
        f"{_condition(rule.source)} with the same {', '.join(rule.equal)}"
        for rule in environment.alertmanager.inhibit_rules
        if alertmanager.matches_all(rule.target, labels)
    ]


def _text(data: dict[str, Any]) -> str:
    rows = [
        ("told by", "\n".join(data["integrations"]) or "nothing: the receiver has no integration"),
        ("because of", "\n".join(data["path"])),
        ("grouped by", ", ".join(data["group_by"])),
        (
            "timing",
            f"first after {data['group_wait']}, changes every {data['group_interval']}, "
            f"repeated every {data['repeat_interval']}",
        ),
        ("only in", ", ".join(data["active"])),
        ("not in", ", ".join(data["muted"])),
        ("quiet while", "\n".join(data["inhibited_by"])),
        ("from", "\n".join(data["from"])),
    ]
    return f"{data['environment']}: {data['receiver']}\n{named_values(rows)}"
