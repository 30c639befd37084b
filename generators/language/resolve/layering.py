"""Laying one spec over another: the more specific one wins, value by value, and each value keeps its own place."""

from __future__ import annotations

from collections.abc import Iterable

from generators.formats.yaml.nodes import Entry, Mapping, Node


def lay_over(base: Node, over: Node) -> Node:
    """Return ``base`` with ``over`` on top.

    Mappings are merged key by key, first the keys of ``base``; anything else is replaced whole.
    """
    return lay_mapping_over(base, over) if isinstance(base, Mapping) and isinstance(over, Mapping) else over


def lay_mapping_over(base: Mapping, over: Mapping) -> Mapping:
    """Return a mapping with another on top, key by key."""
    above = {entry.key: entry for entry in over.entries}
    if not above:
        return base
    merged = [_merged(entry, above.pop(entry.key, None)) for entry in base.entries]
    return over.holding((*merged, *above.values()))


def layered(layers: Iterable[Mapping], empty: Mapping) -> Mapping:
    """Return all layers on top of each other, most general first."""
    result = empty
    for layer in layers:
        result = lay_mapping_over(result, layer)
    return result


def _merged(entry: Entry, above: Entry | None) -> Entry:
    if above is None:
        return entry
    return Entry(above.name, lay_over(entry.value, above.value))
