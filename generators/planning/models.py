"""One model in one environment: its instruments, rule groups, objectives and cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from generators.diagnostics import Code, Position, Problem, errors
from generators.formats.durations import format_duration
from generators.language.catalog import (
    Alert,
    Deployment,
    EventRatio,
    Formula,
    Latency,
    Level,
    Limit,
    Platform,
    Runbook,
    Slo,
)
from generators.language.resolve.autoscaling import LATENCY, REQUESTS
from generators.language.resolve.items import converted
from generators.planning import kpis
from generators.planning.alerts.conditions import Condition, Owner, alerting, conditions, distinct
from generators.planning.alerts.references import labels as labels_of_step
from generators.planning.alerts.texts import placeholders
from generators.planning.cost import model_cost
from generators.planning.expressions import binary, number, rate, selector
from generators.planning.fleet import model_measures
from generators.planning.formulas import Filling
from generators.planning.groups import group
from generators.planning.names import IDENTITY, identity
from generators.planning.objectives.alerts import burn_conditions, outage_condition
from generators.planning.objectives.objective import BASE_MS, PlannedObjective, objective
from generators.planning.objectives.promise import check as check_promise
from generators.planning.objectives.promise import promise, urgent_for_ms
from generators.planning.objectives.recordings import recordings
from generators.planning.objectives.tier_checks import tier_problems
from generators.planning.plan import Alerting, Group, Instrument, ModelPlan, Rule
from generators.planning.telemetry.usage import Usage
from generators.planning.telemetry.world import World, lost_placeholder
from generators.promql.syntax.ast import Aggregate, Expr, VectorSelector
from otel.names import label_name

WINDOW_BEYOND_RETENTION = Code(
    "P410",
    "Window beyond retention",
    "The objective looks further back than samples are kept.",
    "window: 90d  # retention: 35d",
    "window: 30d",
)
UNWATCHED_MODEL = Code(
    "P411",
    "Model without an alert",
    "Whatever happens to the model, nobody would be told.",
    "alerts: {ErrorsHigh: {enabled: false}}  # the only one",
    "alerts: {ErrorsHigh: {for: 30m}}",
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What planning a model starts from, and what is known of its series."""

    deployment: Deployment
    filling: Filling
    instruments: tuple[Instrument, ...]
    usage: Usage


def model_plan(parts: Parts, platform: Platform, world: World) -> tuple[ModelPlan, tuple[Problem, ...]]:
    """Return the plan of a model, and what is wrong; with errors it has no rules, and nothing is rendered."""
    deployment = parts.deployment
    problems = list(_problems(parts, platform, world))
    wrong = errors(problems)
    groups = () if wrong else tuple(_groups(parts, platform, world))
    if not wrong and not any(isinstance(rule, Alerting) for each in groups for rule in each.rules):
        problems.append(_unwatched(deployment))
    planned = [_planned(parts, slo) for slo in deployment.slos]
    return ModelPlan(
        tenant=deployment.model.tenant,
        model=deployment.model.name,
        environment=deployment.environment.name,
        deployment=deployment,
        instruments=parts.instruments,
        groups=groups,
        objectives=tuple(objective(each) for each in planned),
        cost=model_cost(deployment, parts.instruments, groups),
        files=deployment.files,
        latency_query=_latency_query(parts),
    ), tuple(problems)


def _latency_query(parts: Parts) -> Expr | None:
    """Return the 95th percentile as one value: 0 while there are no requests, and nothing while telemetry is missing.

    An autoscaler shrinks an idle model that way, and leaves alone one that it cannot see.
    """
    scaling = parts.deployment.autoscaling
    if scaling is None or scaling.horizontal is None or scaling.horizontal.latency is None:
        return None
    latency, rate = (
        Aggregate("max", selector(parts.filling.series[name], parts.filling.matchers)) for name in (LATENCY, REQUESTS)
    )
    return binary("or", latency, binary("==", rate, number(0)))


def _unwatched(deployment: Deployment) -> Problem:
    model, environment = deployment.model, deployment.environment
    message = f"nothing watches model `{model.name}` in `{environment.name}`: no alert is left"
    help_ = "give it an objective, a threshold or an alert, or take the model out of the environment"
    return Problem(UNWATCHED_MODEL, message, model.position, help_)


def _planned(parts: Parts, slo: Slo) -> PlannedObjective:
    return PlannedObjective(slo, parts.deployment, parts.filling, parts.deployment.environment.evaluation_interval_ms)


