"""Where a model runs, and what its spec says of single environments."""

from __future__ import annotations

from generators.formats.yaml.nodes import NOTHING, Mapping, Scalar, Sequence, at
from generators.language.documents import Document


def places(model: Document) -> tuple[Scalar, ...] | None:
    """Return the names of the environments that a model lists; None if it lists none and so runs in all."""
    match model.spec.get("environments"):
        case Sequence(items=items):
            return tuple(each for each in items if isinstance(each, Scalar))
        case Mapping(entries=entries):
            return tuple(entry.name for entry in entries)
        case _:
            return None


def only_in(model: Document, environment: str) -> Mapping:
    """Return what a model says of one environment, which lies over all else that it says."""
    stated = at(model.spec, "environments", environment)
    return stated if isinstance(stated, Mapping) else NOTHING
