"""Environments whose notifications go to one place, and those that no Kubernetes runs."""

from __future__ import annotations

from dataclasses import replace

from planning_specs import committed, committed_plan, environment, organisation, planned, texts

from generators import alertmanager
from generators.formats.durations import format_duration
from generators.pipeline import compile_artifacts

SINK = {"redirect": {"webhook": {"url": "http://127.0.0.1:9095/notifications", "send_resolved": True}}}
ENVIRONMENT = "environments/production.yaml"


def test_a_redirect_replaces_integrations_and_leaves_routes_and_names() -> None:
    before, after = environment(planned()).alertmanager, environment(planned({ENVIRONMENT: SINK})).alertmanager
    assert {kind.kind for receiver in before.receivers for kind in receiver.integrations} != {"webhook"}
    assert {kind.kind for receiver in after.receivers for kind in receiver.integrations} == {"webhook"}
    assert [receiver.name for receiver in after.receivers] == [receiver.name for receiver in before.receivers]
    assert replace(after, receivers=()) == replace(before, receivers=())


def test_the_local_environment_routes_as_production_does() -> None:
    plan = committed_plan()
    local, production = environment(plan, "local").alertmanager, environment(plan, "production").alertmanager
    assert local.route == production.route
    assert local.inhibit_rules == production.inhibit_rules
    delivered = alertmanager.route(
        local, {"tenant": "health", "team": "diagnostics", "severity": "critical", "urgent": "true"}
    )
    assert [each.receiver for each in delivered] == ["diagnostics/page+chat"]
    assert {format_duration(round(each.group_wait * 1000)) for each in delivered} == {"5s"}


def test_a_mistake_in_a_redirect_is_reported_once_and_where_it_stands() -> None:
    wrong = {"redirect": {"webhok": {"url": "http://127.0.0.1:9095/"}}}
    problems = compile_artifacts(organisation({ENVIRONMENT: wrong})).problems
    assert [(each.code[0], each.position.file) for each in problems] == [("M", f"specs/{ENVIRONMENT}")]


def test_a_secret_in_a_redirect_is_reported() -> None:
    wrong = {"redirect": {"webhook": {"url": "https://hooks.example.com/T0/B0/secret", "send_resolved": True}}}
    problems = compile_artifacts(organisation({ENVIRONMENT: wrong})).problems
    assert [each.code for each in problems] == ["M035"]


def test_what_compose_runs_has_no_resources_for_kubernetes() -> None:
    paths = texts(committed())
    assert not [path for path in paths if path.startswith(("local/kubernetes/", "local/gitops/"))]
    assert [path for path in paths if path.startswith("production/kubernetes/")]
