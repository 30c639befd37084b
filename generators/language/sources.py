"""Where spec text comes from: files of a folder, the packs of the library, or another state of the repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from generators.diagnostics import LIBRARY_NAME, Position

LIBRARY = Path(__file__).parent.parent / "library"
SUFFIXES = (".yaml", ".yml")
COLLECTOR_BASES = "collector-config/"
"""Where the hand-written Collector configurations are, beside the specs."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A file's name, as problems print it, and its bytes."""

    file: str
    data: bytes


def read_specs(root: Path) -> tuple[Source, ...]:
    """Read all YAML files below a specs folder, named from its parent on (``specs/models/churn.yaml``).

    The Collector configurations of the folder beside it come with them.  Hidden files and folders are passed over.
    Raises OSError when a file cannot be read.
    """
    bases = sorted((root.parent / COLLECTOR_BASES).glob("*.yaml"))
    beside = tuple(Source(f"{COLLECTOR_BASES}{path.name}", path.read_bytes()) for path in bases)
    return beside + tuple(
        Source((PurePosixPath(root.name) / path.relative_to(root).as_posix()).as_posix(), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file() and not _hidden(path.relative_to(root))
    )


@lru_cache(maxsize=1)
def read_library() -> tuple[Source, ...]:
    """Read the packs that come with the compiler, named ``library/<pack>.yaml``."""
    return tuple(
        Source(f"{LIBRARY_NAME}{path.name}", path.read_bytes()) for path in sorted((LIBRARY / "packs").glob("*.yaml"))
    )


def of_library(place: Position) -> bool:
    """Whether something is stated by a pack that comes with the compiler, and by nobody who can change it."""
    return place.file.startswith(LIBRARY_NAME)


def texts(sources: Iterable[Source]) -> dict[str, str]:
    """Return each file's text by its name, for showing lines beside problems."""
    return {source.file: source.data.decode("utf-8", errors="replace") for source in sources}


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
