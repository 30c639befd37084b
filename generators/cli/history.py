"""What is compiled, held against what is committed: breaks of telemetry that no version announces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from generators.cli.committed import tree_on_disk
from generators.language.problems import sort_problems
from generators.pipeline import Compiled
from generators.planning.conventions import FOLDER, version_problems
from generators.staging import current_tree


def against_committed(compiled: Compiled, rendered: Path) -> Compiled:
    """Return the same with problems about what would break readers of the registry in ``rendered``.

    Raises OSError where a file of the registry cannot be read.
    """
    if compiled.catalog is None or compiled.plan is None:
        return compiled
    there = tree_on_disk(current_tree(rendered) / FOLDER)
    committed = {f"{FOLDER}/{path}": text for path, text in there.items()}
    found = version_problems(compiled.catalog.platform, compiled.plan.environments, committed)
    return replace(compiled, problems=sort_problems((*compiled.problems, *found)))
