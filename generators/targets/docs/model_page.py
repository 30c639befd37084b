"""The page of a model: whose it is, what is promised, what alerts, what is said about persons, and for which clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generators.formats.durations import format_duration
from generators.formats.markdown import (
    bullets,
    code,
    escape,
    fence,
    heading,
    link,
    paragraphs,
    relative,
    table,
)
from generators.language.catalog import AlertingDegree, Kpi, Model
from generators.language.resolve.noise import chance, promised
from generators.language.values.standards import standards
from generators.planning.links import ModelLinks
from generators.planning.plan import ModelPlan, Plan
from generators.targets import files
from generators.targets.docs.alert_pages import AlertPage, Firing
from generators.targets.docs.compliance import clauses
from generators.targets.docs.protection import protection
from generators.targets.rule_groups import whole_seconds

FOLDER = "docs/models"
CATALOG = "docs/metrics_catalog.md"
INDEX = "docs/README.md"


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A model with its plans in all environments and the pages of its alerts."""

    plans: tuple[ModelPlan, ...]
    alerts: tuple[AlertPage, ...]
    plan: Plan

    @property
    def model(self) -> Model:
        """The model, which is the same everywhere."""
        return self.plans[0].deployment.model

    @property
    def subject(self) -> str:
        """Tenant and model."""
        return f"{self.model.tenant}/{self.model.name}"

    @property
    def path(self) -> str:
        """Path of the page, below ``rendered/``."""
        return f"{FOLDER}/{self.subject}.md"

    def to(self, target: str) -> str:
        """Return another rendered file as seen from the page."""
        return relative(target, self.path)


def page_text(page: ModelPage) -> str:
    """Return the page as Markdown."""
    model = page.model
    return files.page_text(
        (
            heading(1, f"{model.domain}: {model.name}" if model.domain else model.name),
            *paragraphs(model.description),
            bullets(_facts(model)),
            *_environments(page),
            *_objectives(page),
            *_alerts(page),
            *_drift(page),
            *_left_out(page),
            *_kpis(page),
            *protection(page.plans),
            *_compliance(page),
            *_rollback(model),
            *_related(page),
        )
    )


def _facts(model: Model) -> Iterator[str]:
    named = (
        ("Tenant", model.tenant),
        ("Owner", model.team.name),
        ("Contact", model.team.contact),
        ("Tier", model.tier),
        ("Task", model.task),
        ("Version", model.version),
        ("Framework", model.framework),
        ("Service", model.service),
        ("Namespace", model.namespace),
    )
    yield from (f"{name}: {escape(value)}" for name, value in named if value)
    if model.sha256:
        yield f"Artefact: {code(f'sha256:{model.sha256}')}"
    if model.baseline:
        yield escape(f"Baseline: {model.baseline.version}, {model.baseline.rows:,} rows. {model.baseline.source}")


def _environments(page: ModelPage) -> Iterator[str]:
    yield heading(2, "Where it runs")
    rows = (
        (
            _dashboard(page, plan),
            f"{plan.cost.rules:,}",
            f"{plan.cost.series:,}",
            link("rules", page.to(f"{plan.environment}/prometheus/{page.subject}.rules.yaml")) if plan.groups else "",
            link("routes", page.to(f"{plan.environment}/alertmanager/alertmanager.yaml")),
        )
        for plan in page.plans
    )
    yield table(("Environment", "Rules", "Series", "Prometheus", "Alertmanager"), rows)


def _dashboard(page: ModelPage, plan: ModelPlan) -> str:
    """Return the name of the environment, with a link to the model's dashboard there."""
    pages = ModelLinks(plan.deployment, page.plan.catalog.platform)
    return link(f"{plan.environment} (dashboard)", pages.dashboard())


def _objectives(page: ModelPage) -> Iterator[str]:
    rows = _distinct(
        tuple(
            escape(cell) for cell in (each.slo, plan.environment, each.objective, each.window, each.description)
        )
        for plan in page.plans
        for each in plan.objectives
    )  # fmt: skip
    if rows:
        yield heading(2, "Objectives")
        yield table(("Objective", "Environment", "Target", "Over", "Meaning"), sorted(rows))


def _alerts(page: ModelPage) -> Iterator[str]:
    if not page.alerts:
        return
    environments = [plan.environment for plan in page.plans]
    yield heading(2, "Alerts")
    yield (
        "Each name leads to the runbook. The last column is a promise: the longest time from the first failing "
        "request to the notification."
    )
    rows = (
        (
            link(each.alert, page.to(each.path)),
            *(_conditions(firing for firing in each.firings if firing.place == name) for name in environments),
            _promises(each.firings),
        )
        for each in page.alerts
    )
    yield table(("Alert", *map(escape, environments), "Notified within"), rows)


