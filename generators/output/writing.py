"""Artefacts on disk: what differs from the tree that is there, and the write that makes them equal.

``render``, ``render --check`` and ``diff`` all stand on ``compare``. Nothing is written outside the tree, except
siblings of it while a write goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from generators.artifact import Artifact
from generators.diagnostics import Code, Position, Problem
from generators.output.locking import locked
from generators.output.paths import INDEX
from generators.output.staging import current_tree, is_interrupted, recover, replace_tree, sibling

FOREIGN_FOLDER = Code(
    "T711",
    "Folder that is not ours",
    "The output folder holds something that no run has written.",
    "--rendered /etc",
    "--rendered rendered",
)
CONCURRENT_RUN = Code(
    "T712",
    "Another run is writing",
    "Two runs may not write one folder at once.",
    "two renders at once",
    "one render",
)
UNWRITTEN_FOLDER = Code(
    "T713",
    "Folder could not be written",
    "The file system refused; the old files are untouched.",
    "(a full disk)",
    "(space)",
)

_NOT_A_FILE = -1
_PLACEHOLDERS = frozenset((".gitkeep",))


@dataclass(frozen=True, slots=True)
class Changes:
    """How artefacts differ from a tree: relative POSIX paths, sorted; ``removed`` are those that nothing makes.

    ``foreign`` are those of the removed that the tree's index does not list, so that no render has written them.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.changed or self.removed)


def compare(artifacts: Iterable[Artifact], root: Path) -> Changes:
    """Compare artefacts with the tree at ``root``, byte by byte; a missing tree is an empty one.

    Raises OSError where a file cannot be read.
    """
    return _compare({artifact.path: artifact for artifact in artifacts}, current_tree(root))


def write(artifacts: Iterable[Artifact], root: Path) -> tuple[Changes, tuple[Problem, ...]]:
    """Make the tree at ``root`` hold exactly the artefacts, all or nothing; unchanged files are not touched.

    What stands in the way is a problem, and then the tree is as it was.
    """
    files = {artifact.path: artifact for artifact in sorted(artifacts)}
    if reason := refusal(root):
        return Changes(), (_problem(FOREIGN_FOLDER, root, *reason),)
    try:
        changes = _compare(files, current_tree(root))
        if changes or is_interrupted(root):
            with locked(sibling(root, "lock")):
                recover(root)
                changes = _compare(files, root)
                if changes:
                    replace_tree(root, files, frozenset(changes.unchanged))
    except BlockingIOError:
        message = f"another render is writing `{root}`"
        return Changes(), (_problem(CONCURRENT_RUN, root, message, "wait for it, then run the command again"),)
    except OSError as error:
        message = f"`{root}` cannot be written: {error.strerror or error}"
        where = f" at `{error.filename}`" if error.filename else ""
        remedy = f"nothing was changed; check permissions and free space{where}"
        return Changes(), (_problem(UNWRITTEN_FOLDER, root, message, remedy),)
    return changes, ()


def refusal(root: Path) -> tuple[str, str] | None:
    """Return why ``root`` must not be replaced, and a remedy; None if it is ours, empty or not there."""
    if root.name in {"", ".."}:
        return f"`{root}` has no name of its own", "give a folder such as `rendered`"
    if root.is_symlink():
        return f"`{root}` is a symbolic link", "give the folder that it points to"
    if not root.exists():
        if root.parent.is_dir():
            return None
        return f"`{root.parent}` is not a folder", "make it first, or correct the path"
    if not root.is_dir():
        return f"`{root}` is a file", "give a folder"
    entries = {entry.name for entry in root.iterdir()} - _PLACEHOLDERS
    if ".git" in entries:
        return f"`{root}` is a repository of its own", "give a folder inside it"
    if entries and not (root / INDEX).is_file():
        remedy = f"give an empty folder, or one that Watchspec rendered: it has a file `{INDEX}`"
        return f"`{root}` holds files that Watchspec did not make", remedy
    return None


def _compare(files: dict[str, Artifact], root: Path) -> Changes:
    there = dict(_scan(str(root), ""))
    same = {path for path, made in files.items() if made.size == there.get(path) and _holds(f"{root}/{path}", made)}
    removed = tuple(sorted(there.keys() - files.keys()))
    listed = _listed(root) if removed else frozenset()
    return Changes(
        added=tuple(sorted(files.keys() - there.keys())),
        changed=tuple(sorted((files.keys() & there.keys()) - same)),
        removed=removed,
        unchanged=tuple(sorted(same)),
        foreign=tuple(path for path in removed if path not in listed and path != INDEX),
    )


def _listed(root: Path) -> frozenset[str]:
    """Return what the index of a tree lists; nothing where there is none that can be read."""
    try:
        return frozenset(json.loads((root / INDEX).read_bytes())["artifacts"])
    except (OSError, ValueError, TypeError, KeyError):
        return frozenset()


def _scan(folder: str, prefix: str) -> Iterator[tuple[str, int]]:
    """List the files below a folder with their sizes; links are not followed, and have no size."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _scan(entry.path, f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                yield path, entry.stat(follow_symlinks=False).st_size
            else:
                yield path, _NOT_A_FILE


def _holds(path: str, artifact: Artifact) -> bool:
    """Whether a file of the artefact's size has its content."""
    with open(path, "rb") as file:  # noqa: PTH123 - thousands of files
        return hashlib.sha256(file.read()).hexdigest() == artifact.sha256


def _problem(code: Code, root: Path, message: str, remedy: str) -> Problem:
    return Problem(code, message, Position(root.as_posix(), 0, 0, 0, 0), remedy)
