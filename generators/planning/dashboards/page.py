"""What the dashboards of a model share: variables, annotations, links, and the panel that says whose model it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from generators.planning.dashboards.panels import (
    FULL,
    Annotation,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Row,
    Size,
    Status,
    Variable,
    is_variable,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.dashboards.uids import model_uid
from generators.planning.expressions import MINUTE_MS, binary, equal, selector
from generators.planning.names import ENVIRONMENT, SCRAPED, VERSION
from generators.promql.syntax.ast import Aggregate, Duration, Expr, Matcher, MatchOp, VectorSelector
from generators.promql.syntax.walk import selectors

HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

DATASOURCE = Variable(
    name="datasource", title="Data source", description="The Prometheus that the figures are read from."
)

TITLES = {"version": "Version", "job": "Job", "instance": "Instance"}
DESCRIPTIONS = {
    "version": "Versions of the model. Recorded figures are about all versions together.",
    "job": "The service, as Prometheus names it.",
    "instance": "Replicas of the service.",
}


def page(
    subject: Subject,
    topic: str,
    description: str,
    rows: Iterable[Row],
    *,
    range_ms: int = 6 * HOUR_MS,
    refresh_ms: int = MINUTE_MS,
) -> Dashboard | None:
    """Return a dashboard of a model, or None where nothing is left to show. Rows without panels are left out.

    Variables are those that its queries read.
    """
    model = subject.deployment.model
    found = tuple(row for row in rows if row.panels)
    if not any(panel.queries for row in found for panel in row.panels):
        return None
    domain = model.domain or "Models"
    return Dashboard(
        uid=model_uid(subject.deployment, topic),
        topic=topic or "health",
        folder=model.tenant,
        domain=f"{domain} · {_TOPICS.get(topic, topic.capitalize())}" if topic else domain,
        subject=model.name,
        environment=subject.deployment.environment.name,
        description=description,
        rows=found,
        variables=variables(subject, found),
        annotations=happenings(subject),
        links=(subject.fleet(),),
        related=f"model:{model.tenant}/{model.name}",
        tags=("watchspec", f"model:{model.tenant}/{model.name}", f"team:{model.team.name}", f"tier:{model.tier}"),
        range_ms=range_ms,
        refresh_ms=refresh_ms,
    )


_TOPICS = {"slo": "SLO burn-down", "llm": "LLM", "llm-cost": "LLM cost", "more": "Further figures"}


def variables(subject: Subject, rows: Iterable[Row]) -> tuple[Variable, ...]:
    """Return the variables that queries read, in the order in which they narrow one another."""
    read = {
        matcher.value[1:]
        for row in rows
        for panel in row.panels
        for query in panel.queries
        for each in selectors(query.expr)
        for matcher in each.matchers
        if is_variable(matcher)
    }
    source = _presence(subject)
    fixed = tuple(matcher for matcher in source.matchers if not is_variable(matcher))
    environment = subject.deployment.environment
    found = [
        DATASOURCE,
        Variable(
            name="environment",
            title="Environment",
            description=f"Where the model runs. Thresholds and objectives are those of {environment.name}.",
            label=ENVIRONMENT,
            series=replace(source, matchers=fixed),
            initial=environment.label,
        ),
    ]
    narrowed = list(subject.matchers)
    for name, label in (("version", VERSION), *((label, label) for label in SCRAPED)):
        if name in read:
            series = replace(source, matchers=tuple(narrowed))
            found.append(
                Variable(name=name, title=TITLES[name], description=DESCRIPTIONS[name], label=label, series=series)
            )
            narrowed.append(Matcher(label, MatchOp.REGEX, f"${name}"))
    return tuple(found)


def happenings(subject: Subject) -> tuple[Annotation, ...]:
    """Return what happened: versions that appeared, alerts that fired, and baselines that somebody put in force."""
    model = subject.deployment.model
    firing = selector(
        "ALERTS",
        (*subject.own_alerts, equal("alertstate", "firing"), Matcher("severity", MatchOp.REGEX, "critical|warning")),
    )
    return (
        *_deployments(subject),
        Annotation(
            name="Alerts",
            status=Status.CRITICAL,
            expr=firing,
            title=Legend("", ("alertname",)),
            text=Legend("", ("severity", "tier")),
        ),
        Annotation(name="Baseline changes", status=Status.NEUTRAL, tags=("baseline", model.tenant, model.name)),
    )


def _deployments(subject: Subject) -> Iterator[Annotation]:
    """Yield when a version began to report: it does now, and did not five minutes ago."""
    if subject.emits("info"):
        now = selector(subject.filling.series["info"], subject.matchers)
        before = replace(now, offset=Duration(5 * MINUTE_MS))
        yield Annotation(
            name="Deployments",
            status=Status.INFO,
            expr=binary("unless", _by_version(now), _by_version(before)),
            title=Legend("Version", (VERSION,)),
            text=Legend("began to report"),
        )


def about(subject: Subject, size: Size = FULL) -> Panel:
    """Return the panel that says what the model is, whose it is, and where to read on."""
    model = subject.deployment.model
    owner = ", ".join(filter(None, (model.team.name, model.team.contact)))
    slos = ", ".join(f"{each.slo} {each.objective} over {each.window}" for each in subject.objectives)
    facts = (
        ("Owner", owner),
        ("Tier", model.tier),
        ("Task", model.task),
        ("Version in the spec", model.version),
        ("Service", f"{model.namespace}/{model.service}" if model.namespace else model.service),
        ("Objectives", slos),
        ("Risk", model.risk),
        ("Assessment", model.dpia),
        ("Spec", model.position.file),
    )
    return Panel(
        kind=Kind.TEXT,
        title="About",
        description="What the model is for, who answers for it, and where its spec is.",
        text=model.description,
        facts=tuple((name, value) for name, value in facts if value),
        links=(subject.runbooks(),),
        size=size,
    )


def _presence(subject: Subject) -> VectorSelector:
    """Return the series that tells which models, versions and replicas there are."""
    name = "info" if subject.emits("info") else next(iter(sorted(subject.filling.series)))
    return selector(subject.filling.series[name], subject.matchers)


def _by_version(expr: Expr) -> Expr:
    return Aggregate("count", expr, labels=(VERSION,))
