"""A hand-written base and what follows from specs, merged: by one rule, with the origin of every leaf.

What stands in the base stays.  What follows from specs is added.  Lists of pipelines and extensions are joined, what
only the base names first.  Any other key that both set differently is a problem: what protects or routes people's
data has one origin.  An entry ``type/every`` of the base is laid below all components of its type, and a pipeline that
the base only prepares is left out where specs have no use for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generators.diagnostics import Code, Problem
from generators.formats.yaml.nodes import Mapping as MappingNode
from generators.formats.yaml.nodes import Node, plain
from generators.language.catalog.collector import Tier
from generators.planning.collector.plan import Configuration, Origin, Path, Setting

BASE_DISAGREES = Code(
    "C809",
    "Base and specs disagree",
    "A setting that follows from specs must not stand in the base with another value: what protects people, or "
    "routes them, has one origin.",
    "tail_sampling: {decision_wait: 99s}  # in the base, while the spec says `wait: 10s`",
    "tail_sampling: {num_traces: 20000}",
)

SECTIONS: Final = ("extensions", "receivers", "processors", "connectors", "exporters", "service")
STEPS: Final = ("receivers", "processors", "exporters")
EVERY: Final = "every"


@dataclass(frozen=True, slots=True)
class _Leaf:
    value: object
    origin: Origin


def merge(
    tier: Tier, base: MappingNode, settings: Iterable[Setting], files: Iterable[str]
) -> tuple[Configuration, tuple[Problem, ...]]:
    """Return the configuration of a tier; with problems it must not be used."""
    stated = tuple(settings)
    leaves: dict[Path, _Leaf] = dict(_base_leaves(base, ()))
    problems: list[Problem] = []
    for setting in stated:
        problems += _broken_seals(leaves, setting)
        for path, value in _flat(setting.value, setting.path):
            _put(leaves, path, _Leaf(value, Origin(path, setting.why, setting.places)), problems)
    leaves = _with_patterns(_fed(leaves))
    document = _tree(leaves)
    ordered = {section: document[section] for section in (*SECTIONS, *document) if section in document}
    origins = tuple(leaf.origin for leaf in leaves.values())
    sources = tuple(sorted({base.position.file, *files}))
    return Configuration(tier, ordered, origins, stated, sources), tuple(problems)


def _base_leaves(node: Node, path: Path) -> Iterator[tuple[Path, _Leaf]]:
    if isinstance(node, MappingNode) and node.entries:
        for entry in node.entries:
            if isinstance(entry.value, MappingNode) and entry.value.entries:
                yield from _base_leaves(entry.value, (*path, entry.key))
            else:
                here = (*path, entry.key)
                yield here, _Leaf(plain(entry.value), Origin(here, "", (entry.value.position,)))


def _flat(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, (*path, str(key)))
    else:
        yield path, value


def _broken_seals(leaves: Mapping[Path, _Leaf], setting: Setting) -> Iterator[Problem]:
    """Yield what a base adds to a part that is sealed."""
    for path, leaf in leaves.items():
        if setting.sealed and path[: len(setting.path)] == setting.path:
            yield _conflict(path, leaf, _Leaf(None, Origin(path, setting.why, setting.places)))


def _put(leaves: dict[Path, _Leaf], path: Path, leaf: _Leaf, problems: list[Problem]) -> None:
    """Add a leaf that follows from specs."""
    there = leaves.get(path)
    if there is None:
        if _make_room(leaves, path):
            leaves[path] = leaf
        else:
            clash = _clash(leaves, path)
            problems.append(_conflict(path, leaves[clash or path], leaf))
    elif _is_joined(path) and isinstance(there.value, list) and isinstance(leaf.value, list):
        joined = [*(each for each in there.value if each not in leaf.value), *leaf.value]
        places = (*there.origin.places, *leaf.origin.places)
        leaves[path] = _Leaf(joined, Origin(path, leaf.origin.why, places))
    elif there.value != leaf.value:
        problems.append(_conflict(path, there, leaf))


def _clash(leaves: Mapping[Path, _Leaf], path: Path) -> Path | None:
    """Return a leaf of the base where the path needs a mapping, or below it where it needs a value."""
    above = (path[:length] for length in range(1, len(path)))
    found = next((each for each in above if each in leaves), None)
    return found or next((each for each in leaves if each[: len(path)] == path), None)


def _is_joined(path: Path) -> bool:
    """Whether lists at a path are joined: those of a pipeline, and the extensions of the service."""
    pipelines = len(path) == 4 and path[:2] == ("service", "pipelines")
    return pipelines or path == ("service", "extensions")


def _conflict(path: Path, there: _Leaf, leaf: _Leaf) -> Problem:
    name = ".".join(path)
    message = f"`{name}` follows from specs, and the base sets it to something else"
    related = tuple(("what it follows from", place) for place in leaf.origin.places[:1])
    return Problem(BASE_DISAGREES, message, there.origin.places[0], "remove it from the base", related=related)


def _fed(leaves: Mapping[Path, _Leaf]) -> dict[Path, _Leaf]:
    """Leave out the pipelines that receive from nothing and send to nothing."""
    wired = {path[2] for path in leaves if _is_joined(path) and path[-1] in {"receivers", "exporters"}}
    return {
        path: leaf
        for path, leaf in leaves.items()
        if path[:2] != ("service", "pipelines") or len(path) < 3 or path[2] in wired
    }


def _with_patterns(leaves: Mapping[Path, _Leaf]) -> dict[Path, _Leaf]:
    """Lay ``type/every`` below each component of its type, and take it out."""
    result = {path: leaf for path, leaf in leaves.items() if not _is_pattern(path)}
    components = dict.fromkeys(path[:2] for path in result if len(path) > 1 and path[0] != "service")
    for path, leaf in leaves.items():
        if not _is_pattern(path):
            continue
        kind = path[1].partition("/")[0]
        for section, name in components:
            here = (section, name, *path[2:])
            if section == path[0] and name.partition("/")[0] == kind and _make_room(result, here):
                result[here] = _Leaf(leaf.value, Origin(here, f"Of every {kind}.", leaf.origin.places))
    return result


def _make_room(leaves: dict[Path, _Leaf], path: Path) -> bool:
    """Whether nothing is said at a path yet; what is empty above it gives way."""
    if path in leaves:
        return False
    clash = _clash(leaves, path)
    if clash is not None and leaves[clash].value in (None, {}):
        del leaves[clash]
        return True
    return clash is None


def _is_pattern(path: Path) -> bool:
    return len(path) > 1 and path[0] in SECTIONS and path[1].endswith(f"/{EVERY}")


def _tree(leaves: Mapping[Path, _Leaf]) -> dict[str, object]:
    root: dict[str, object] = {}
    for path, leaf in sorted(leaves.items(), key=lambda item: _order(item[0])):
        here = root
        for key in path[:-1]:
            inner = here.setdefault(key, {})
            if not isinstance(inner, dict):
                raise TypeError(f"{path} leads through a value")
            here = inner
        here[path[-1]] = leaf.value
    return root


def _order(path: Path) -> int:
    """Return the place of a pipeline's part among its parts, in the order in which data passes."""
    return STEPS.index(path[3]) if _is_joined(path) and len(path) == 4 and path[3] in STEPS else 0
