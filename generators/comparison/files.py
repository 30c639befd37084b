"""Files that differ: what they are, and which of them facts already account for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Literal

from generators.comparison.facts.fact import FILES

_NOUNS: Final = {
    "runbooks": "runbook",
    "kubernetes": "Kubernetes resource",
    "dashboards": "dashboard",
    "schema": "schema",
    "semconv": "semantic convention",
    "docs": "page",
}
"""What files below a folder are called; the first folder of a path that is here counts."""


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that is not the same on both sides."""

    path: str
    what: Literal["added", "removed", "changed"]

    @property
    def kind(self) -> str:
        """What such a file is called."""
        folders = PurePosixPath(self.path).parts[:-1]
        return next((noun for folder, noun in _NOUNS.items() if folder in folders), "file")

    @property
    def subject(self) -> str:
        """The folder that the file is in, as a heading."""
        return FILES

    @property
    def place(self) -> str:
        """Files stand for themselves in each environment."""
        return ""

    @property
    def name(self) -> str:
        """The path without what the kind says already."""
        return self.path.removeprefix("docs/runbooks/") if self.kind == "runbook" else self.path


def file_differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileDifference, ...]:
    """Return the files whose digests differ, sorted by path."""
    return tuple(_differences(before, after))


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[FileDifference]:
    for path in sorted({*before, *after}):
        if path not in before:
            yield FileDifference(path, "added")
        elif path not in after:
            yield FileDifference(path, "removed")
        elif before[path] != after[path]:
            yield FileDifference(path, "changed")


def explained_by(paths: Iterable[str]) -> frozenset[str]:
    """Return the files that changed facts account for: those they stand in, and the same rules for Kubernetes."""
    return frozenset(each for path in paths for each in (path, _for_kubernetes(path)) if each)


def _for_kubernetes(path: str) -> str:
    match path.split("/"):
        case [environment, "prometheus", *rest]:
            return f"{environment}/kubernetes/{'.'.join(rest).removesuffix('.rules.yaml')}.prometheusrule.yaml"
    return ""
