"""Files as data: which ones a path or a glob names, what kind they are of, and their fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from generators.baseline.codes import NO_SUCH_DATA
from generators.baseline.engines import DataError

MISSING_TEXTS: Final = ("", "NA", "N/A", "NULL", "null", "None", "NaN", "nan")
"""Texts of a CSV file that stand for a missing value."""


def matching(data: str) -> list[str]:
    """Files that a path or a glob names, sorted, all of one kind; raises DataError where there are none."""
    path = Path(data)
    pattern = path.relative_to(path.anchor) if path.anchor else path
    found = (
        [data]
        if path.is_file()
        else [str(each) for each in Path(path.anchor or ".").glob(str(pattern)) if each.is_file()]
    )
    if not found:
        raise DataError(f"there is no file {data}", "a path, a glob in quotes, or DATABASE::TABLE", NO_SUCH_DATA)
    kinds = sorted({ending(file) for file in found})
    if len(kinds) > 1:
        raise DataError(f"{data} are files of several kinds: {', '.join(kinds)}", "name files of one kind")
    return sorted(found)


def ending(file: str) -> str:
    """What a file's name ends with, ``.gz`` together with what stands before it."""
    suffixes = Path(file).suffixes
    return "".join(suffixes[-2:] if suffixes[-1:] == [".gz"] else suffixes[-1:]).lower()


def digest_of_files(files: Sequence[str]) -> str:
    """SHA-256 of a file's bytes, as ``sha256sum`` prints it; of several files that of their sorted digests, in hex."""
    digests = []
    for file in files:
        with Path(file).open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
