"""Which alerts have a runbook page, and where it is: one page an alert of a model, over environments and levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generators.language.catalog import Model, Team
from generators.planning.plan import Alerting, EnvironmentPlan, Group, ModelEverywhere, ModelPlan, Objective, Plan

FOLDER = "docs/runbooks"
INDEX = f"{FOLDER}/README.md"
FLEET = "fleet"


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule of an alert, in one environment; ``model`` is None for alerts of the fleet.

    ``labels`` are those that the alert is sent with, as far as the rule sets them.
    """

    environment: EnvironmentPlan
    rule: Alerting
    model: ModelPlan | None
    labels: Mapping[str, str]

    @property
    def place(self) -> str:
        """Name of the environment."""
        return self.environment.environment.name

    @property
    def rules_file(self) -> str:
        """Path of the rule file, below ``rendered/``."""
        folder = f"{self.place}/prometheus"
        name = f"{self.model.tenant}/{self.model.model}" if self.model else FLEET
        return f"{folder}/{name}.rules.yaml"


@dataclass(frozen=True, slots=True)
class AlertPage:
    """An alert of a model, or of the fleet where ``tenant`` and ``name`` are empty, with all its rules."""

    alert: str
    tenant: str
    name: str
    firings: tuple[Firing, ...]
    plan: Plan

    @property
    def path(self) -> str:
        """Path of the page, below ``rendered/``."""
        return f"{FOLDER}/{self.subject}/{self.alert}.md"

    @property
    def subject(self) -> str:
        """What the alert is about: tenant and model, or the fleet."""
        return f"{self.tenant}/{self.name}" if self.tenant else FLEET

    @property
    def index(self) -> str:
        """Path of the page that lists all alerts of the same subject."""
        return f"{FOLDER}/{self.subject}/README.md"

    @property
    def model(self) -> Model | None:
        """The model, which is the same in every environment."""
        first = self.firings[0].model
        return first.deployment.model if first else None

    @property
    def team(self) -> Team | None:
        """Who owns the alert."""
        catalog = self.plan.catalog
        return self.model.team if self.model else catalog.teams.get(catalog.platform.default_team)

    @property
    def objectives(self) -> tuple[tuple[str, Objective], ...]:
        """The objectives whose budget the alert watches, with the names of the environments where they are promised."""
        found = (
            (firing.place, objective)
            for firing in self.firings
            if firing.model
            for objective in firing.model.objectives
            if objective.slo == firing.labels.get("slo", "")
        )
        return tuple(dict.fromkeys(found))

    @property
    def symptoms(self) -> frozenset[str]:
        """What users notice when the alert fires."""
        return frozenset(symptom for firing in self.firings if (symptom := firing.labels.get("symptom")))

    @property
    def sources(self) -> tuple[str, ...]:
        """The specs that the page is made of."""
        files: set[str] = set()
        for firing in self.firings:
            if firing.model:
                files.update(firing.model.files)
            else:
                files.update(firing.environment.fleet_files, firing.environment.alertmanager_files)
        return tuple(sorted(files))


def alert_pages(plan: Plan) -> tuple[AlertPage, ...]:
    """Return all pages, those of the fleet first, then by tenant, model and alert."""
    return (*fleet_pages(plan), *(page for model in plan.models() for page in model_pages(model)))


def fleet_pages(plan: Plan) -> tuple[AlertPage, ...]:
    """Return the pages of the fleet's alerts, by alert."""
    return _pages(plan, "", "", ((environment, None, environment.fleet) for environment in plan.environments))


def model_pages(everywhere: ModelEverywhere) -> tuple[AlertPage, ...]:
    """Return the pages of a model's alerts, by alert."""
    _, first = everywhere.environments[0]
    groups = ((environment, model, model.groups) for environment, model in everywhere.environments)
    return _pages(everywhere.whole, first.tenant, first.model, groups)


def _pages(
    plan: Plan, tenant: str, name: str, found: Iterable[tuple[EnvironmentPlan, ModelPlan | None, Iterable[Group]]]
) -> tuple[AlertPage, ...]:
    pages: dict[str, list[Firing]] = {}
    for environment, model, groups in found:
        for rule in _alerts(groups):
            pages.setdefault(rule.alert, []).append(_firing(environment, rule, model))
    return tuple(AlertPage(alert, tenant, name, tuple(firings), plan) for alert, firings in sorted(pages.items()))


def _firing(environment: EnvironmentPlan, rule: Alerting, model: ModelPlan | None) -> Firing:
    return Firing(environment, rule, model, {**dict(rule.labels), "alertname": rule.alert})


def _alerts(groups: Iterable[Group]) -> Iterator[Alerting]:
    for group in groups:
        yield from (rule for rule in group.rules if isinstance(rule, Alerting))
