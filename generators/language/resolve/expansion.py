"""A model's spec as it stands in one environment: packs, platform, environment and model laid over each other.

Every value keeps the place that it comes from. This is what ``resolve`` reads, before it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generators.diagnostics import Problem
from generators.formats.yaml.nodes import NOTHING, Entry, Mapping, Scalar, Sequence
from generators.language.documents import Document, load
from generators.language.resolve.deployments import SECTIONS
from generators.language.resolve.layering import layered
from generators.language.resolve.packs import chain, combined, packs
from generators.language.resolve.places import only_in, places
from generators.language.sources import Source, read_library


@dataclass(frozen=True, slots=True)
class Expanded:
    """The spec of a model in an environment, and the packs that it builds on, most general first."""

    tenant: str
    model: str
    environment: str
    packs: tuple[str, ...]
    spec: Mapping


def expanded(sources: Iterable[Source]) -> tuple[Expanded, ...]:
    """Return every model in every environment that it runs in, as far as documents are well shaped."""
    documents = load(sources).loaded
    library = load(read_library()).loaded
    problems: list[Problem] = []
    available = packs(library, [each for each in documents if each.kind == "Pack"], frozenset(), problems)
    environments = {each.name: each for each in documents if each.kind == "Environment"}
    platforms = [each for each in documents if each.kind == "Platform"]
    found: list[Expanded] = []
    for document in documents:
        if document.kind != "Model":
            continue
        ordered = chain(_pack_names(document), available, problems)
        for name in _environment_names(document, environments):
            below = [node for each in (*platforms[:1], environments[name]) for node in _defaults(each)]
            spec = layered((combined(ordered), *below, document.spec, only_in(document, name)), NOTHING)
            names = tuple(pack.name for pack in ordered)
            found.append(Expanded(document.tenant, document.name, name, names, _facts_first(_in_one(spec))))
    return tuple(sorted(found, key=lambda each: (each.tenant, each.model, each.environment)))


def _in_one(spec: Mapping) -> Mapping:
    """Leave of the environments their names: what the spec says of one has been laid over it."""
    stated = spec.get("environments")
    if not isinstance(stated, Mapping):
        return spec
    names = Sequence(tuple(entry.name for entry in stated.entries), stated.source, stated.start, stated.end)
    return spec.holding(tuple(Entry(each.name, names) if each.value is stated else each for each in spec.entries))


def _facts_first(spec: Mapping) -> Mapping:
    """Put what the model is before what is watched of it."""
    return spec.holding(tuple(sorted(spec.entries, key=lambda entry: entry.key in SECTIONS)))


def _pack_names(document: Document) -> tuple[Scalar, ...]:
    task, further = document.spec.get("task"), document.spec.get("packs")
    items = further.items if isinstance(further, Sequence) else ()
    return tuple(each for each in (task, *items) if isinstance(each, Scalar))


def _environment_names(document: Document, environments: Iterable[str]) -> list[str]:
    listed = places(document)
    return sorted(environments if listed is None else {each.text for each in listed} & set(environments))


def _defaults(document: Document) -> Iterator[Mapping]:
    node = document.spec.get("defaults")
    if isinstance(node, Mapping):
        yield node
