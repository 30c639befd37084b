"""Plan → artefacts: every target in ``TARGETS``, and the index of what they made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from generators.artifact import Artifact
from generators.diagnostics import Problem, sort_problems
from generators.formats.json_printer import format_json
from generators.output.object_sizes import size_problems
from generators.output.paths import INDEX, path_problems
from generators.planning.plan import ModelEverywhere, Plan
from generators.targets import alertmanager, ci, editor, gitops, semconv
from generators.targets.collector import configuration, distribution, retention
from generators.targets.compose import stack
from generators.targets.docs import metrics_catalog, model_pages, runbooks
from generators.targets.grafana import dashboards
from generators.targets.kubernetes import (
    access,
    autoscaling,
    collectors,
    kustomization,
    namespaces,
    prometheus_rules,
    service_monitors,
)
from generators.targets.kubernetes import (
    alertmanager as alertmanager_secret,
)
from generators.targets.prometheus import rules, server
from generators.targets.service import instruments, sdk_environment
from generators.targets.target import Target
from generators.workers import spread

TARGETS: Final = (
    rules.TARGET,
    server.TARGET,
    alertmanager.TARGET,
    configuration.TARGET,
    distribution.TARGET,
    retention.TARGET,
    dashboards.TARGET,
    runbooks.TARGET,
    model_pages.TARGET,
    metrics_catalog.TARGET,
    instruments.TARGET,
    sdk_environment.TARGET,
    prometheus_rules.TARGET,
    alertmanager_secret.TARGET,
    collectors.TARGET,
    namespaces.TARGET,
    access.TARGET,
    service_monitors.TARGET,
    autoscaling.TARGET,
    kustomization.TARGET,
    gitops.TARGET,
    stack.TARGET,
    semconv.TARGET,
    editor.TARGET,
    ci.TARGET,
)
"""All targets. What is rendered does not depend on their order."""

MANY: Final = 4
"""Models from which it pays to run targets in several processes."""

TOGETHER: Final = 16
"""Models whose artefacts travel between processes at once, at most."""


def render(plan: Plan, targets: Sequence[Target] = TARGETS) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
    """Run targets; artefacts are sorted by path, the index is among them.

    Artefacts that could not be written safely everywhere are problems, and left out.
    """
    models = plan.models()
    size = min(TOGETHER, 1 + len(models) // MANY)
    chunks = [models[start : start + size] for start in range(0, len(models), size)]
    work = [
        *(partial(_of_plan, target) for target in targets),
        *(partial(_of_models, targets, chunk) for chunk in chunks),
    ]
    made = sorted(artifact for artifacts in spread(work, plan, worth_it=len(models) >= MANY) for artifact in artifacts)
    listing = [artifact for target in targets for artifact in target.of_artifacts(plan, tuple(made))]
    everything = sorted([*made, *listing])
    problems, refused = path_problems(everything)
    problems += size_problems(everything)
    good = [artifact for artifact in everything if artifact.path not in refused]
    return tuple(sorted([*good, _index(good)])), sort_problems(problems)


def _of_plan(target: Target, plan: Plan) -> list[Artifact]:
    return list(target.of_plan(plan))


def _of_models(targets: Iterable[Target], models: Iterable[ModelEverywhere], _: Plan) -> list[Artifact]:
    """Run all targets on one model before the next: they share what it takes to print its rules."""
    return [artifact for model in models for target in targets for artifact in target.of_model(model)]


def _index(artifacts: Iterable[Artifact]) -> Artifact:
    """List artefacts with their digests; many share their specs, so lists of specs have names and stand once."""
    listed = sorted(artifacts)
    names = {sources: _name(sources) for sources in sorted({one.sources for one in listed})}
    document = {
        "index": 1,
        "artifacts": {one.path: {"sha256": one.sha256, "specs": names[one.sources]} for one in listed},
        "specs": {name: sources for sources, name in sorted(names.items(), key=lambda item: item[1])},
    }
    return Artifact(INDEX, format_json(document), tuple(sorted({file for sources in names for file in sources})))


def _name(sources: tuple[str, ...]) -> str:
    """Return a name for a list of specs that depends on nothing else."""
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]
