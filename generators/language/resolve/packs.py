"""Packs: which ones a model builds on, in order, and what they say together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generators.diagnostics import Code, Problem, did_you_mean
from generators.formats.yaml.nodes import NOTHING, Scalar
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.language.catalog import Platform
from generators.language.documents import Document
from generators.language.resolve.layering import lay_mapping_over, layered
from generators.language.resolve.reading import Reading

UNKNOWN_PACK = Code(
    "R306",
    "Unknown pack",
    "There is no built-in pack and no pack of the organisation of that name.",
    "task: classificaton",
    "task: binary-classification",
)
CIRCULAR_PACKS = Code(
    "R307",
    "Packs in a circle",
    "A pack cannot build on itself.",
    "extends: [itself]",
    "extends: [service]",
)

NOT_DECLARED = Code(
    "R341",
    "Other systems not declared",
    "A pack reads what other systems emit. The platform says which of them it has, and what their series carry.",
    "packs: [resources]  # and no `external` in the platform",
    "watchspec new external resources",
)

OWN = ("description", "extends", "external", "task")
"""Keys of a pack that are about the pack and not about what it watches."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: what it says itself, the names of the packs that it builds on, and series of other systems by name."""

    name: str
    task: bool
    extends: tuple[Scalar, ...]
    monitoring: MappingNode
    files: tuple[str, ...]
    external: Mapping[str, Reading]


def packs(
    library: Iterable[Document], own: Iterable[Document], broken: Collection[str], problems: list[Problem]
) -> dict[str, Pack]:
    """Return all packs by name; an organisation's pack is laid over the built-in of the same name.

    Names of ``broken`` documents are missing, but not unknown.
    """
    result = {document.name: _pack(document) for document in library if document.kind == "Pack"}
    for document in own:
        pack = _pack(document)
        below = result.get(pack.name)
        result[pack.name] = pack if below is None else _laid_over(below, pack)
    for pack in result.values():
        for name in pack.extends:
            if name.text not in result and name.text not in broken:
                problems.append(unknown_pack(name, result))
    return result


def chain(names: Iterable[Scalar], packs: Mapping[str, Pack], problems: list[Problem]) -> tuple[Pack, ...]:
    """Return the packs that the named ones consist of, most general first, each once.

    Unknown names are passed over (they have been reported); a pack that builds on itself is a problem.
    """
    ordered: dict[str, Pack] = {}
    for name in names:
        _visit(name, packs, ordered, (), problems)
    return tuple(ordered.values())


def is_complete(names: Iterable[Scalar], packs: Mapping[str, Pack]) -> bool:
    """Whether the named packs and all that they build on are there."""
    waiting, seen = [name.text for name in names], set[str]()
    while waiting:
        pack = packs.get(waiting.pop())
        if pack is None:
            return False
        if pack.name not in seen:
            seen.add(pack.name)
            waiting += [name.text for name in pack.extends]
    return True


def absent(chain: Iterable[Pack], declared: Collection[str]) -> frozenset[str]:
    """Return the series of other systems that packs read and that the platform does not declare."""
    return frozenset(name for pack in chain for name in pack.external if name not in declared)


def undeclared(
    names: Iterable[Scalar], packs: Mapping[str, Pack], platform: Platform, said: set[str]
) -> Iterator[Problem]:
    """Yield a problem for each pack, where it is first asked for, that needs what the platform does not declare."""
    for name in names:
        for pack in chain([name], packs, []):
            needed = {
                series: each.text("source")
                for series, each in pack.external.items()
                if series not in platform.external and not each.flag("optional", default=False)
            }
            if needed and pack.name not in said:
                said.add(pack.name)
                systems = " and ".join(dict.fromkeys(needed.values()))
                shown = ", ".join(f"`{each}`" for each in list(needed)[:2])
                message = (
                    f"pack `{pack.name}` reads series of {systems} that the platform does not declare: "
                    f"{shown}{' …' if len(needed) > 2 else ''}"
                )
                help_ = f"add what `watchspec new external {pack.name}` prints to the platform's `external`"
                yield Problem(NOT_DECLARED, message, name.position, help_)


def combined(chain: Iterable[Pack]) -> MappingNode:
    """Return what the packs say together."""
    return layered((pack.monitoring for pack in chain), NOTHING)


def unknown_pack(name: Scalar, packs: Mapping[str, Pack]) -> Problem:
    """Return the problem of a name that no pack has."""
    help_ = did_you_mean(name.text, packs) or f"packs: {', '.join(sorted(packs))}"
    return Problem(UNKNOWN_PACK, f"there is no pack `{name.text}`", name.position, help_)


def _visit(
    name: Scalar,
    packs: Mapping[str, Pack],
    ordered: dict[str, Pack],
    path: tuple[str, ...],
    problems: list[Problem],
) -> None:
    if name.text in path:
        circle = " → ".join((*path[path.index(name.text) :], name.text))
        problems.append(
            Problem(
                CIRCULAR_PACKS,
                f"packs build on each other in a circle: {circle}",
                name.position,
                "remove one `extends`",
            )
        )
        return
    pack = packs.get(name.text)
    if pack is None or name.text in ordered:
        return
    for below in pack.extends:
        _visit(below, packs, ordered, (*path, name.text), problems)
    ordered[name.text] = pack


def _pack(document: Document) -> Pack:
    reading = Reading(document.spec, [])
    entries = tuple(entry for entry in document.spec.entries if entry.key not in OWN)
    return Pack(
        document.name,
        reading.flag("task", default=False),
        reading.scalars("extends"),
        document.spec.holding(entries),
        (document.file,),
        {entry.key: each for entry, each in reading.children("external")},
    )


def _laid_over(below: Pack, above: Pack) -> Pack:
    merged = lay_mapping_over(below.monitoring, above.monitoring)
    extends = (*below.extends, *(name for name in above.extends if name.text != below.name))
    return Pack(
        above.name,
        below.task or above.task,
        extends,
        merged,
        (*below.files, *above.files),
        {**below.external, **above.external},
    )
