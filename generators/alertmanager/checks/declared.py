"""A configuration against the alerts that are declared to exist: what they carry, and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from generators.alertmanager.config import Config, InhibitRule, Matcher, Route
from generators.alertmanager.matchers import matches
from generators.alertmanager.problems import Path, Problem, problem
from generators.alertmanager.sets import contradict

AlertLabels: TypeAlias = Mapping[str, str | None]
"""The labels that an alert carries: a constant value, or None for a value, never empty, that varies."""


def check_declared(config: Config, carried: Sequence[AlertLabels]) -> Iterator[Problem]:
    """Check inhibition rules, and routes, against declared alerts; without any, only the rules."""
    for index, rule in enumerate(config.inhibit_rules):
        yield from _check_overlap(rule, ("inhibit_rules", index))
        if carried:
            yield from _check_rule(rule, carried, ("inhibit_rules", index))
    for labels in carried:
        if config.route.routes and not any(_may_reach(route, labels) for route in config.route.routes):
            yield problem("M027", f"{_name(labels)} comes to no route but the root", ("route",))


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


def _check_overlap(rule: InhibitRule, path: Path) -> Iterator[Problem]:
    if rule.source and rule.target and not contradict(rule.source + rule.target):
        yield problem("M051", "one alert can match both sides", path, "let the sides differ by the value of one label")


def _check_rule(rule: InhibitRule, carried: Sequence[AlertLabels], path: Path) -> Iterator[Problem]:
    sources = [labels for labels in carried if may_match(rule.source, labels)]
    targets = [labels for labels in carried if may_match(rule.target, labels)]
    for side, found in (("source", sources), ("target", targets)):
        if not found:
            yield problem("M053", f"no declared alert matches the {side} side", (*path, f"{side}_matchers"))
    if not sources or not targets:
        return
    for index, label in enumerate(rule.equal):
        lacking = {
            side: [labels for labels in found if not _carries(labels, label)]
            for side, found in (("source", sources), ("target", targets))
        }
        if any(lacking.values()):
            yield problem("M052", _lack(label, lacking), (*path, "equal", index), "name a label that all of them carry")


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
