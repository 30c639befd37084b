"""YAML as positioned, immutable nodes: every value and every key knows its file, line and column.

Nodes hold offsets; positions are computed when somebody asks, so that reading ten thousand rules costs little.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as PathLike
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from generators.diagnostics import Position
from generators.formats.yaml.marks import NO_TEXT, Place, YamlText, extent, place_inside
from generators.formats.yaml.schema import NULLS, Plain

WHERE_LAST_ENDS: Final = -1
"""The end of a collection that ends where its last item does."""


class Scalar(NamedTuple):
    """A single value.

    ``text`` is the content without quotes, escapes and indentation: exact decimals are read from it. ``style`` is the
    quote or the sign of the block that it is written with, empty for a plain scalar; ``tag`` is its explicit tag.
    ``start`` and ``end`` are offsets in the source, properties and trailing line breaks included.
    """

    text: str
    style: str
    tag: str
    start: int
    end: int
    source: YamlText

    @property
    def value(self) -> Plain:
        """The value by the source's schema; the text where it is quoted, or a number out of range."""
        if self.style or self.tag:
            return self.source.schema.tagged(self.text, self.tag) if self.tag else self.text
        try:
            return self.source.schema.resolve(self.text)
        except OverflowError:
            return self.text

    @property
    def content(self) -> str:
        """The text as a reader of strings takes it: empty for null."""
        return "" if self.is_null else self.text

    @property
    def is_null(self) -> bool:
        """Whether the scalar stands for nothing."""
        return not self.style and self.text in NULLS and not self.tag

    @property
    def quoted(self) -> bool:
        """Whether the style is another than plain, so that the value is the text itself."""
        return bool(self.style)

    @property
    def place(self) -> Place:
        """Where it begins, which costs less than its position."""
        return self.source.place(extent(self.source.text, self.text, self.style, self.start, self.end)[0])

    @property
    def position(self) -> Position:
        """The stretch with its quotes, without anchor, tag and trailing line breaks."""
        return self.source.span(*extent(self.source.text, self.text, self.style, self.start, self.end))


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; ``start`` and ``end`` are offsets in the source."""

    items: tuple[Node, ...]
    source: YamlText
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def position(self) -> Position:
        """The stretch from its first character to the end of its last item or bracket."""
        return self.source.span(self.start, end_of(self))


class Entry(NamedTuple):
    """A key and its value in a mapping."""

    name: Scalar
    value: Node

    @property
    def key(self) -> str:
        """The text of the key."""
        return self.name.text

    @property
    def key_position(self) -> Position:
        """The place of the key."""
        return self.name.position


@dataclass(frozen=True)
class Mapping:
    """Keys and values in the order of the file, merged ones last; keys are text and occur once."""

    entries: tuple[Entry, ...]
    source: YamlText
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def position(self) -> Position:
        """The stretch from its first key or brace to the end of its last value or brace."""
        return self.source.span(self.start, end_of(self))

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return self._by_key.get(key)

    def get(self, key: str) -> Node | None:
        """Return the value of a key, or None."""
        entry = self._by_key.get(key)
        return entry.value if entry else None

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        return {entry.name.text: entry for entry in self.entries}

    def keys(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(entry.name.text for entry in self.entries)

    def holding(self, entries: tuple[Entry, ...]) -> Mapping:
        """Return a mapping of other entries that stands in the same place."""
        return Mapping(entries, self.source, self.start, end_of(self))


Node: TypeAlias = Scalar | Sequence | Mapping

NOTHING: Final = Mapping((), NO_TEXT, 0, 0)
"""A mapping without keys that stands nowhere."""


def end_of(node: Node) -> int:
    """Return the offset in its source at which a node ends."""
    while not isinstance(node, Scalar):
        if node.end != WHERE_LAST_ENDS:
            return node.end
        node = node.items[-1] if isinstance(node, Sequence) else node.entries[-1].value
    return extent(node.source.text, node.text, node.style, node.start, node.end)[1]


def text_at(place: Node, text: str) -> Scalar:
    """Return a text that nobody wrote, standing where another node does."""
    return Scalar(text, '"', "", place.start, end_of(place), place.source)


def plain(node: Node) -> Any:
    """Return the same value as Python's own str, int, float, bool, None, list and dict."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.name.text: plain(entry.value) for entry in node.entries}


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield all scalars of a tree, in order."""
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for entry in node.entries:
                yield from scalars(entry.value)


def at(node: Node, *path: str | int) -> Node | None:
    """Return the node at the end of a path of keys and indices, or None where the path leaves the tree."""
    current: Node | None = node
    for step in path:
        if current is None:
            return None
        current = _child(current, step)
    return current


def deepest(node: Node, path: PathLike[str | int]) -> tuple[Entry | None, Node]:
    """Return the node at the end of the longest part of a path that is there, and its entry if it is a key's value."""
    entry: Entry | None = None
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        entry = node.entry(step) if isinstance(node, Mapping) and isinstance(step, str) else None
        node = child
    return entry, node


def find_position(node: Node, path: PathLike[str | int], *, key: bool = False) -> Position:
    """Return the position of the deepest node along a path; with ``key``, of its key where it has one.

    Steps that do not exist are passed over, since pydantic puts names of union members among the steps of its
    error locations; its ``[key]`` step asks for the key.
    """
    name: Scalar | None = None
    for step in path:
        if step == "[key]":
            key = True
            continue
        child = _child(node, step)
        if child is None:
            continue
        entry = node.entry(step) if isinstance(node, Mapping) and isinstance(step, str) else None
        name = entry.name if entry else None
        node = child
    return name.position if key and name is not None else node.position


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def inside(scalar: Scalar, start: int, end: int) -> Position:
    """Return the position of ``scalar.text[start:end]``; the whole scalar's where its style hides columns."""
    return place_inside(scalar.source, scalar.position, scalar.text, scalar.style, start, end)
