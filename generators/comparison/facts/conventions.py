"""Facts of the registry of semantic conventions: attributes, metrics, spans, events and entities, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from generators.comparison.facts.fact import Fact, Prose, Value
from generators.formats.yaml.reader import load_plain

CONVENTIONS: Final = "semantic conventions"
"""The subject of these facts."""

_NAMES: Final = {
    "attributes": ("key", "attribute"),
    "metrics": ("name", "metric"),
    "spans": ("type", "span"),
    "events": ("name", "event"),
    "entities": ("type", "entity"),
    "metric_refinements": ("id", "metric"),
    "span_refinements": ("id", "span"),
    "event_refinements": ("id", "event"),
}
_OWN_FACTS = "annotations.watchspec"
"""What annotations repeat of manifests of instruments, where it is compared already."""

_PROSE = frozenset(("brief", "note"))


def convention_facts(text: str, path: str) -> tuple[Fact, ...]:
    """Return the facts of a file of the registry; none where it is not one."""
    try:
        document = load_plain(text)
    except ValueError:
        return ()
    if not isinstance(document, Mapping):
        return ()
    if "schema_url" in document:
        values = dict(_flat(document, ""))
        return (Fact(CONVENTIONS, "registry", "manifest", values=values, path=path),)
    return tuple(_facts(document, path))


def _facts(document: Mapping[str, Any], path: str) -> Iterator[Fact]:
    for root, (field, noun) in _NAMES.items():
        found = document.get(root)
        for each in found if isinstance(found, list) else ():
            if isinstance(each, Mapping) and isinstance(name := each.get(field), str):
                flat = _flat({key: value for key, value in each.items() if key != field}, "")
                values = {key: value for key, value in flat if _OWN_FACTS not in key}
                yield Fact(CONVENTIONS, f"convention: {noun}", name, values=values, path=path)


def _flat(value: object, name: str) -> Iterator[tuple[str, Value]]:
    """Yield the leaves of nested mappings under dotted names; items of lists go by what they refer to."""
    if isinstance(value, Mapping) and value.keys() == {"members"}:
        yield name, "enum"
        yield "members", tuple(_member(each) for each in value["members"] or ())
    elif isinstance(value, Mapping):
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


def _member(member: object) -> str:
    """Return a member of an enum as its value, with its id where that is another word."""
    if not isinstance(member, Mapping):
        return str(member)
    id_, value = str(member.get("id")), str(member.get("value", member.get("id")))
    return value if id_ == value else f"{value} ({id_})"
