"""What is compiled, held against what is committed: breaks of telemetry that no version announces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from generators.cli.committed import GitError, committed_tree, tree_on_disk
from generators.diagnostics import sort_problems
from generators.output.staging import current_tree
from generators.pipeline import Compiled
from generators.planning.conventions import FOLDER, version_problems


def against_committed(compiled: Compiled, rendered: Path) -> Compiled:
    """Return the same with problems about what would break readers of the registry that is committed.

    That is the one in ``rendered`` at ``HEAD``, or on disk where git has none. Raises OSError where a file cannot be
    read.
    """
    if compiled.catalog is None or compiled.plan is None:
        return compiled
    committed = {f"{FOLDER}/{path}": text for path, text in _committed(rendered).items()}
    found = version_problems(compiled.catalog.platform, compiled.plan.environments, committed)
    return replace(compiled, problems=sort_problems((*compiled.problems, *found)))


def _committed(rendered: Path) -> dict[str, str]:
    try:
        found = committed_tree(rendered / FOLDER, "HEAD", required=False)
    except GitError:
        found = None
    return found or tree_on_disk(current_tree(rendered) / FOLDER)
