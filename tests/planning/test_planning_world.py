from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from planning_specs import ROOT, alerts, committed, committed_plan, environment, parsed, rules, texts

from generators import alertmanager
from generators.planning.plan import Alerting
from generators.promql.syntax.ast import Aggregate, MatchOp
from generators.promql.syntax.walk import selectors, walk
from generators.promql.templates import parse_template
from generators.promql.templates.label_references import references

PLACES = ("production", "staging")
OF_COLLECTORS = "otelcol_"
"""What Collectors say about themselves, which tests of theirs hold against a real one."""

MADE_BY_PROMETHEUS = {"ALERTS", "ALERTS_FOR_STATE", "up", "target_info"}


@cache
def emitted() -> dict[str, set[str]]:
    """Labels of each series that services emit, from the rendered manifests."""
    result: dict[str, set[str]] = {}
    for each in committed_plan().environments:
        for of in each.models:
            for instrument in of.instruments:
                labels = {attribute.label for attribute in instrument.attributes}
                for name in instrument.prometheus:
                    result.setdefault(name, set()).update(labels, IDENTITY, {"job", "instance", "model_version", "le"})
    return result


IDENTITY = {"tenant_id", "model_name", "deployment_environment_name"}


@cache
def external() -> dict[str, set[str]]:
    text = (ROOT / "specs" / "platform.yaml").read_text(encoding="utf-8")
    declared = yaml.safe_load(text)["spec"]["external"]
    return {name: set(each["labels"]) for name, each in declared.items()}


@cache
def written(where: str) -> tuple[dict[str, Any], ...]:
    return tuple(rules(committed().artifacts, where))


@pytest.mark.parametrize("where", PLACES)
def test_every_series_that_a_rendered_rule_reads_is_recorded_emitted_or_declared(where: str) -> None:
    known = {rule["record"] for rule in written(where) if "record" in rule}
    known |= emitted().keys() | external().keys() | MADE_BY_PROMETHEUS
    read = {selector.name or "" for rule in written(where) for selector in selectors(parsed(rule["expr"]))}
    assert {name for name in read - known if not name.startswith(OF_COLLECTORS)} == set()
    assert len(read) > 100


@pytest.mark.parametrize("where", PLACES)
def test_every_label_in_a_matcher_is_one_that_the_series_can_have(where: str) -> None:
    for rule in written(where):
        for selector in selectors(parsed(rule["expr"])):
            assert selector.name is not None
            possible = emitted().get(selector.name, set()) | external().get(selector.name, set())
            if possible:
                assert {matcher.label for matcher in selector.matchers} <= possible, rule


@pytest.mark.parametrize("where", PLACES)
def test_every_label_of_a_rule_of_one_model_is_matched_by_what_identifies_it(where: str) -> None:
    for rule in written(where):
        for selector in selectors(parsed(rule["expr"])):
            for matcher in selector.matchers:
                if matcher.op is MatchOp.EQUAL and matcher.label == "deployment_environment_name":
                    assert matcher.value == where


@pytest.mark.parametrize("where", PLACES)
def test_every_template_parses_and_reads_labels_that_its_alert_carries(where: str) -> None:
    for of in environment(committed_plan(), where).models:
        for rule in alerts(of):
            known = set(dict(rule.labels)) | IDENTITY
            for name, text in rule.annotations:
                template, problems = parse_template(text)
                assert problems == (), (rule.alert, name)
                assert template is not None
                for reference in references(template).labels:
                    if reference.name not in known:
                        assert carried(rule, reference.name), (rule.alert, name, reference.name)


def carried(rule: Alerting, label: str) -> bool:
    """Whether the label is kept by the expression: an aggregation names it, or its measure keeps it."""
    kept = {
        label
        for found in committed_plan().environments
        for of in found.models
        for each in of.deployment.measures.values()
        for label in map(dotless, each.keep)
    }
    nodes = (node for node in walk(rule.expr) if isinstance(node, Aggregate) and not node.without)
    grouped = {each for node in nodes for each in node.labels or ()}
    return label in kept | grouped or any(label in possible for possible in external().values())


def dotless(key: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]", "_", key)


def labels_of(rule: Alerting) -> dict[str, str]:
    return {**dict(rule.labels), "alertname": rule.alert}


@pytest.mark.parametrize("where", PLACES)
def test_every_alert_reaches_a_receiver_of_its_owner_and_nobody_else(where: str) -> None:
    place = environment(committed_plan(), where)
    names = {receiver.name for receiver in place.alertmanager.receivers}
    for of in place.models:
        team = of.deployment.model.team.name
        for rule in alerts(of):
            found = {delivery.receiver for delivery in alertmanager.route(place.alertmanager, labels_of(rule))}
            assert found
            assert found <= names
            assert all(receiver.startswith(f"{team}/") for receiver in found), (rule.alert, found)


def test_escalation_follows_a_critical_alert_after_a_quarter_and_half_an_hour() -> None:
    place = environment(committed_plan())
    (group,) = [group for group in place.fleet if group.name == "fleet-escalation"]
    owners = {of.deployment.model.team.name for of in place.models}
    stages: dict[str, list[tuple[int, str]]] = {}
    for rule in group.rules:
        assert isinstance(rule, Alerting)
        labels = {**labels_of(rule), "tenant": tenant_of(place, dict(rule.labels)["team"])}
        (delivery,) = alertmanager.route(place.alertmanager, labels)
        stages.setdefault(labels["team"], []).append((rule.for_ms // 60_000, delivery.receiver))
    assert stages == {team: [(15, f"{team}/team-lead"), (30, f"{team}/engineering-manager")] for team in sorted(owners)}


def tenant_of(place: Any, team: str) -> str:
    return str(next(of.tenant for of in place.models if of.deployment.model.team.name == team))


def test_only_critical_alerts_of_teams_that_escalate_are_escalated() -> None:
    for of in environment(committed_plan()).models:
        for rule in alerts(of):
            assert (dict(rule.labels).get("escalate") == "true") == (rule.level == "critical")


def test_staging_pages_nobody() -> None:
    place = environment(committed_plan(), "staging")
    found = [rule for of in place.models for rule in alerts(of)]
    assert found
    assert not [rule for rule in found if rule.level == "critical" or dict(rule.labels)["severity"] == "critical"]
    assert not [group for group in place.fleet if group.name.startswith("fleet-escalation")]
    told = {delivery.receiver for rule in found for delivery in alertmanager.route(place.alertmanager, labels_of(rule))}
    # Receivers that a spec names for one alert are those that it asked for, whatever the severity.
    asked = {
        f"{of.deployment.model.team.name}/{'+'.join(each.notify)}"
        for of in place.models
        for each in of.deployment.alerts
        if each.notify
    }
    assert not [receiver for receiver in told - asked if "page" in receiver]


def test_an_alert_that_the_cap_lowers_is_not_sent_twice() -> None:
    for of in environment(committed_plan(), "staging").models:
        keys = [(rule.alert, rule.labels) for rule in alerts(of)]
        assert len(keys) == len(set(keys))


def test_the_index_lists_every_artefact_with_the_specs_it_comes_from() -> None:
    made = texts(committed())
    listed = json.loads(made["index.json"])["artifacts"]
    assert set(listed) == made.keys() - {"index.json"}