def _drift(page: ModelPage) -> Iterator[str]:
    """Tell which shifts are found with the traffic that the model declares."""
    rows = _distinct(
        (
            code(alert.name),
            each.level.value,
            escape(chance(alert, each.level, plan.deployment.measures, page.model)),
            escape(shifts),
        )
        for plan in page.plans
        for alert in plan.deployment.alerts
        for each in alert.thresholds
        if (shifts := promised(alert, each.level, plan.deployment.measures, page.model))
    )
    if rows:
        yield heading(2, "Drift that is found")
        yield (
            "On the scale on which a number is normally distributed, a move of this much is found with a probability "
            "of 90 % or more as soon as it fills the window, with the declared traffic and the rows of the baseline. "
            "Where chance makes more than an alert's level, chance is the level: less is never told."
        )
        yield table(("Alert", "Severity", "Chance makes", "Move"), sorted(rows))


def _left_out(page: ModelPage) -> Iterator[str]:
    """Tell which alerts of the packs the model could have besides."""
    rows = {
        each.name: (
            code(each.name),
            ", ".join(map(code, dict.fromkeys(level.measure for level in each.thresholds))),
            escape(each.runbook.meaning),
        )
        for plan in page.plans
        for each in plan.deployment.left_out
    }
    if rows:
        degrees = sorted({plan.deployment.alerting.value for plan in page.plans if plan.deployment.left_out})
        yield heading(2, "Alerts left out")
        yield (
            f"What `alerting: {' or '.join(degrees)}` leaves out is still recorded and drawn. "
            f"`alerts: {{NAME: {{enabled: true}}}}` adds one, `alerting: {AlertingDegree.THOROUGH}` adds all."
        )
        yield table(("Alert", "Measure", "What it would say"), (rows[name] for name in sorted(rows)))


def _conditions(firings: Iterable[Firing]) -> str:
    """Return when an alert fires in one environment, by severity."""
    by_level: dict[str, list[str]] = {}
    for firing in firings:
        rule = firing.rule
        duration = f"for {format_duration(rule.for_ms)}" if rule.for_ms else "at once"
        by_level.setdefault(rule.level.value, []).append(" ".join(filter(None, (rule.threshold, duration))))
    return "; ".join(f"{escape(level)}: {escape(', '.join(dict.fromkeys(found)))}" for level, found in by_level.items())


def _promises(firings: Iterable[Firing]) -> str:
    """Return the longest time to a notification in each environment, where it was computed."""
    found: dict[str, int] = {}
    for firing in firings:
        if firing.rule.promise_ms is not None:
            found[firing.place] = max(firing.rule.promise_ms, found.get(firing.place, 0))
    return ", ".join(f"{whole_seconds(bound)} in {escape(place)}" for place, bound in found.items())


def _kpis(page: ModelPage) -> Iterator[str]:
    kpis = {each.name: each for plan in page.plans for each in plan.deployment.kpis}
    if kpis:
        yield heading(2, "Business figures")
        for name in sorted(kpis):
            yield from _kpi(kpis[name])


def _kpi(kpi: Kpi) -> Iterator[str]:
    yield heading(3, kpi.name)
    yield from paragraphs(kpi.description)
    limits = [f"{each.level.value} when {each.op} {each.value}" for each in kpi.thresholds]
    yield bullets((f"Unit: {code(kpi.unit or '1')}", *map(escape, limits)))
    yield fence(kpi.formula.text, "text")


def _compliance(page: ModelPage) -> Iterator[str]:
    found = clauses(page.plans)
    if not found:
        return
    yield heading(2, "Compliance")
    yield (
        "Monitoring supports evidence; it does not prove conformity. "
        "The clauses are those of the standards that the spec names."
    )
    titles = standards()
    for standard in dict.fromkeys(each.standard for each in found):
        of_standard = [each for each in found if each.standard == standard]
        yield heading(3, titles.get(standard, standard))
        rows = ((each.clause, each.meaning, "; ".join(each.evidence), ", ".join(each.missing)) for each in of_standard)
        yield table(("Clause", "Meaning", "Evidence", "Missing"), (tuple(map(escape, row)) for row in rows))


def _rollback(model: Model) -> Iterator[str]:
    if model.rollback:
        yield heading(2, "Rollback")
        yield from paragraphs(model.rollback)


def _related(page: ModelPage) -> Iterator[str]:
    yield heading(2, "Related")
    targets = [
        *((f"Runbooks of {page.subject}", page.alerts[0].index) for _ in page.alerts[:1]),
        ("Metrics catalogue", CATALOG),
        ("What the service emits", f"instruments/{page.subject}.json"),
        ("All models", INDEX),
    ]
    yield bullets(link(text, page.to(target)) for text, target in targets)


def _distinct(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(rows))
