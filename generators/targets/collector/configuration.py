"""Configurations of the Collectors in each environment, each part that follows from specs with its reason above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import Commented
from generators.language.catalog.collector import Tier
from generators.planning.collector.plan import Configuration, Path
from generators.planning.plan import EnvironmentPlan, Plan
from generators.targets.files import yaml_file
from generators.targets.target import Target

SUBJECTS = {Tier.AGENT: "The Collector on every node", Tier.GATEWAY: "The Collectors behind the agents"}


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/collector/agent.yaml`` and ``…/gateway.yaml``."""
    for environment in plan.environments:
        if environment.collector is None:
            continue
        folder = f"{environment.environment.name}/collector"
        for each in environment.collector.configurations:
            yield _file(f"{folder}/{each.tier}.yaml", each, environment)


def _file(path: str, configuration: Configuration, environment: EnvironmentPlan) -> Artifact:
    base = f"collector-config/{configuration.tier}.yaml"
    what = (
        f"{SUBJECTS[configuration.tier]} in {environment.environment.name}.\n\n"
        f"Merged from {base}, written by hand, and from specs. Each part that follows from specs has its reason above "
        "it; all else is the base, word for word. Lists of pipelines begin with what only the base says. What specs "
        "set, the base must not set otherwise. An entry `every` is laid below each component of its type.\n"
        f"`watchspec explain collector {configuration.tier} --environment {environment.environment.name}` shows where "
        "each key comes from."
    )
    reasons = {setting.path: setting.why for setting in configuration.settings}
    document = _commented(configuration.document, (), reasons)
    return yaml_file(path, what, configuration.files, document)


def _commented(value: Mapping[str, object], path: Path, reasons: Mapping[Path, str]) -> dict[str, object]:
    """Put the reason of a setting above its key."""
    result: dict[str, object] = {}
    for key, inner in value.items():
        here = (*path, key)
        shown = _commented(inner, here, reasons) if isinstance(inner, Mapping) else inner
        result[key] = Commented(reasons[here], shown) if here in reasons else shown
    return result


TARGET: Final = Target("collector/configuration", of_plan=emit)
