"""Addresses of pages: every hole is filled, and what fills it is never read as a hole or as a part of the address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

import committed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.planning.dashboards.uids import model_uid
from generators.planning.links import ModelLinks, filled, fleet_runbook, runbook_of_labels
from generators.planning.plan import Alerting

HOLES = ("tenant", "model", "environment", "team", "service", "alert", "dashboard")


@given(st.dictionaries(st.sampled_from(HOLES), st.text(), min_size=1))
def test_a_fact_comes_back_from_its_place_in_the_address(facts: dict[str, str]) -> None:
    clean = {name: value.encode(errors="replace").decode() for name, value in facts.items()}
    address = filled("https://x.example/" + "/".join(f"{{{name}}}" for name in clean), clean)
    assert [unquote(part) for part in urlsplit(address).path.split("/")[1:]] == list(clean.values())


def test_a_hole_without_a_fact_stays() -> None:
    assert (
        filled("https://x.example/{tenant}/{other}", {"tenant": "{other}"}) == "https://x.example/%7Bother%7D/{other}"
    )


def test_links_of_a_model_fill_every_hole() -> None:
    plan = committed.plan()
    address = "https://x.example/" + "/".join(f"{{{name}}}" for name in HOLES)
    platform = replace(plan.catalog.platform, runbook_url=address.replace("/{dashboard}", ""), dashboard_url=address)
    for place in plan.environments:
        for model in place.models:
            links = ModelLinks(model.deployment, platform)
            for url in (links.runbook("A"), links.dashboard("A")):
                assert "{" not in url
            assert links.dashboard("A").endswith(f"/A/{model_uid(model.deployment)}")
            assert links.runbook_of_label("alertname").endswith("/{alertname}")
        assert "{service}" not in runbook_of_labels(platform, place.environment)


def test_every_address_in_an_annotation_is_that_of_a_rendered_page() -> None:
    """The platform's runbooks are the rendered ones; its dashboards are named by uid."""
    plan, texts = committed.plan(), committed.texts()
    uids = {path.rpartition("/")[2].removesuffix(".json") for path in texts if "/grafana/dashboards/" in path}
    for place in plan.environments:
        groups = [*place.fleet, *(group for model in place.models for group in model.groups)]
        alerts = [rule for group in groups for rule in group.rules if isinstance(rule, Alerting)]
        assert alerts
        for rule in alerts:
            annotations = dict(rule.annotations)
            assert annotations["runbook_url"].partition("/rendered/")[2] in texts, rule.alert
            if "dashboard_url" in annotations:
                assert annotations["dashboard_url"].rpartition("/")[2] in uids, rule.alert


@pytest.mark.parametrize("alert", ["Escalation", "CollectorDown"])
def test_the_page_of_a_fleet_alert_has_no_tenant_and_no_model(alert: str) -> None:
    platform = replace(committed.plan().catalog.platform, runbook_url="https://x.example/{tenant}/{model}/{alert}.md")
    assert fleet_runbook(platform, alert) == f"https://x.example/fleet/{alert}.md"
