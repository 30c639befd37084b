"""YAML as positioned, immutable nodes: every value and every key knows its file, line and column."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence as PathLike
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from generators.diagnostics import Position


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value.

    ``value`` is resolved by the YAML 1.2 core schema.  ``text`` is the content without quotes, escapes
    and indentation: exact decimals are read from it.  ``quoted`` is true for every style but plain, so
    ``value`` is then the text itself.  ``segments`` says where stretches of the text stand in the file, as
    (offset in the text, line, column, length), when it has several lines or escapes; else it is empty.
    """

    value: str | int | float | bool | None
    text: str
    quoted: bool
    position: Position
    segments: tuple[tuple[int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and its value in a mapping."""

    key: str
    key_position: Position
    value: Node


@dataclass(frozen=True)
class Mapping:
    """Keys and values in the order of the file; keys are text and occur once."""

    entries: tuple[Entry, ...]
    position: Position

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None."""
        entry = self._by_key.get(key)
        return entry.value if entry else None

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {entry.key: entry for entry in self.entries}

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(entry.key for entry in self.entries)


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """Return the same value as Python's own str, int, float, bool, None, list and dict."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key: plain(entry.value) for entry in node.entries}


def at(node: Node, *path: str | int) -> Node | None:
    """Return the node at the end of a path of keys and indices, or None where the path leaves the tree."""
    current: Node | None = node
    for step in path:
        if current is None:
            return None
        current = _child(current, step)
    return current


def find_position(node: Node, path: PathLike[str | int], *, key: bool = False) -> Position:
    """Return the position of the deepest node along a path; with ``key``, of its key where it has one.

    Steps that do not exist are passed over, since pydantic puts names of union members among the steps of its
    error locations; its ``[key]`` step asks for the key.
    """
    value_position = key_position = node.position
    for step in path:
        if step == "[key]":
            key = True
            continue
        child = _child(node, step)
        if child is None:
            continue
        entry = node.entry(step) if isinstance(node, Mapping) and isinstance(step, str) else None
        node = child
        value_position = child.position
        key_position = entry.key_position if entry else child.position
    return key_position if key else value_position


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def inside(scalar: Scalar, start: int, end: int) -> Position:
    """Return the position of ``scalar.text[start:end]``; the whole scalar's where its style hides columns."""
    whole = scalar.position
    if scalar.segments:
        line, column = _place(scalar, start)
        end_line, end_column = _place(scalar, end - 1, 1) if end > start else (line, column)
        return Position(whole.file, line, column, end_line, end_column)
    quote = 1 if scalar.quoted else 0
    if whole.line != whole.end_line or whole.end_column - whole.column != len(scalar.text) + 2 * quote:
        return whole
    first = whole.column + quote
    return Position(whole.file, whole.line, first + start, whole.line, first + max(start, end))


def _place(scalar: Scalar, offset: int, after: int = 0) -> tuple[int, int]:
    """Return line and column ``after`` characters behind an offset; folded space stands where its line ends."""
    index = max(0, bisect_right(scalar.segments, offset, key=lambda segment: segment[0]) - 1)
    begin, line, column, length = scalar.segments[index]
    return line, column + min(max(0, offset - begin + after), length)
