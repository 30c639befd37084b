"""A rendered file, before it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Artifact:
    """A file under ``rendered/``: POSIX path relative to it, text in UTF-8, and the specs that it comes from."""

    path: str
    text: str
    sources: tuple[str, ...]
