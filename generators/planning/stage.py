"""The stage Catalog → Plan: environments one by one, each with its models, fleet rules, routes and dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat

from generators.diagnostics import Code, Problem, errors, sort_problems
from generators.language.catalog import Catalog, Deployment, Environment, Formula, Level, Measure, Platform, Team
from generators.language.sources import of_library
from generators.planning.alerts.escalation import escalation_alerts
from generators.planning.alerts.steps import with_steps_that_apply
from generators.planning.collector.collectors import collectors
from generators.planning.collector.derived import counted
from generators.planning.collector.distribution import distribution, distribution_problems
from generators.planning.collector.rules import collector_groups
from generators.planning.conventions import convention_problems, conventions
from generators.planning.cost import check_budgets, fleet_cost
from generators.planning.dashboards.pages import FleetDashboards, ModelDashboards
from generators.planning.dashboards.subject import Subject
from generators.planning.fleet import fleet_groups
from generators.planning.formulas import filling, of_one_model
from generators.planning.groups import group
from generators.planning.kpis import LABEL, RECORD
from generators.planning.links import check_links
from generators.planning.models import Parts, model_plan
from generators.planning.names import IDENTITY, sloth_id
from generators.planning.objectives.tiers import tiers
from generators.planning.plan import EnvironmentPlan, Group, ModelPlan, Plan, Registry
from generators.planning.routes.checks import check_receivers, check_routes
from generators.planning.routes.configuration import Routed, routes
from generators.planning.telemetry.instruments import instruments
from generators.planning.telemetry.scrapes import scrapes
from generators.planning.telemetry.usage import Usage, too_few_exports, usage
from generators.planning.telemetry.world import World, external_series, instrument_series, merged, profile_of, recorded
from generators.promql.labels.label_set import LabelSet
from otel.names import label_name

SHARED_SLO_ID = Code(
    "A507",
    "Two objectives, one id",
    "Ids join tenant, model and objective with dots and dashes; two became the same text.",
    "model a-b, slo c; model a, slo b-c",
    "model a-b, slo c; model a, slo d",
)


def plan(catalog: Catalog) -> tuple[Plan, tuple[Problem, ...]]:
    """Return what a catalog asks for; with problems, the plan is incomplete and must not be rendered."""
    problems: list[Problem] = list(_same_ids(catalog.deployments))
    by_environment = [
        (environment, tuple(each for each in catalog.deployments if each.environment is environment))
        for environment in catalog.environments
    ]
    planned = tuple(_environment(environment, found, catalog, problems) for environment, found in by_environment)
    problems += check_receivers(catalog, planned)
    problems += check_links(catalog)
    problems += distribution_problems(catalog.platform.distribution)
    made = conventions(catalog.platform, planned)
    problems += convention_problems(made, catalog.platform)
    return Plan(
        catalog,
        planned,
        registry=Registry(made.manifest, made.files, made.sources),
        distribution=distribution(
            (each.collector for each in planned if each.collector), catalog.platform.distribution
        ),
        scrapes=scrapes(catalog.platform),
    ), sort_problems(problems)


def _environment(
    environment: Environment, deployments: tuple[Deployment, ...], catalog: Catalog, problems: list[Problem]
) -> EnvironmentPlan:
    platform = catalog.platform
    parts = tuple(_parts(deployment, catalog, problems) for deployment in deployments)
    world = World(merged(_series(parts, catalog)), profile_of(platform))
    everywhere = usage(((each.deployment, each.filling, each.instruments) for each in parts), platform)
    problems += _measure_problems(parts, world, everywhere)
    problems += too_few_exports(environment, _of_packs(parts))
    shared, found = fleet_groups(((each.deployment, each.filling) for each in parts), environment, platform)
    problems += found
    models = tuple(_model(each, catalog, world, problems) for each in parts)
    subjects = [each for each in map(_subject, parts, models, repeat(platform)) if each]
    collecting, found = collectors(environment, models, platform)
    problems += found
    fleet = (*shared, *_escalation(deployments, catalog, environment), *_collector(environment, catalog))
    alerts = [rule for model in models for rule in model.alerts]
    routed = routes(catalog, environment, deployments, alerts, ("outage", *(tier.name for tier in tiers())))
    problems += check_routes(routed, models, catalog)
    cost = sum((each.cost for each in models), fleet_cost(fleet))
    problems += check_budgets(environment, models, cost, platform)
    return EnvironmentPlan(
        environment=environment,
        fleet=fleet,
        fleet_files=_files(models, environment, catalog),
        models=models,
        alertmanager=routed.config,
        alertmanager_files=_route_files(routed, environment, catalog),
        route_provenance=routed.provenance,
        cost=cost,
        collector=collecting,
        dashboards=FleetDashboards(environment, tuple(subjects), platform),
    )


def _parts(deployment: Deployment, catalog: Catalog, problems: list[Problem]) -> Parts:
    deployment, wrong = with_steps_that_apply(deployment)
    problems += wrong
    found, wrong = instruments(deployment, catalog.platform)
    problems += wrong
    filled = filling(deployment, catalog.platform)
    return Parts(deployment, filled, found, usage([(deployment, filled, found)], catalog.platform))


def _model(parts: Parts, catalog: Catalog, world: World, problems: list[Problem]) -> ModelPlan:
    planned, found = model_plan(parts, catalog.platform, world)
    problems += found
    subject = _subject(parts, planned, catalog.platform)
    planned = replace(planned, counted=counted(parts.deployment.environment.collector, planned))
    return replace(planned, dashboards=ModelDashboards(subject)) if subject else planned


def _subject(parts: Parts, planned: ModelPlan, platform: Platform) -> Subject | None:
    """Return what dashboards of a model are made of; None where its plan is broken."""
    if not planned.groups:
        return None
    return Subject(parts.deployment, parts.filling, parts.instruments, planned.objectives, platform)


def _series(parts: Iterable[Parts], catalog: Catalog) -> Iterator[tuple[str, LabelSet]]:
    """Yield every series that exists in an environment, with its labels."""
    yield from external_series(catalog.platform)
    yield RECORD, recorded((*IDENTITY, LABEL))
    for each in parts:
        yield from instrument_series(each.instruments)
        for tile in each.deployment.tiles.values():
            yield each.filling.series[tile.id], recorded((*IDENTITY, *map(label_name, tile.keep)))
        for measure in each.deployment.measures.values():
            yield measure.record, recorded(_measure_labels(measure))


def _measure_labels(measure: Measure) -> tuple[str, ...]:
    return (*IDENTITY, *map(label_name, measure.keep))


def _labels_of_expression(measure: Measure) -> tuple[str, ...]:
    added = {label_name(key) for key, _ in measure.labels}
    return tuple(label for label in _measure_labels(measure) if label not in added)


def _of_packs(parts: Iterable[Parts]) -> Iterator[tuple[str, Formula]]:
    """Yield the formulas of the library that models of an environment have, by name."""
    for each in parts:
        for measure in each.deployment.measures.values():
            if of_library(measure.formula.position):
                yield measure.id, measure.formula
        for alert in each.deployment.alerts:
            if alert.formula is not None and of_library(alert.formula.position):
                yield alert.name, alert.formula


def _measure_problems(parts: Iterable[Parts], world: World, everywhere: Usage) -> Iterator[Problem]:
    """Yield what is wrong with measures, each expression once for all models that share it."""
    seen: set[tuple[str, int]] = set()
    for each in parts:
        for measure in each.deployment.measures.values():
            single = of_one_model(measure.formula.template)
            expr = each.filling.single(measure.formula) if single else each.filling.fleet(measure.formula)
            key = (measure.record, id(expr) if not single else hash(measure.formula.text))
            if key in seen:
                continue
            seen.add(key)
            found = world.problems(expr, measure.formula)
            yield from found
            if not errors(found):
                yield from (each.usage if single else everywhere).problems(expr, measure.formula)
                yield from world.carries(expr, measure.formula, () if single else _labels_of_expression(measure))


def _escalation(deployments: Iterable[Deployment], catalog: Catalog, environment: Environment) -> Iterator[Group]:
    if environment.severity_cap is not Level.CRITICAL:
        return
    owners: Mapping[str, Team] = {each.model.team.name: each.model.team for each in deployments}
    alerts = escalation_alerts((owners[name] for name in sorted(owners)), catalog.platform)
    yield from group("fleet-escalation", environment.evaluation_interval_ms, alerts, catalog.platform.rules_per_group)


def _collector(environment: Environment, catalog: Catalog) -> Iterator[Group]:
    if environment.collector is not None:
        team = catalog.teams.get(catalog.platform.default_team)
        yield from collector_groups(environment.collector, environment, catalog.platform, team)


def _files(models: Iterable[ModelPlan], environment: Environment, catalog: Catalog) -> tuple[str, ...]:
    """Return the documents that fleet rules come from: packs, platform, environment, and the teams of models."""
    models = tuple(models)
    own = {each.deployment.model.position.file for each in models}
    teams = {each.deployment.model.team.position.file for each in models}
    prices = {each.position.file for each in catalog.price_lists.values()}
    shared = {file for each in models for file in each.files} - own - prices
    return tuple(sorted(shared | teams | {catalog.platform.position.file, environment.position.file}))


def _route_files(routed: Routed, environment: Environment, catalog: Catalog) -> tuple[str, ...]:
    places = {place.file for found in routed.provenance.values() for place in found}
    return tuple(sorted(places | {catalog.platform.position.file, environment.position.file}))


def _same_ids(deployments: Iterable[Deployment]) -> Iterator[Problem]:
    """Yield a problem for each two objectives whose sloth id is the same text."""
    first: dict[tuple[str, str], tuple[Deployment, str]] = {}
    for deployment in deployments:
        for slo in deployment.slos:
            key = (deployment.environment.name, sloth_id(deployment, slo))
            other, name = first.setdefault(key, (deployment, slo.name))
            if other is not deployment:
                message = f"objective `{slo.name}` has the id `{key[1]}`, as `{name}` of model `{other.model.name}` has"
                related = (("the other model", other.model.position),)
                yield Problem(SHARED_SLO_ID, message, slo.position, "rename one of them", related=related)
