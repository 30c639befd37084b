"""Which artefacts can be written on every file system, inside ``rendered/`` and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from generators.artifact import Artifact
from generators.diagnostics import NOWHERE, Code, Position, Problem

PATH_MADE_TWICE = Code(
    "T701",
    "Path made twice",
    "Two targets, or two models, would write the same file.",
    "tenant a, model b-c; tenant a, model b-c",
    "tenant a, model b-c; tenant a, model b-d",
)
PATHS_DIFFER_BY_CASE = Code(
    "T702",
    "Paths that differ by case",
    "Some file systems hold only one of two paths that differ by case.",
    "Retail.yaml, retail.yaml",
    "retail.yaml, shop.yaml",
)
UNWRITABLE_PATH = Code(
    "T703",
    "Path that cannot be written",
    "A path is not safe on every file system.",
    "../outside.yaml",
    "inside.yaml",
)
UNENCODABLE_TEXT = Code(
    "T704",
    "Text without UTF-8",
    "A lone surrogate is half a character and has no UTF-8.",
    'description: "\\ud83d"',
    'description: "📊"',
)

INDEX = "index.json"
"""Path of the index: every artefact with its digest and the specs that it comes from."""

_COMPONENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_-])?", re.ASCII)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST = 400


def path_problems(artifacts: Sequence[Artifact]) -> tuple[list[Problem], frozenset[str]]:
    """Return what is wrong with the paths and encoding of artefacts, and the paths that cannot be written."""
    problems: list[Problem] = []
    refused: set[str] = set()
    for artifact in artifacts:
        if problem := _own_problem(artifact):
            problems.append(problem)
            refused.add(artifact.path)
    for group in _clashes(artifacts):
        problems.append(_clash(group))
        refused.update(artifact.path for artifact in group)
    return problems, frozenset(refused)


def unsafe_reason(path: str) -> str:
    """Return why a relative POSIX path must not be written, or nothing when it may."""
    if len(path) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    return next(filter(None, map(_unsafe_part, path.split("/"))), "")


@lru_cache(maxsize=65536)
def _unsafe_part(component: str) -> str:
    if _COMPONENT.fullmatch(component) is None:
        return f"has the part `{component}`, which is not a plain file name"
    if _RESERVED.fullmatch(component):
        return f"has the part `{component}`, which is a device on Windows"
    return ""


def _own_problem(artifact: Artifact) -> Problem | None:
    if reason := unsafe_reason(artifact.path):
        remedy = "rename the tenant, model, environment or alert that the path is made of"
        return Problem(UNWRITABLE_PATH, f"path `{artifact.path}` {reason}", place(artifact), remedy)
    if not artifact.sha256:
        message = f"`{artifact.path}` would hold half of a surrogate pair, which is no character"
        return Problem(
            UNENCODABLE_TEXT,
            message,
            place(artifact),
            "replace the `\\ud…` escape in the spec by the character itself",
        )
    return None


def _clashes(artifacts: Iterable[Artifact]) -> list[list[Artifact]]:
    """Group artefacts of which a file system that ignores case would keep one, or the index none."""
    groups: dict[str, list[Artifact]] = {INDEX: [Artifact(INDEX, "", ())]}
    for artifact in artifacts:
        groups.setdefault(artifact.path.casefold(), []).append(artifact)
    for artifact in artifacts:
        for folder in _folders(artifact.path.casefold()):
            if folder in groups:
                groups[folder].append(artifact)
    return [group for group in groups.values() if len(group) > 1]


def _folders(path: str) -> list[str]:
    """Return the folders that a file is in, each as a path."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def _clash(group: Sequence[Artifact]) -> Problem:
    first, second = group[-2], group[-1]
    if first.path == second.path:
        code, message = PATH_MADE_TWICE, f"`{first.path}` is made twice"
    else:
        code = PATHS_DIFFER_BY_CASE
        message = f"`{first.path}` and `{second.path}` cannot both exist where case does not count"
    remedy = "rename one of the tenants, models or alerts that the paths are made of"
    return Problem(code, message, place(second), remedy, related=(("the other one", place(first)),))


def place(artifact: Artifact) -> Position:
    """The spec that an artefact comes from, as a whole: the one that it is named after, if there is one."""
    if not artifact.sources:
        return NOWHERE
    by_name = {PurePosixPath(source).stem: source for source in artifact.sources}
    named = [by_name[name] for part in artifact.path.split("/") if (name := part.partition(".")[0]) in by_name]
    return Position(named[-1] if named else artifact.sources[0], 0, 0, 0, 0)
