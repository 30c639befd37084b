"""What a spec adds to an alert in its own words: labels, and the address of a page that the team keeps."""

from __future__ import annotations

from planning_specs import alerts, committed_plan, model, planned

from generators.language.resolve.alerts import RESERVED_LABELS


def test_an_alert_has_labels_of_its_own_and_leads_to_the_teams_page() -> None:
    own = {"labels": {"component": "ranking {{ $value }}"}, "runbook": {"url": "https://wiki.example.com/errors"}}
    found = planned({"models/churn.yaml": {"alerts": {"ErrorsHigh": own}}})
    (rule,) = [each for each in alerts(model(found)) if each.alert == "ErrorsHigh"]
    assert dict(rule.labels)["component"] == 'ranking {{ "{{" }} $value }}'
    assert dict(rule.annotations)["runbook_url"] == "https://wiki.example.com/errors"


def test_every_label_that_the_compiler_sets_is_reserved() -> None:
    rules = [
        rule for place in committed_plan().environments for each in place.models for rule in alerts(each)
    ]  # fmt: skip
    assert rules
    assert {name for rule in rules for name, _ in rule.labels} <= RESERVED_LABELS
