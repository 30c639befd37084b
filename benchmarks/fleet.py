"""A generated organisation: as many models as asked for, on the committed platform, teams and environments."""

from __future__ import annotations

import re
from pathlib import Path

from generators.language.sources import Source, read_specs

SPECS = Path(__file__).parent.parent / "specs"
TASKS = ("screening", "cultivar", "progression")
ENVIRONMENTS = re.compile(rb"environments: \[[^]]*\]")
LIMITS = "  budget:"


def fleet(models: int) -> tuple[Source, ...]:
    """Return sources with the committed organisation and ``models`` further models in production, a third of each kind.

    The platform's budget is left out, since it is made for the committed models.
    """
    committed = read_specs(SPECS)
    templates = [next(each for each in committed if each.file.endswith(f"models/{task}.yaml")) for task in TASKS]
    made = (
        Source(
            f"specs/models/generated-{index:04}.yaml",
            _renamed(templates[index % len(templates)].data, TASKS[index % len(TASKS)], index),
        )
        for index in range(models)
    )
    return (*(_without_budget(each) for each in committed), *made)


def _renamed(data: bytes, name: str, index: int) -> bytes:
    renamed = data.replace(f"name: {name}".encode(), f"name: {name}-{index:04}".encode(), 1)
    if ENVIRONMENTS.search(renamed):
        return ENVIRONMENTS.sub(b"environments: [production]", renamed)
    return renamed.replace(b"\nspec:\n", b"\nspec:\n  environments: [production]\n")


def _without_budget(source: Source) -> Source:
    """Drop the section ``budget`` of the platform."""
    if not source.file.endswith("platform.yaml") or "/teams/" in source.file:
        return source
    kept, inside = [], False
    for line in source.data.decode().splitlines(keepends=True):
        inside = line.startswith(LIMITS) or (inside and (line.startswith("    ") or not line.strip()))
        if not inside:
            kept.append(line)
    return Source(source.file, "".join(kept).encode())
