"""YAML with the place of every node: text → tree of scalars, mappings and sequences.

The tree is built from the parser's events, so neither deep nesting nor aliases of aliases can exhaust memory or the
stack.  Scalars keep their text as written: what a value means is up to who reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from generators.diagnostics import Code, Severity
from generators.formats.yaml.syntax import is_too_deep
from generators.promql.rules.problems import Place, RuleProblem

NOT_YAML = Code("Q601", "the file is not YAML", "Nothing in it can be read.", "groups: [", "groups: []")
TOO_LARGE = Code(
    "Q602",
    "the file is too large or nested too deeply",
    "A file of that size is almost always a mistake, and would take long to evaluate.",
    "one file of 300,000 rules",
    "several files",
)
WRONG_KIND = Code(
    "Q604", "a value of the wrong kind", "A list, a mapping or text is expected here.", "rules: up", "rules: []"
)
KEY_TWICE = Code(
    "Q605",
    "a key that stands twice",
    "YAML forbids it, and readers disagree about which one counts.",
    "labels: {a: x, a: y}",
    "labels: {a: y}",
)
SECOND_DOCUMENT = Code(
    "Q606",
    "a second YAML document",
    "Prometheus reads only the first document of a file; the rules of the others do not exist.",
    "groups: [...]\n---\ngroups: [...]",
    "groups: [..., ...]",
    Severity.WARNING,
)
NOTHING_IN_FILE = Code(
    "Q619",
    "a file with nothing in it",
    "Whatever should have been written there was lost; promtool is content with such a file.",
    "# to do",
    "groups: []",
)


try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_CHARACTERS = 20_000_000
MAX_DEPTH = 60
MERGE = "<<"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class Scalar(NamedTuple):
    """A scalar: its text, its place, and the stretch of the file that it was written in."""

    text: str
    line: int
    column: int
    style: str = ""
    start: int = 0
    end: int = 0

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.line, self.column)

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
    manifest: tuple[Node, ...] = ()
    """The roots of all documents, where the first is a Kubernetes resource."""


class _ReadError(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: RuleProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_yaml(text: str) -> tuple[Yaml | None, tuple[RuleProblem, ...]]:
    """Read the first document; a file that is not YAML, too large or too deep is a problem."""
    if len(text) > MAX_CHARACTERS:
        message = f"the file has {len(text):,} characters; more than {MAX_CHARACTERS:,} are not read"
        return None, (RuleProblem(TOO_LARGE, message, Place(1, 1), "split it into several files"),)
    builder = _Builder()
    try:
        builder.run(text)
    except _ReadError as error:
        return None, (error.problem,)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        if is_too_deep(error):
            return None, (_too_deep(place),)
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        return None, (RuleProblem(NOT_YAML, f"not YAML: {reason}", place, _remedy(text, mark.index if mark else 0)),)
    except (yaml.YAMLError, UnicodeError) as error:
        return None, (RuleProblem(NOT_YAML, f"not YAML: {str(error).splitlines()[0]}", Place(1, 1)),)
    return Yaml(builder.root, builder.documents, builder.manifest), tuple(builder.problems)


def _too_deep(place: Place) -> RuleProblem:
    return RuleProblem(TOO_LARGE, f"nested more than {MAX_DEPTH} deep", place)


def _remedy(text: str, index: int) -> str:
    if text[index : index + 1] == "\t":
        return "indent with spaces; YAML takes no tabs"
    return "look at the indentation, the quotes and the brackets here and in the line above"


class _Builder:
    """Puts the tree together; nested collections are on a stack of its own."""

    def __init__(self) -> None:
        self.documents = 0
        self.problems: list[RuleProblem] = []
        self.anchors: dict[str, Node] = {}
        self.roots: list[Node] = []

    @property
    def root(self) -> Node | None:
        """What the first document is, None where it is empty."""
        return self.roots[0] if self.roots else None

    @property
    def manifest(self) -> tuple[Node, ...]:
        """The roots of all documents that were read, where the first is a Kubernetes resource."""
        first = self.root
        keys = {key.text for key, _ in first.entries} if isinstance(first, Mapping) else set()
        return tuple(self.roots) if {"apiVersion", "kind"} <= keys else ()

    def run(self, text: str) -> None:
        """Take all events; of a second document only the fact that it is there matters, unless it is a manifest's."""
        loader = _Loader(text)
        get_event: Callable[[], Any] = loader.get_event
        stack: list[tuple[list[Node], CollectionStartEvent]] = []
        siblings = self.roots
        skip = True
        try:
            while (event := get_event()) is not None:
                kind = event.__class__
                if kind is DocumentStartEvent:
                    self.documents += 1
                    skip = self.documents > 1 and not self.manifest
                elif skip:
                    continue
                elif kind is ScalarEvent:
                    node = _scalar(event)
                    siblings.append(node if event.anchor is None else self.known(event, node))
                elif kind is MappingStartEvent or kind is SequenceStartEvent:
                    if len(stack) >= MAX_DEPTH:
                        raise _ReadError(_too_deep(_place(event)))
                    stack.append((siblings, event))
                    siblings = []
                elif kind is MappingEndEvent or kind is SequenceEndEvent:
                    children = siblings
                    siblings, event = stack.pop()
                    siblings.append(self.known(event, self.close(children, event)))
                elif kind is AliasEvent:
                    siblings.append(self.alias(event))
        finally:
            loader.dispose()

    def known(self, event: NodeEvent, node: Node) -> Node:
        """Return a finished node, and remember it where it has an anchor."""
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: NodeEvent) -> Node:
        """Return what an alias stands for."""
        if event.anchor not in self.anchors:
            message = f"alias `*{event.anchor}` has no anchor before it"
            raise _ReadError(RuleProblem(NOT_YAML, message, _place(event)))
        return self.anchors[event.anchor]

    def close(self, children: list[Node], event: CollectionStartEvent) -> Node:
        """Turn a finished collection into a node."""
        if event.__class__ is SequenceStartEvent:
            return Sequence(tuple(children), _place(event))
        keys, values = children[::2], children[1::2]
        names = {key.text for key in keys if key.__class__ is Scalar}
        if len(names) == len(keys) and MERGE not in names:
            return Mapping(tuple(zip(keys, values, strict=True)), _place(event))  # type: ignore[arg-type]
        return self.close_unusual(keys, values, _place(event))

    def close_unusual(self, keys: list[Node], values: list[Node], place: Place) -> Mapping:
        """Turn a mapping into a node that has merge keys, keys that stand there twice, or keys that are no text."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(keys, values, strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(RuleProblem(WRONG_KIND, "a key must be text", key.place))
            elif key.text == MERGE and not key.style:
                merged.update(_merged(value))
            elif key.text in entries:
                first = entries[key.text][0].place.line
                message = f"key `{key.text}` stands here twice, first in line {first}"
                self.problems.append(RuleProblem(KEY_TWICE, message, key.place, "remove one of them"))
            else:
                entries[key.text] = (key, value)
        return Mapping((*entries.values(), *(pair for name, pair in merged.items() if name not in entries)), place)


def _merged(value: Node) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
    """Yield the entries of what ``<<`` refers to, the most important last."""
    sources = reversed(value.items) if isinstance(value, Sequence) else (value,)
    for source in sources:
        if isinstance(source, Mapping):
            yield from ((key.text, (key, item)) for key, item in source.entries)


def _scalar(event: ScalarEvent) -> Scalar:
    start, end = event.start_mark, event.end_mark
    assert start is not None  # noqa: S101 - only built events have no marks
    assert end is not None  # noqa: S101 - as above
    written = (event.value, start.line + 1, start.column + 1, event.style or "", start.index, end.index)
    return tuple.__new__(Scalar, written)  # as Scalar(*written), without a call in between


def _place(event: Event) -> Place:
    assert event.start_mark is not None  # noqa: S101 - only built events have no marks
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def nothing(yaml_file: Yaml, key: str) -> tuple[RuleProblem, ...]:
    """Return the problem of a file with nothing in it, where ``key`` should stand; promtool has none."""
    if yaml_file.root is not None and not (isinstance(yaml_file.root, Scalar) and yaml_file.root.is_null):
        return ()
    return (
        RuleProblem(
            NOTHING_IN_FILE, "there is nothing in this file", Place(1, 1), f"write `{key}:`, or delete the file"
        ),
    )


def second_document(yaml_file: Yaml) -> tuple[RuleProblem, ...]:
    """Return the warning for a file of several documents."""
    if yaml_file.documents < 2 or yaml_file.manifest:
        return ()
    message = "only the first YAML document of a rule file is used"
    return (RuleProblem(SECOND_DOCUMENT, message, Place(1, 1), "write one file each"),)
