"""Replace a tree of files as a whole: build the new one beside it, then swap the two by renaming.

A crash at any moment leaves the old tree whole, under its own name or, between the two renames, under the name
that ``recover`` knows. Names of siblings begin with a dot and the tree's own name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from generators.artifact import Artifact


def sibling(root: Path, purpose: str) -> Path:
    """Return the path beside a tree that is used for ``new``, ``old`` or ``lock``."""
    return root.parent / f".{root.name}.watchspec-{purpose}"


def current_tree(root: Path) -> Path:
    """Return where the whole tree is now: at its place, or aside if a swap was interrupted."""
    old = sibling(root, "old")
    return old if old.is_dir() and not root.exists() else root


def is_interrupted(root: Path) -> bool:
    """Tell whether something is there of a write that did not end."""
    return any(os.path.lexists(sibling(root, purpose)) for purpose in ("old", "new", "lock"))


def recover(root: Path) -> None:
    """Put the old tree back after an interrupted swap, and remove what else an interrupted write left."""
    old = sibling(root, "old")
    if current_tree(root) == old:
        old.rename(root)
    for leftover in (sibling(root, "new"), old):
        if os.path.lexists(leftover):
            shutil.rmtree(leftover)


def replace_tree(root: Path, files: Mapping[str, Artifact], kept: Collection[str]) -> None:
    """Make ``root`` hold exactly ``files``, by relative POSIX path; those in ``kept`` stay the same files on disk.

    Raises OSError, with the old tree back in place.
    """
    new, old = sibling(root, "new"), sibling(root, "old")
    try:
        _build(new, root, files, kept)
        if root.exists():
            shutil.copymode(root, new)
            root.rename(old)
        new.rename(root)
    except BaseException:
        recover(root)
        raise
    if old.exists():
        shutil.rmtree(old)


def _build(new: Path, root: Path, files: Mapping[str, Artifact], kept: Collection[str]) -> None:
    new.mkdir()
    made = {""}
    for path, artifact in files.items():
        folder = path.rpartition("/")[0]
        if folder not in made:
            (new / folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        if path in kept:
            _link(f"{root}/{path}", f"{new}/{path}")
        else:
            with open(f"{new}/{path}", "xb") as file:  # noqa: PTH123 - thousands of files
                file.write(artifact.data)


def _link(source: str, target: str) -> None:
    """Make the same file appear at another place; where the file system has no links, copy it with its times."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
