"""The Collectors of an environment: what follows from specs, merged into hand-written bases, and checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.diagnostics import Code, Problem, errors
from generators.language.catalog import Environment, Platform
from generators.language.catalog.collector import Collector, Signal, Tier
from generators.planning.collector.agent import agent
from generators.planning.collector.derived import derived
from generators.planning.collector.gateway import gateway
from generators.planning.collector.merge import merge
from generators.planning.collector.plan import CollectorPlan, Configuration
from generators.planning.collector.privacy import DECLARED, PERSONAL
from generators.planning.collector.review import review, unstripped
from generators.planning.collector.sampling import short_wait
from generators.planning.plan import ModelPlan

TENANT_WITHOUT_BACKEND = Code(
    "C808",
    "Tenant without a backend",
    "A tenant with models in an environment needs a backend for each signal, its own or the default.",
    "default: {metrics: prometheus}",
    "default: {metrics: prometheus, traces: tempo, logs: loki}",
)


def collectors(
    environment: Environment, models: Sequence[ModelPlan], platform: Platform
) -> tuple[CollectorPlan | None, tuple[Problem, ...]]:
    """Return the Collectors of an environment; None where it says nothing about them, or a base is missing."""
    collector = environment.collector
    if collector is None:
        return None, ()
    deployments = tuple(each.deployment for each in models)
    problems = list(_without_backend(collector, models))
    found, unknown = derived(collector, models)
    problems += unknown
    problems += short_wait(collector, deployments)
    if errors(problems) or len(collector.bases) < len(Tier):
        return None, tuple(problems)
    files = {file for each in models for file in each.files} | {environment.position.file, platform.position.file}
    settings = {
        Tier.AGENT: tuple(agent(collector, deployments, environment, platform, found)),
        Tier.GATEWAY: tuple(gateway(collector, deployments, environment)),
    }
    made: list[Configuration] = []
    for tier, stated in settings.items():
        configuration, conflicts = merge(tier, collector.bases[tier], stated, files)
        problems += conflicts or review(configuration)
        if tier is Tier.AGENT:
            problems += unstripped(configuration, (DECLARED, PERSONAL))
        made.append(configuration)
    return CollectorPlan(collector, tuple(made)), tuple(problems)


def _without_backend(collector: Collector, models: Sequence[ModelPlan]) -> Iterator[Problem]:
    """Yield tenants whose telemetry would go nowhere."""
    for tenant in sorted({each.tenant for each in models}):
        missing = [signal for signal in Signal if collector.destination(tenant, signal) is None]
        if missing:
            message = f"tenant `{tenant}` has models here, but no backend for {' and '.join(missing)}"
            help_ = f"name one under `tenants: {{{tenant}: …}}`, or one for all under `default`"
            yield Problem(TENANT_WITHOUT_BACKEND, message, collector.position, help_)
