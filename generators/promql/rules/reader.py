"""YAML with the place of every node: text → tree of scalars, mappings and sequences.

The tree is built from the parser's events, so neither deep nesting nor aliases of aliases can exhaust memory or the
stack.  Scalars keep their text as written: what a value means is up to who reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from generators.promql.problems import Severity
from generators.promql.rules.problems import Place, RuleProblem

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_CHARACTERS = 20_000_000
MAX_DEPTH = 60
MERGE = "<<"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar: its text, its place, and the stretch of the file that it was written in."""

    text: str
    place: Place
    style: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def is_null(self) -> bool:
        """Tell whether the scalar stands for nothing."""
        return not self.style and self.text in _NULLS

    @property
    def value(self) -> str:
        """The text, empty for null."""
        return "" if self.is_null else self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, in the order of the file, merge keys resolved."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Yaml:
    """What was read: the root (None for an empty document), and how many documents there are."""

    root: Node | None = None
    documents: int = 0


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    place: Place
    is_mapping: bool
    anchor: str | None
    children: list[Node] = field(default_factory=list)


class _ReadError(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: RuleProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_yaml(text: str) -> tuple[Yaml | None, tuple[RuleProblem, ...]]:
    """Read the first document; a file that is not YAML, too large or too deep is a problem."""
    if len(text) > MAX_CHARACTERS:
        message = f"the file has {len(text):,} characters; more than {MAX_CHARACTERS:,} are not read"
        return None, (RuleProblem("Q602", message, Place(1, 1), "split it into several files"),)
    builder = _Builder()
    try:
        builder.run(_events(text))
    except _ReadError as error:
        return None, (error.problem,)
    return Yaml(builder.root, builder.documents), tuple(builder.problems)


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        raise _ReadError(RuleProblem("Q601", f"not YAML: {reason}", place)) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise _ReadError(RuleProblem("Q601", f"not YAML: {str(error).splitlines()[0]}", Place(1, 1))) from None


class _Builder:
    """Puts the tree together; nested collections are on a stack of its own."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.documents = 0
        self.problems: list[RuleProblem] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node] = {}

    def run(self, events: Iterator[yaml.Event]) -> None:
        """Take all events; of a second document only the fact that it is there matters."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
            elif self.documents <= 1:
                self.take(event)

    def take(self, event: yaml.Event) -> None:
        """Take one event of the first document."""
        start = event.start_mark
        place = Place(start.line + 1, start.column + 1) if start else Place(1, 1)
        match event:
            case yaml.ScalarEvent():
                self.add(_scalar(event, place), event.anchor)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if len(self.stack) >= MAX_DEPTH:
                    message = f"nested more than {MAX_DEPTH} deep"
                    raise _ReadError(RuleProblem("Q602", message, place))
                self.stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent), event.anchor))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                opened = self.stack.pop()
                self.add(self.close(opened), opened.anchor)
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    message = f"alias `*{event.anchor}` has no anchor before it"
                    raise _ReadError(RuleProblem("Q601", message, place))
                self.add(self.anchors[event.anchor], None)

    def add(self, node: Node, anchor: str | None) -> None:
        """Put a finished node where it belongs."""
        if anchor is not None:
            self.anchors[anchor] = node
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node

    def close(self, opened: _Open) -> Node:
        """Turn a finished collection into a node."""
        if not opened.is_mapping:
            return Sequence(tuple(opened.children), opened.place)
        entries: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(RuleProblem("Q604", "a key must be text", key.place))
            elif key.text == MERGE and not key.style:
                merged.update(_merged(value))
            elif key.text in entries:
                first = entries[key.text][0].place.line
                message = f"key `{key.text}` stands here twice, first in line {first}"
                self.problems.append(RuleProblem("Q605", message, key.place, "remove one of them"))
            else:
                entries[key.text] = (key, value)
        return Mapping(
            (*entries.values(), *(pair for name, pair in merged.items() if name not in entries)), opened.place
        )


def _merged(value: Node) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
    """Yield the entries of what ``<<`` refers to, the most important last."""
    sources = reversed(value.items) if isinstance(value, Sequence) else (value,)
    for source in sources:
        if isinstance(source, Mapping):
            yield from ((key.text, (key, item)) for key, item in source.entries)


def _scalar(event: yaml.ScalarEvent, place: Place) -> Scalar:
    start = event.start_mark.index if event.start_mark else 0
    end = event.end_mark.index if event.end_mark else start
    return Scalar(event.value, place, event.style or "", start, end)


def second_document(yaml_file: Yaml) -> tuple[RuleProblem, ...]:
    """Return the warning for a file of several documents."""
    if yaml_file.documents < 2:
        return ()
    message = "only the first YAML document of a rule file is used"
    return (RuleProblem("Q606", message, Place(1, 1), "write one file each", Severity.WARNING),)