def _groups(parts: Parts, platform: Platform, world: World) -> Iterator[Group]:
    deployment, filling = parts.deployment, parts.filling
    environment, limit = deployment.environment, platform.rules_per_group
    owner = Owner(deployment, platform)
    name = f"{deployment.model.tenant}/{deployment.model.name}"
    urgent: list[Alerting] = []
    for slo in deployment.slos:
        planned = _planned(parts, slo)
        alerts = [alerting(each, owner) for each in burn_conditions(planned)]
        outage = _outage(planned, platform)
        urgent += [alerting(outage, owner)] if outage else []
        rules: tuple[Rule, ...] = (*recordings(planned), *alerts)
        yield from group(f"{name}/slo-{slo.name}", planned.interval_ms, rules, limit)
    yield from group(f"{name}/urgent", environment.urgent_interval_ms, urgent, limit)
    interval = environment.evaluation_interval_ms
    recorded = [
        *model_measures(deployment, filling, identity(deployment)),
        *(kpis.recording(kpi, deployment, filling) for kpi in deployment.kpis),
    ]
    yield from group(f"{name}/measures", interval, recorded, limit)
    by_interval: dict[int, list[Alerting]] = {}
    for alert in deployment.alerts:
        every = alert.interval_ms or interval
        instance = _instance(alert, parts, world)
        found = distinct(conditions(alert, owner, filling, instance), owner)
        by_interval.setdefault(every, []).extend(alerting(each, owner) for each in found)
    for kpi in deployment.kpis:
        found = distinct(kpis.conditions(kpi, deployment, filling), owner)
        by_interval.setdefault(interval, []).extend(alerting(each, owner) for each in found)
    for every, alerts in sorted(by_interval.items()):
        title = f"{name}/alerts" if every == interval else f"{name}/alerts-{format_duration(every)}"
        yield from group(title, every, alerts, limit)


def _outage(planned: PlannedObjective, platform: Platform) -> Condition | None:
    outage = planned.slo.outage
    if outage is None:
        return None
    environment = planned.deployment.environment
    bound = promise(outage, environment, platform).total_ms
    return outage_condition(planned, bound, urgent_for_ms(environment))


def _problems(parts: Parts, platform: Platform, world: World) -> Iterator[Problem]:
    deployment = parts.deployment
    for slo in deployment.slos:
        yield from _slo_problems(slo, parts, platform, world)
        if slo.outage is not None:
            yield from check_promise(slo, slo.outage, deployment.environment, platform)
    for alert in deployment.alerts:
        yield from _alert_problems(alert, parts, platform, world)
    labels = Owner(deployment, platform).labels(Level.WARNING, "")
    for runbook in (*(slo.runbook for slo in deployment.slos), *(kpi.runbook for kpi in deployment.kpis)):
        yield from _step_problems(runbook, labels)


def _slo_problems(slo: Slo, parts: Parts, platform: Platform, world: World) -> Iterator[Problem]:
    yield from tier_problems(slo)
    if slo.window_ms > platform.retention_ms:
        message = f"the window of `{slo.name}` is {format_duration(slo.window_ms)}"
        kept = format_duration(platform.retention_ms)
        yield Problem(
            WINDOW_BEYOND_RETENTION, f"{message}, but samples are kept for {kept}", slo.position, "shorten the window"
        )
    match slo.indicator:
        case EventRatio(bad=bad, good=good, total=total):
            for formula in (bad, good, total):
                if formula is not None:
                    yield from _events_problems(formula, parts, world)
        case Limit(measure=measure, limit=limit, position=position):
            found: list[Problem] = []
            converted(limit, parts.deployment.measures[measure].unit, position, found)
            yield from found
        case Latency():
            return


def _alert_problems(alert: Alert, parts: Parts, platform: Platform, world: World) -> Iterator[Problem]:
    deployment = parts.deployment
    owner = Owner(deployment, platform)
    found = _formula_problems(alert.formula, parts, world) if alert.formula is not None else ()
    yield from found
    if errors(found):
        return
    if alert.measure:
        yield from parts.usage.beyond(
            parts.filling.single(deployment.measures[alert.measure].formula), alert.thresholds
        )
    own = _own_labels(alert, parts, world)
    known = {*owner.labels(alert.severity, alert.symptom), *own}
    known |= {name.removeprefix(f"{platform.prefix}_") for name in own}
    for text in (alert.summary, alert.description):
        names = (name for name, _, _ in placeholders(text))
        yield from _lost(names, alert.position, known | {"value", "threshold"})
    yield from _step_problems(alert.runbook, known)


def _step_problems(runbook: Runbook, labels: Collection[str]) -> Iterator[Problem]:
    for step, place in runbook.placed_steps:
        yield from _lost(labels_of_step(step), place, labels)


def _lost(names: Iterable[str], place: Position, known: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each name in a text that nothing fills."""
    yield from (lost_placeholder(name, place, known) for name in names if name not in known)


def _own_labels(alert: Alert, parts: Parts, world: World) -> frozenset[str]:
    """Return the labels that an alert gets from its expression, which say what of the model it is about."""
    if alert.formula is not None:
        return world.labels(parts.filling.single(alert.formula)).named
    keep = parts.deployment.measures[alert.measure].keep
    return frozenset((*IDENTITY, *(label_name(key) for key in keep)))


def _instance(alert: Alert, parts: Parts, world: World) -> tuple[str, ...]:
    """The labels of an alert's series beside the identity of the model, as far as they are known."""
    return tuple(sorted(_own_labels(alert, parts, world) - {*IDENTITY, "__name__"}))


def _events_problems(formula: Formula, parts: Parts, world: World) -> Iterator[Problem]:
    """Yield what is wrong with events, which are counted by their rate."""
    events = parts.filling.single(formula)
    found = world.problems(events, formula)
    yield from found
    if not errors(found) and isinstance(events, VectorSelector):
        yield from parts.usage.problems(rate(events, BASE_MS), formula)


def _formula_problems(formula: Formula, parts: Parts, world: World) -> tuple[Problem, ...]:
    expr = parts.filling.single(formula)
    found = world.problems(expr, formula)
    return found if errors(found) else (*found, *parts.usage.problems(expr, formula))
