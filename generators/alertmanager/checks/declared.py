"""A configuration against the alerts that are declared to exist: what they carry, and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from generators.alertmanager.config import Config, InhibitRule, Matcher, Route
from generators.alertmanager.matchers import matches
from generators.alertmanager.sets import contradict
from generators.diagnostics import Code, Finding, Path, Severity

ALERT_WITHOUT_ROUTE = Code(
    "M027",
    "Alert without a route of its own",
    "An alert that is declared to exist matches no route but the root, so only the default receiver is told.",
    "route: {receiver: default}",
    "route: {receiver: default, routes: [{receiver: growth, matchers: ['team=\"growth\"']}]}",
    Severity.INFO,
)
OVERLAPPING_INHIBITION = Code(
    "M051",
    "Inhibition whose sides overlap",
    "An alert can match both sides; such alerts do not silence one another, which is rarely what is meant. Let"
    " the sides differ by one label.",
    "source_matchers: ['team=\"a\"']\ntarget_matchers: ['severity=\"ticket\"']",
    "source_matchers: ['severity=\"page\"']\ntarget_matchers: ['severity=\"ticket\"']",
    Severity.WARNING,
)
EQUAL_NOT_CARRIED = Code(
    "M052",
    "Equal label that alerts do not carry",
    "Labels that both sides lack count as equal, so the rule silences alerts that have nothing to do with each"
    " other; a label that one side lacks keeps the rule from ever working.",
    "equal: [modle_name]",
    "equal: [model_name]",
)
IDLE_INHIBITION = Code(
    "M053",
    "Inhibition that does nothing",
    "No alert that is declared to exist matches this side of the rule.",
    "source_matchers: ['severity=\"pgae\"']",
    "source_matchers: ['severity=\"page\"']",
    Severity.WARNING,
)

AlertLabels: TypeAlias = Mapping[str, str | None]
"""The labels that an alert carries: a constant value, or None for a value, never empty, that varies."""


def check_declared(config: Config, carried: Sequence[AlertLabels]) -> Iterator[Finding]:
    """Check inhibition rules, and routes, against declared alerts; without any, only the rules."""
    for index, rule in enumerate(config.inhibit_rules):
        yield from _check_overlap(rule, ("inhibit_rules", index))
        if carried:
            yield from _check_rule(rule, carried, ("inhibit_rules", index))
    for labels in carried:
        if config.route.routes and not any(_may_reach(route, labels) for route in config.route.routes):
            yield Finding(ALERT_WITHOUT_ROUTE, f"{_name(labels)} comes to no route but the root", ("route",))


def may_match(matchers: Iterable[Matcher], labels: AlertLabels) -> bool:
    """Whether an alert with these labels can satisfy all matchers, whatever its varying labels hold."""
    return all(_may_match_one(matcher, labels) for matcher in matchers)


def _may_match_one(matcher: Matcher, labels: AlertLabels) -> bool:
    value = labels.get(matcher.label, "")
    if value is None:
        return not (matcher.op == "=" and matcher.value == "")
    return matches(matcher, {matcher.label: value})


def _may_reach(route: Route, labels: AlertLabels) -> bool:
    return may_match(route.matchers, labels)


def _check_overlap(rule: InhibitRule, path: Path) -> Iterator[Finding]:
    if rule.source and rule.target and not contradict(rule.source + rule.target):
        yield Finding(
            OVERLAPPING_INHIBITION,
            "one alert can match both sides",
            path,
            "let the sides differ by the value of one label",
        )


def _check_rule(rule: InhibitRule, carried: Sequence[AlertLabels], path: Path) -> Iterator[Finding]:
    sources = [labels for labels in carried if may_match(rule.source, labels)]
    targets = [labels for labels in carried if may_match(rule.target, labels)]
    for side, found in (("source", sources), ("target", targets)):
        if not found:
            yield Finding(IDLE_INHIBITION, f"no declared alert matches the {side} side", (*path, f"{side}_matchers"))
    if not sources or not targets:
        return
    if "alertname" in rule.equal:
        yield from _check_same_alert(rule, [*sources, *targets], path)
        return
    for index, label in enumerate(rule.equal):
        lacking = {
            side: [labels for labels in found if not _carries(labels, label)]
            for side, found in (("source", sources), ("target", targets))
        }
        if any(lacking.values()):
            yield Finding(
                EQUAL_NOT_CARRIED, _lack(label, lacking), (*path, "equal", index), "name a label that all of them carry"
            )


def _check_same_alert(rule: InhibitRule, alerts: Sequence[AlertLabels], path: Path) -> Iterator[Finding]:
    """Both sides are one alert, which carries a label on both or on neither; one that none carries is a slip."""
    for index, label in enumerate(rule.equal):
        if not any(_carries(labels, label) for labels in alerts):
            message = f"`{label}` is carried by no alert of the rule, so it tells none from another"
            yield Finding(EQUAL_NOT_CARRIED, message, (*path, "equal", index), "name a label that alerts carry")


def _lack(label: str, lacking: Mapping[str, Sequence[AlertLabels]]) -> str:
    who = ", ".join(
        f"{_name(found[0])}{' and others' if len(found) > 1 else ''} ({side})"
        for side, found in lacking.items()
        if found
    )
    effect = "so unrelated alerts count as equal" if all(lacking.values()) else "so the rule never works for them"
    return f"`{label}` is not carried by {who}, {effect}"


def _carries(labels: AlertLabels, label: str) -> bool:
    return label in labels and labels[label] != ""


def _name(labels: AlertLabels) -> str:
    return f"alert `{labels.get('alertname') or '?'}`"
