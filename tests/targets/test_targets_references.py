"""Nobody is sent to what is not there: addresses and names in runbooks, pages and dashboards lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

import committed
import pytest

from generators.planning.alerts.references import references
from generators.planning.plan import Alerting, EnvironmentPlan, ModelPlan
from generators.promql.syntax.walk import selectors

MODELS = [
    pytest.param(place, model, id=f"{place.environment.name}/{model.tenant}/{model.model}")
    for place in committed.plan().environments
    for model in place.models
]
HOLE = re.compile(r"\{[a-z_]+\}|\$\{__[^}]*\}")


def alerts(model: ModelPlan) -> Iterator[Alerting]:
    yield from (rule for group in model.groups for rule in group.rules if isinstance(rule, Alerting))


@cache
def uids() -> frozenset[str]:
    paths = (path for path in committed.texts() if "/grafana/dashboards/" in path)
    return frozenset(path.rpartition("/")[2].removesuffix(".json") for path in paths)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("place", "model"), MODELS)
def test_what_steps_point_at_is_on_a_dashboard_or_is_an_alert_of_the_model(
    place: EnvironmentPlan, model: ModelPlan
) -> None:
    panels = [panel for dashboard in model.dashboards for panel in dashboard.panels]
    titles = {panel.title for panel in panels}
    drawn = {each.name for panel in panels for query in panel.queries for each in selectors(query.expr)}
    names = {rule.alert for rule in alerts(model)}
    for rule in alerts(model):
        for step in rule.runbook.steps:
            for each in references(step):
                found = {
                    "alert": each.name in names,
                    "measure": each.kind == "measure" and model.deployment.measures[each.name].record in drawn,
                    "panel": each.name in titles,
                }
                assert found[each.kind], (rule.alert, step)


@pytest.mark.parametrize(("place", "model"), MODELS)
def test_steps_have_no_braces_left_on_their_pages(place: EnvironmentPlan, model: ModelPlan) -> None:
    for rule in alerts(model):
        page = committed.texts()[f"docs/runbooks/{model.tenant}/{model.model}/{rule.alert}.md"]
        steps = page.partition("## First steps")[2].partition("\n## ")[0]
        assert steps.strip()
        assert "{" not in steps, rule.alert


def test_dashboards_named_in_pages_are_rendered() -> None:
    address = committed.plan().catalog.platform.dashboard_url
    pattern = re.compile(re.escape(address).replace(re.escape("{dashboard}"), r"([A-Za-z0-9_%-]+)"))
    found = [(path, uid) for path, text in committed.texts().items() for uid in pattern.findall(text)]
    assert len(found) > len(MODELS)
    for path, uid in found:
        assert unquote(uid) in uids(), path


def test_links_of_dashboards_lead_to_rendered_dashboards_and_runbooks() -> None:
    folder = committed.plan().catalog.platform.runbook_url.partition("{")[0]
    pages = committed.texts()
    seen = 0
    for path, text in pages.items():
        if "/grafana/dashboards/" not in path:
            continue
        for each in strings(json.loads(text)):
            if each.startswith("/d/"):
                uid = each.removeprefix("/d/").partition("?")[0]
                assert HOLE.search(uid) or uid in uids(), (path, each)
                seen += 1
            elif each.startswith(folder) and not HOLE.search(each):
                assert f"docs/runbooks/{each.removeprefix(folder)}" in pages, (path, each)
                seen += 1
    assert seen > len(MODELS)
