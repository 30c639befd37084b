"""The protocol of targets: what each of them makes, and of what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from generators.artifact import Artifact
from generators.planning.plan import ModelEverywhere, Plan

OfPlan: TypeAlias = Callable[[Plan], Iterable[Artifact]]
OfModel: TypeAlias = Callable[[ModelEverywhere], Iterable[Artifact]]
OfArtifacts: TypeAlias = Callable[[Plan, Sequence[Artifact]], Iterable[Artifact]]


def _nothing(*_: object) -> Iterable[Artifact]:
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of rendered file, and the functions that make it from the plan and nothing else.

    ``name`` is the module below ``generators/targets``. ``of_plan`` makes what is about the plan as a whole and
    ``of_model`` what is about one model in all its environments; models may be rendered in different processes.
    ``of_artifacts`` runs after all others and makes files that list other files; it sees what ``of_plan`` and
    ``of_model`` of every target made, sorted by path.
    """

    name: str
    of_plan: OfPlan = _nothing
    of_model: OfModel = _nothing
    of_artifacts: OfArtifacts = _nothing

    def artifacts(self, plan: Plan) -> list[Artifact]:
        """Return everything that the target makes of a plan by itself, without what it makes of others' files."""
        return [*self.of_plan(plan), *(artifact for model in plan.models() for artifact in self.of_model(model))]
