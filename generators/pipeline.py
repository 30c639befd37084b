"""How the compiler runs: the order of its stages, and nothing else."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from generators.artifact import Artifact
from generators.diagnostics import Problem, errors, sort_problems
from generators.language.catalog import Catalog
from generators.language.resolve.stage import resolve
from generators.language.sources import Source
from generators.planning.collector.derived import NOTHING_TO_DERIVE_FROM
from generators.planning.plan import Plan
from generators.planning.routes.checks import IDLE_RECEIVER, IDLE_TIME_INTERVAL
from generators.planning.stage import plan
from generators.render import render

FROM_ABSENCE = (IDLE_RECEIVER, IDLE_TIME_INTERVAL, NOTHING_TO_DERIVE_FROM)
"""What nothing uses, and what is not there: a spec that cannot be read may have it, so this waits until all can be."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a run made, as far as it came; ``problems`` are all that it found, sorted."""

    catalog: Catalog | None
    plan: Plan | None
    artifacts: tuple[Artifact, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of writing."""
        return not errors(self.problems)


def compile_plan(sources: Iterable[Source]) -> Compiled:
    """Sources → Catalog → Plan."""
    with _no_garbage():
        catalog, found = resolve(sources)
        if catalog is None:
            return Compiled(None, None, (), found)
        planned, more = plan(catalog)
        return Compiled(catalog, planned, (), sort_problems((*found, *_news(more, found))))


def compile_artifacts(sources: Iterable[Source]) -> Compiled:
    """Sources → Catalog → Plan → artefacts; none are made while there are errors."""
    compiled = compile_plan(sources)
    if compiled.plan is None or not compiled.ok:
        return compiled
    with _no_garbage():
        artifacts, found = render(compiled.plan)
    return Compiled(compiled.catalog, compiled.plan, artifacts, sort_problems((*compiled.problems, *found)))


def _news(later: Iterable[Problem], earlier: tuple[Problem, ...]) -> Iterator[Problem]:
    """Yield what planning found beyond what was known, as far as it can be told while some specs are wrong."""
    known, broken = {(problem.code, problem.position) for problem in earlier}, errors(earlier)
    for problem in later:
        if (problem.code, problem.position) not in known and not (broken and problem.kind in FROM_ABSENCE):
            yield problem


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Pause the cycle collector, which would walk millions of values again and again; the compiler makes no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
