"""Prometheus rule files: one for the fleet and one for each model, in each environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import ModelEverywhere, ModelPlan, Plan
from generators.targets.files import text_file
from generators.targets.rule_groups import rule_groups
from generators.targets.target import Target


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``<environment>/prometheus/fleet.rules.yaml``."""
    for environment in plan.environments:
        name = environment.environment.name
        if environment.fleet:
            what = f"Rules that all models share in {name}."
            path = f"{name}/prometheus/fleet.rules.yaml"
            yield text_file(path, what, environment.fleet_files, rule_groups(environment.fleet))


def emit_model(everywhere: ModelEverywhere) -> Iterator[Artifact]:
    """Render ``<environment>/prometheus/<tenant>/<model>.rules.yaml``."""
    for model in everywhere.plans:
        if model.groups:
            what = f"Rules of model {model.model} of tenant {model.tenant} in {model.environment}."
            yield text_file(model_path(model), what, model.files, rule_groups(model.groups))


def model_path(model: ModelPlan) -> str:
    """Return the path of the rules of a model."""
    return f"{model.environment}/prometheus/{model.tenant}/{model.model}.rules.yaml"


TARGET: Final = Target("prometheus/rules", of_plan=emit, of_model=emit_model)
