"""Links to pages: the addresses of runbooks and dashboards that the platform states, with their holes filled.

An address of the platform has holes such as ``{tenant}``; what fills them is quoted, and never read as a hole again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote

from generators.diagnostics import Code, Problem, Severity
from generators.language.catalog import Catalog, Deployment, Environment, Level, Platform, Show
from generators.language.shapes.organisation import LinksShape
from generators.planning.dashboards.uids import model_uid
from generators.promql.syntax.walk import selectors

INDEX = "README"
"""What stands for an alert in the address of the page that lists a model's alerts."""

NO_PLACE_OF_PAGES = Code(
    "A514",
    "Links to nowhere",
    "Alerts link to runbooks and dashboards, and nothing says where those are.",
    "kind: Platform, spec: {organisation: Example}",
    "links: {runbook: 'https://git.example.org/watch/{tenant}/{model}/{alert}.md', dashboard: 'https://…/d/{dashboard}'}",
    Severity.WARNING,
)
WOKEN_WITHOUT_PAGES = Code(
    "A515",
    "Woken with links to nowhere",
    "Somebody who is called at night needs the runbook and the dashboard that the alert links to.",
    "notify: {critical: [pagerduty]}, and no `links` in the platform",
    "links: {runbook: 'https://git.example.org/watch/{tenant}/{model}/{alert}.md', dashboard: 'https://…/d/{dashboard}'}",
)

PAGERS: Final = ("pagerduty", "opsgenie", "victorops", "pushover")
"""Receivers that call people."""

HEALTH, BUSINESS, OBJECTIVES, FURTHER, FLEET = "health", "business", "slo", "more", "fleet"
"""Topics of pages; that on health has none in its uid."""

NOBODY_SAID: Final = LinksShape()
"""The addresses of a platform that states none."""

_HOLE = re.compile(r"\{([a-z]+)\}")


def model_facts(deployment: Deployment) -> dict[str, str]:
    """Return who a model is, by the names that addresses and texts of alerts have for it."""
    model = deployment.model
    return {
        "tenant": model.tenant,
        "model": model.name,
        "environment": deployment.environment.name,
        "team": model.team.name,
        "service": model.service,
    }


@dataclass(frozen=True)
class ModelLinks:
    """The pages of one model in one environment."""

    deployment: Deployment
    platform: Platform

    def runbook(self, alert: str) -> str:
        """Return the address of an alert's page."""
        return filled(self._runbook, {"alert": alert})

    def runbook_of_label(self, label: str) -> str:
        """Return the address in which Grafana puts a label for the name of the alert."""
        return self._runbook.replace("{alert}", f"{{{label}}}")

    def dashboard(self, alert: str = "", topic: str = "") -> str:
        """Return the address of a dashboard; without a topic, of the one on the model's health."""
        uid = model_uid(self.deployment, topic)
        facts = {**model_facts(self.deployment), "dashboard": uid, "alert": alert}
        return filled(self.platform.dashboard_url, facts)

    @cached_property
    def _runbook(self) -> str:
        return filled(self.platform.runbook_url, model_facts(self.deployment))


def topic_of(deployment: Deployment, measures: Iterable[str]) -> str:
    """Return the topic of the page that shows the first of these measures over time; empty for that on health."""
    of_all = (FLEET, BUSINESS)
    shown = [each for each in deployment.panels if each.page not in of_all and not (each.metric or each.tile)]
    for name in measures:
        places = [each for each in shown if name in each.measures]
        over_time = [each for each in places if each.show is not Show.TILE]
        if places:
            page = (over_time or places)[0].page
            return "" if page == HEALTH else page
        if any(name == each.name for kpi in deployment.kpis for each in selectors(kpi.formula.expr)):
            return BUSINESS
        if name in deployment.measures:
            return FURTHER
    return ""


def check_links(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem where links of alerts lead nowhere: a warning, or an error where somebody is called at night."""
    platform = catalog.platform
    addresses = {"runbook": platform.runbook_url, "dashboard": platform.dashboard_url}
    unknown = [f"`links.{name}`" for name, address in addresses.items() if address == getattr(NOBODY_SAID, name)]
    if not unknown:
        return
    called = next((name for each in catalog.deployments if (name := _called(each))), "")
    missing = f"nothing says where pages are: the platform has no {' and no '.join(unknown)}"
    help_ = "add `links: {runbook: https://…/{tenant}/{model}/{alert}.md, dashboard: https://…/d/{dashboard}}`"
    if called:
        message = f"{missing}, and `{called}` is called at night"
        yield Problem(WOKEN_WITHOUT_PAGES, message, platform.position, help_)
    else:
        yield Problem(NO_PLACE_OF_PAGES, missing, platform.position, help_)


def _called(deployment: Deployment) -> str:
    """Return the receiver that calls somebody about a critical alert of a deployment, if there is one."""
    team = deployment.model.team
    if deployment.environment.severity_cap is not Level.CRITICAL:
        return ""
    receivers = (*team.notify.get(Level.CRITICAL, ()), *(stage.receiver for stage in team.escalation))
    called = (name for name in receivers if any(kind in PAGERS for kind, _ in team.receivers.get(name, ())))
    return next((f"{team.name}/{name}" for name in called), "")


def fleet_runbook(platform: Platform, alert: str) -> str:
    """Return the address of the page of an alert on the whole fleet; Prometheus puts the environment in."""
    facts = {"tenant": "fleet", "model": "all", "environment": "{{ $labels.environment }}", "alert": alert}
    return _put(platform.runbook_url.replace("{tenant}/{model}", "fleet"), facts)


def runbook_of_labels(platform: Platform, environment: Environment) -> str:
    """Return the address in which Grafana puts the tenant, model and name of an alert, as its labels say them."""
    facts = {
        "environment": quote(environment.name, safe=""),
        "alert": "{alertname}",
        "service": "",
        "team": "",
    }
    return _put(platform.runbook_url, facts)


def filled(address: str, facts: Mapping[str, str]) -> str:
    """Return an address with quoted facts in its holes; a hole that no fact is for stays."""
    return _put(address, {name: quote(value, safe="") for name, value in facts.items()})


def _put(address: str, texts: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hole: texts.get(hole[1], hole[0]), address)
