"""Plan → artefacts: every target that discovery finds, and the index of what they made."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Final, TypeAlias

from generators import targets
from generators.artifact import Artifact
from generators.artifact_paths import INDEX, path_problems
from generators.language.problems import Problem, sort_problems
from generators.planning.plan import ModelEverywhere, Plan
from generators.targets.json_text import format_json
from generators.workers import spread

Completing: TypeAlias = Callable[[Plan, Sequence[Artifact]], Iterable[Artifact]]
_EMITS: Final = frozenset(("emit", "emit_model"))
MANY: Final = 4
"""Models from which it pays to run targets in several processes."""

TOGETHER: Final = 16
"""Models whose artefacts travel between processes at once, at most."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a module of targets makes of the plan as a whole, and of each model in it; calling it makes all of that."""

    of_plan: Callable[[Plan], Iterable[Artifact]]
    of_model: Callable[[ModelEverywhere], Iterable[Artifact]]

    def __call__(self, plan: Plan) -> list[Artifact]:
        """Return everything that the target makes of a plan."""
        return [*self.of_plan(plan), *(artifact for model in plan.models() for artifact in self.of_model(model))]


def render(plan: Plan) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
    """Run every target; artefacts are sorted by path, the index is among them.

    Artefacts that could not be written safely everywhere are problems, and left out.
    """
    models, found = plan.models(), list(discover().values())
    size = min(TOGETHER, 1 + len(models) // MANY)
    chunks = [models[start : start + size] for start in range(0, len(models), size)]
    work = [*(partial(_of_plan, target) for target in found), *(partial(_of_models, found, each) for each in chunks)]
    made = sorted(artifact for artifacts in spread(work, plan, worth_it=len(models) >= MANY) for artifact in artifacts)
    made = sorted([*made, *(artifact for target in completing().values() for artifact in target(plan, tuple(made)))])
    problems, refused = path_problems(made)
    good = [artifact for artifact in made if artifact.path not in refused]
    return tuple(sorted([*good, _index(good)])), sort_problems(problems)


def _of_plan(target: Target, plan: Plan) -> list[Artifact]:
    return list(target.of_plan(plan))


def _of_models(found: Iterable[Target], models: Iterable[ModelEverywhere], _: Plan) -> list[Artifact]:
    """Run all targets on one model before the next: they share what it takes to print its rules."""
    return [artifact for model in models for target in found for artifact in target.of_model(model)]


def discover() -> dict[str, Target]:
    """Return the targets by module name, sorted: modules of ``generators.targets`` with ``emit`` or ``emit_model``."""
    return {name: target_of(module) for name, module in _modules().items() if _EMITS & vars(module).keys()}


def target_of(module: ModuleType) -> Target:
    """Return what a module makes."""
    return Target(getattr(module, "emit", _nothing), getattr(module, "emit_model", _nothing))


def _nothing(_: Plan | ModelEverywhere) -> Iterable[Artifact]:
    return ()


def completing() -> dict[str, Completing]:
    """Return the targets that list what others have made: the modules of ``generators.targets`` with a ``complete``.

    They do not see one another's artefacts.
    """
    return {name: module.complete for name, module in _modules().items() if hasattr(module, "complete")}


def _modules() -> dict[str, ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
    return {name: importlib.import_module(f"{targets.__name__}.{name}") for name in names}


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
