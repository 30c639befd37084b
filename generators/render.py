"""Plan → artefacts: every target that discovery finds, and the index of what they made."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import ModuleType
from typing import Final, TypeAlias

from generators import targets
from generators.artifact import Artifact
from generators.artifact_paths import INDEX, path_problems
from generators.language.problems import Problem, sort_problems
from generators.planning.plan import Plan
from generators.targets.json_text import format_json
from generators.workers import each

Target: TypeAlias = Callable[[Plan], Iterable[Artifact]]
Completing: TypeAlias = Callable[[Plan, Sequence[Artifact]], Iterable[Artifact]]
MANY: Final = 100
"""Models from which it pays to run targets in several processes."""


def render(plan: Plan) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
    """Run every target; artefacts are sorted by path, the index is among them.

    Artefacts that could not be written safely everywhere are problems, and left out.
    """
    models = sum(len(environment.models) for environment in plan.environments)
    emitted = each([partial(_listed, target) for target in discover().values()], plan, worth_it=models >= MANY)
    made = sorted(artifact for artifacts in emitted for artifact in artifacts)
    made = sorted([*made, *(artifact for target in completing().values() for artifact in target(plan, tuple(made)))])
    problems, refused = path_problems(made)
    good = [artifact for artifact in made if artifact.path not in refused]
    return tuple(sorted([*good, _index(good)])), sort_problems(problems)


def _listed(target: Target, plan: Plan) -> list[Artifact]:
    return list(target(plan))


def discover() -> dict[str, Target]:
    """Return the targets by module name, sorted: the modules of ``generators.targets`` that have an ``emit``."""
    return {name: module.emit for name, module in _modules().items() if hasattr(module, "emit")}


def completing() -> dict[str, Completing]:
    """Return the targets that list what others have made: the modules of ``generators.targets`` with a ``complete``.

    They do not see one another's artefacts.
    """
    return {name: module.complete for name, module in _modules().items() if hasattr(module, "complete")}


def _modules() -> dict[str, ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
    return {name: importlib.import_module(f"{targets.__name__}.{name}") for name in names}


def digest(artifact: Artifact) -> str:
    """Return the SHA-256 of an artefact as it is on disk, in hex."""
    return hashlib.sha256(artifact.text.encode()).hexdigest()


def _index(artifacts: Iterable[Artifact]) -> Artifact:
    """List artefacts with their digests; many share their specs, so lists of specs have names and stand once."""
    listed = sorted(artifacts)
    names = {sources: _name(sources) for sources in sorted({one.sources for one in listed})}
    document = {
        "index": 1,
        "artifacts": {one.path: {"sha256": digest(one), "specs": names[one.sources]} for one in listed},
        "specs": {name: sources for sources, name in sorted(names.items(), key=lambda item: item[1])},
    }
    return Artifact(INDEX, format_json(document), tuple(sorted({file for sources in names for file in sources})))


def _name(sources: tuple[str, ...]) -> str:
    """Return a name for a list of specs that depends on nothing else."""
    return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]
