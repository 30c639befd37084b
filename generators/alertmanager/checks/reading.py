"""Careful access to plain values that may be anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from generators.diagnostics import Path

Node: TypeAlias = Mapping[str, object]


def mapping(value: object) -> Node:
    """Return a mapping as it is and anything else as an empty one: its shape is reported elsewhere."""
    return value if isinstance(value, Mapping) else {}


def items(node: Node, key: str, path: Path) -> Iterator[tuple[object, Path]]:
    """Yield the entries of a list under a key with their paths; nothing if there is no list."""
    values = node.get(key)
    if isinstance(values, list | tuple):
        for index, value in enumerate(values):
            yield value, (*path, key, index)


def nodes(node: Node, key: str, path: Path) -> Iterator[tuple[Node, Path]]:
    """Yield the mappings in a list under a key with their paths."""
    for value, place in items(node, key, path):
        if isinstance(value, Mapping):
            yield value, place


def text(value: object) -> str:
    """Return a scalar as text, and nothing as empty text."""
    return "" if value is None or isinstance(value, Mapping | list | tuple) else str(value)


def given(node: Node, key: str) -> bool:
    """Whether a setting has a value; empty text and zero are none, as for Alertmanager."""
    return node.get(key) not in (None, "", 0, False)


def routes(document: Node) -> Iterator[tuple[Node, Path]]:
    """Yield every route of the tree with its path, parents before children."""
    open_ = [(mapping(document.get("route")), ("route",))] if isinstance(document.get("route"), Mapping) else []
    stack: list[tuple[Node, Path]] = list(open_)
    while stack:
        node, path = stack.pop()
        yield node, path
        stack.extend(reversed(list(nodes(node, "routes", path))))
