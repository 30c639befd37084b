"""Facts of the registry of semantic conventions: attributes, metrics, spans, events and entities, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from generators.comparison.facts import Fact, Prose, Value

CONVENTIONS: Final = "semantic conventions"
"""The subject of these facts."""

_NAMES: Final = {
    "attributes": "key",
    "metrics": "name",
    "spans": "type",
    "events": "name",
    "entities": "type",
    "metric_refinements": "id",
    "span_refinements": "id",
    "event_refinements": "id",
}
_PROSE = frozenset(("brief", "note"))


def convention_facts(text: str, path: str) -> tuple[Fact, ...]:
    """Return the facts of a file of the registry; none where it is not one."""
    try:
        document = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError):
        return ()
    if not isinstance(document, Mapping):
        return ()
    if "schema_url" in document:
        values = dict(_flat(document, ""))
        return (Fact(CONVENTIONS, "registry", "manifest", values=values, path=path),)
    return tuple(_facts(document, path))


def _facts(document: Mapping[str, Any], path: str) -> Iterator[Fact]:
    for root, field in _NAMES.items():
        found = document.get(root)
        for each in found if isinstance(found, list) else ():
            if isinstance(each, Mapping) and isinstance(name := each.get(field), str):
                values = dict(_flat({key: value for key, value in each.items() if key != field}, ""))
                yield Fact(CONVENTIONS, _kind(root), name, values=values, path=path)


def _kind(root: str) -> str:
    noun = root.replace("_refinements", "s").replace("entitys", "entities")
    return f"convention of {'an' if noun[0] in 'aeiou' else 'a'} {noun.removesuffix('s').replace('entitie', 'entity')}"


def _flat(value: object, name: str) -> Iterator[tuple[str, Value]]:
    """Yield the leaves of nested mappings under dotted names; items of lists go by what they refer to."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        names = [str(each.get("ref") or each.get("id") or each.get("schema_url")) for each in value]
        yield name, tuple(names)
        for label, each in zip(names, value, strict=True):
            own = {key: item for key, item in each.items() if key not in {"ref", "id"}}
            yield from _flat(own, f"{name}.{label}")
    elif isinstance(value, list):
        yield name, tuple(str(each) for each in value)
    elif name.rpartition(".")[2] in _PROSE:
        yield name, Prose(str(value))
    elif value is None or isinstance(value, (str, int, float, bool)):
        yield name, value
    else:
        yield name, str(value)
