"""What is compiled, held against what is there: breaks of telemetry that no version announces, and alerts that go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from generators.artifact import Artifact
from generators.cli.committed import committed_tree, tree_on_disk
from generators.diagnostics import Code, Problem, errors, sort_problems
from generators.output.staging import current_tree
from generators.pipeline import Compiled
from generators.planning.conventions import FOLDER, version_problems
from generators.planning.plan import Plan
from generators.targets.prometheus.rules import model_path

ALERT: Final = re.compile(r"^ +- alert: ", re.MULTILINE)
"""Where an alert starts in a rule file of ours."""

LOST_ALERTS = Code(
    "T714",
    "All alerts of a model would go",
    "The model is still in the specs and has alerts on disk; what is rendered now has none of them.",
    "(a fault of the compiler)",
    "(the model taken out of the environment)",
)


def against_committed(compiled: Compiled, rendered: Path, base: str = "HEAD") -> Compiled:
    """Return the same with problems about what would break readers of the registry, or leave a model unwatched.

    The registry is the one in ``rendered`` at the commit ``base``, or on disk where there is no commit. While there are
    errors nothing is compared: what is missing may only not have been read. Raises GitError, and OSError where a file
    cannot be read.
    """
    if compiled.catalog is None or compiled.plan is None or errors(compiled.problems):
        return compiled
    committed = {f"{FOLDER}/{path}": text for path, text in _committed(rendered, base).items()}
    found = _in_one(version_problems(compiled.catalog.platform, compiled.plan.environments, committed))
    lost = lost_alerts(compiled.plan, compiled.artifacts, rendered) if compiled.artifacts else ()
    return replace(compiled, problems=sort_problems((*compiled.problems, *found, *lost)))


def lost_alerts(plan: Plan, artifacts: Iterable[Artifact], rendered: Path) -> Iterator[Problem]:
    """Yield models of a plan that have alerts on disk and would have none: whatever the reason, nobody asked for it."""
    texts = {artifact.path: artifact.text for artifact in artifacts}
    root = current_tree(rendered)
    for environment in plan.environments:
        for model in environment.models:
            path = model_path(model)
            if ALERT.search(texts.get(path, "")) is None and (root / path).is_file():
                before = len(ALERT.findall((root / path).read_text(encoding="utf-8", errors="replace")))
                if before:
                    message = f"all {before} alerts of model `{model.model}` in `{model.environment}` would go"
                    help_ = (
                        "take the model out of the environment if that is meant; else this is a fault of the compiler"
                    )
                    yield Problem(LOST_ALERTS, message, model.deployment.model.position, help_)


def _in_one(found: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return one problem for all changes that break readers: they have one remedy, and ``diff`` lists them."""
    if len(found) < 2:
        return found
    more = f"{found[0].message}; {len(found) - 1} more changes break readers too, which `watchspec diff` lists"
    return (replace(found[0], message=more),)


def _committed(rendered: Path, base: str) -> dict[str, str]:
    found = committed_tree(rendered / FOLDER, base, required=base != "HEAD")
    return tree_on_disk(current_tree(rendered) / FOLDER) if found is None else found
