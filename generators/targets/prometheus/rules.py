"""Prometheus rule files: one for the fleet and one for each model, in each environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generators.artifact import Artifact
from generators.formats.yaml_printer import format_comment
from generators.planning.plan import Group, ModelEverywhere, ModelPlan, Plan
from generators.targets.header import head
from generators.targets.rule_groups import rule_groups
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/prometheus/fleet.rules.yaml``."""
    for environment in plan.environments:
        name = environment.environment.name
        if environment.fleet:
            what = f"Rules that all models share in {name}."
            text = _file(environment.fleet, head(what, environment.fleet_files))
            yield Artifact(f"{name}/prometheus/fleet.rules.yaml", text, environment.fleet_files)


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/prometheus/<tenant>/<model>.rules.yaml``."""
    for model in everywhere.plans:
        if model.groups:
            what = f"Rules of model {model.model} of tenant {model.tenant} in {model.environment}."
            text = _file(model.groups, head(what, model.files))
            yield Artifact(model_path(model), text, model.files)


def model_path(model: ModelPlan) -> str:
    """Return the path of the rules of a model."""
    return f"{model.environment}/prometheus/{model.tenant}/{model.model}.rules.yaml"


def _file(groups: Iterable[Group], comment: str) -> str:
    return f"{format_comment(comment)}\n{rule_groups(groups)}"


TARGET: Final = Target("prometheus/rules", of_plan=emit, of_model=emit_model)
