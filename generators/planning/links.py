"""Links to pages: the addresses of runbooks and dashboards that the platform states, with their holes filled.

An address of the platform has holes such as ``{tenant}``; what fills them is quoted, and never read as a hole again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from generators.language.catalog import Deployment, Environment, Platform
from generators.planning.dashboards.uids import model_uid

INDEX = "README"
"""What stands for an alert in the address of the page that lists a model's alerts."""

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

    def dashboard(self, alert: str = "") -> str:
        """Return the address of the dashboard that alerts lead to."""
        return filled(self._dashboard, {"alert": alert})

    @cached_property
    def _runbook(self) -> str:
        return filled(self.platform.runbook_url, model_facts(self.deployment))

    @cached_property
    def _dashboard(self) -> str:
        return filled(
            self.platform.dashboard_url, {**model_facts(self.deployment), "dashboard": model_uid(self.deployment)}
        )


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
