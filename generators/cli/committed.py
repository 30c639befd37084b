"""A folder as it is on disk, or as it was at a commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from generators.cli.console import UsageError
from generators.output.staging import current_tree


class GitError(UsageError):
    """Why a commit cannot be read, for a person."""


def tree_on_disk(folder: Path) -> dict[str, str]:
    """Return the texts of all files below a folder by relative POSIX path; a missing folder is empty.

    Raises OSError where a file cannot be read.
    """
    root = current_tree(folder)
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(root).as_posix(): _text(path.read_bytes()) for path in files}


def committed_tree(folder: Path, ref: str, *, required: bool) -> dict[str, str] | None:
    """Return the texts below a folder at a commit, by relative POSIX path.

    None where there is no repository or no commit; that is a GitError if the commit is ``required``.
    """
    parent = folder.parent
    commit = _git(parent, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        if not required:
            return None
        if _git(parent, "rev-parse", "--git-dir") is None:
            raise GitError(f"`{parent}` is not in a git repository, so there is no `{ref}` to compare with")
        raise GitError(f"git knows no commit `{ref}` here; `git log --oneline` lists commits")
    listed = _git(parent, "ls-tree", "-r", "-z", commit.decode().strip(), f"./{folder.name}/")
    if listed is None:
        raise GitError(f"git cannot list the files of `{ref}`")
    blobs = dict(_blob(entry, folder.name) for entry in listed.split(b"\0") if entry.startswith(b"100"))
    return _contents(parent, blobs)


def _blob(entry: bytes, folder: str) -> tuple[str, bytes]:
    """Return path and object of a line of ``git ls-tree``: mode, type, object, tab, path."""
    meta, _, path = entry.partition(b"\t")
    return _text(path).removeprefix(f"{folder}/"), meta.split()[2]


def _contents(parent: Path, blobs: dict[str, bytes]) -> dict[str, str]:
    asked = b"".join(each + b"\n" for each in blobs.values())
    output = _git(parent, "cat-file", "--batch", data=asked)
    if output is None:
        raise GitError("git cannot read the files of that commit; a partial clone may lack them")
    found: dict[str, str] = {}
    position = 0
    for path in blobs:
        end = output.index(b"\n", position)
        header = output[position:end].split()
        if len(header) != 3:
            raise GitError(f"git lacks the file `{path}` of that commit")
        size = int(header[2])
        found[path] = _text(output[end + 1 : end + 1 + size])
        position = end + 1 + size + 1
    return found


def _git(folder: Path, *arguments: str, data: bytes = b"") -> bytes | None:
    """Run git and return what it prints; None where it fails or is not there."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and refs come after --end-of-options
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            input=data,
            capture_output=True,
            check=False,
        )
    except (OSError, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
